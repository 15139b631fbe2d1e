import { expect, test } from "vitest";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { agentsRole, journalUrl } from "./agents.ts";
import { renderAlertmanager } from "./alertmanager.ts";
import { monitoringRoles } from "./roles.ts";
import { appHost, grafanaImage, roleFiles, testMonitoring, testReceivers, tlsFiles } from "./testing.ts";

const spec = { ...testMonitoring, grafanaImage };

describeWithDebian("files of the monitoring host, read by the programs they are for", (debian) => {
  test("promtool, amtool, the blackbox exporter and systemd find nothing wrong", async () => {
    const roles = [agentsRole({ journalUrl: journalUrl(spec.address) }), ...monitoringRoles(spec)];
    const units = [...new Set(roles.flatMap((role) => role.units.map((unit) => unit.name)))];
    const result = await debian.script({
      files: { ...roleFiles(roles), ...(await tlsFiles(spec.name, spec.address)) },
      script: `
promtool check config --lint-fatal /etc/prometheus/prometheus.yml >/tmp/out || { cat /tmp/out >&2; exit 1; }
amtool check-config /etc/prometheus/alertmanager.yml >/tmp/out || { cat /tmp/out >&2; exit 1; }
prometheus-blackbox-exporter --config.file=/etc/prometheus/blackbox.yml --config.check 2>/tmp/out || { cat /tmp/out >&2; exit 1; }
mkdir /run/generated
/usr/lib/systemd/system-generators/podman-system-generator /run/generated /run/generated /run/generated
cp /run/generated/*.service /etc/systemd/system/
for unit in ${units.join(" ")}; do
  path=/etc/systemd/system/$unit
  [ -e $path ] || path=/usr/lib/systemd/system/$unit
  systemd-analyze verify --man=no $path
done
for file in /etc/sovereign/grafana/dashboards/*.json; do jq -e .panels[0].targets[0].expr $file >/dev/null; done
`,
    });
    expect(result.stderr).toBe("");
    expect(result.code).toBe(0);
  });

  test("alerts go to those who asked for their severity, and the dead man's switch to the heartbeat alone", async () => {
    const routed = async (labels: string) => {
      const result = await debian.run({
        argv: ["amtool", "config", "routes", "test", "--config.file=/am.yml", ...labels.split(" ")],
        files: { "/am.yml": renderAlertmanager(testReceivers) },
      });
      return result.stdout.trim();
    };
    expect(await routed("alertname=HostDown severity=critical")).toBe("on-call,team");
    expect(await routed("alertname=DiskSpaceLow severity=warning")).toBe("team");
    expect(await routed("alertname=RebootRequired severity=info")).toBe("nobody");
    expect(await routed("alertname=Watchdog severity=none")).toBe("heartbeat");
  });

  test("Prometheus finds app servers, and an alert reaches a webhook with its token", async () => {
    const here = {
      ...testMonitoring,
      address: "127.0.0.4",
      plan: { subnet: () => "127.0.16.0/29" },
      hosts: [appHost],
      probes: [],
      receivers: [
        { kind: "webhook", name: "beat", url: "http://127.0.0.1:8888/beat", heartbeat: true, hasToken: true },
      ] as const,
    };
    const result = await debian.script({
      timeoutMs: 55_000,
      files: {
        ...roleFiles([agentsRole({}), ...monitoringRoles(here)]),
        "/hook.py": `import http.server
class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        open("/tmp/hook", "w").write(self.headers["Authorization"] + "\\n" + body)
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", 8888), Hook).serve_forever()
`,
      },
      script: `
exec 2>/tmp/err
trap 'tail -c 1500 /tmp/*.log' EXIT
install -d -o prometheus /var/lib/sovereign-discovery
sed -i 's/interval: [0-9]*s/interval: 1s/; s/timeout: [0-9]*s/timeout: 1s/' /etc/prometheus/prometheus.yml
run() { name=$1; shift; setpriv --reuid=prometheus --regid=prometheus --clear-groups "$@" >/tmp/$name.log 2>&1 & }
until_true() { for _ in $(seq 200); do if eval "$1"; then return; fi; sleep 0.2; done; echo "waited for: $1"; exit 1; }
python3 /hook.py & 
. /etc/default/prometheus-node-exporter; run node prometheus-node-exporter $ARGS
until_true 'curl -so /dev/null 127.0.0.1:9100'
setpriv --reuid=prometheus --regid=prometheus --clear-groups /usr/local/lib/sovereign/discover.py /etc/sovereign/discovery.json
. /etc/default/prometheus-alertmanager; run alertmanager prometheus-alertmanager $ARGS
. /etc/default/prometheus; run prometheus prometheus $ARGS --rules.alert.resend-delay=1s
until_true 'curl -so /dev/null 127.0.0.4:9090/-/ready'
until_true 'promtool query instant http://127.0.0.4:9090 "count by (host, location) (up{job=\\"node\\",role=\\"app\\"} == 1) == 6" | grep "debian.*fsn1"'
until_true 'test -s /tmp/hook'
promtool query instant http://127.0.0.4:9090 'count(prometheus_sd_file_mtime_seconds)'
cat /tmp/hook
trap - EXIT
`,
    });
    expect(result.code, result.stdout + result.stderr).toBe(0);
    expect(result.stdout).toMatch(/\{\} => 6 /);
    expect(result.stdout).toContain("Bearer alertreceiverbeat\n");
    expect(result.stdout).toContain('"alertname":"Watchdog"');
    expect(result.stdout).toContain('"stack":"shop"');
  });
});
