import { expect, test } from "vitest";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { tlsPaths } from "../pki/paths.ts";
import { agentsRole } from "./agents.ts";
import { monitoringRoles } from "./roles.ts";
import { roleFiles, testMonitoring, tlsFiles } from "./testing.ts";
import { watchRole } from "./watch.ts";

const watched = { name: "mon", address: "127.0.0.4" };
const receivers = [{ kind: "webhook", name: "on-call", url: "http://127.0.0.1:8888/in", hasToken: true }] as const;
const role = watchRole({ stack: "shop", location: "fsn1", name: "redis-1", watched, receivers });

/** Writes each POST that it gets into a line: path, token, status, what is said. */
const hook = `import http.server, json
class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        alert = body["alerts"][0]
        said = [self.path, self.headers["Authorization"], body["status"], alert["status"], alert["annotations"]["summary"]]
        open("/tmp/hook", "a").write(" | ".join(said) + "\\n")
        open("/tmp/body", "w").write(json.dumps(body))
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", 8888), Hook).serve_forever()
`;

describeWithDebian("the watcher of the monitoring host", (debian) => {
  test("its files are read by the programs they are for", async () => {
    const result = await debian.script({
      files: { ...roleFiles([role]), ...(await tlsFiles("redis-1", "127.0.0.1")) },
      script: `
prometheus-blackbox-exporter --config.file=/etc/prometheus/blackbox.yml --config.check 2>/tmp/out || { cat /tmp/out >&2; exit 1; }
for unit in sovereign-watch.service sovereign-watch.timer; do systemd-analyze verify --man=no /etc/systemd/system/$unit; done
systemd-analyze verify --man=no /usr/lib/systemd/system/prometheus-blackbox-exporter.service
`,
    });
    expect(result.stderr).toBe("");
    expect(result.code).toBe(0);
  });

  test("tells that Prometheus is down, once, and that it is over; then that it stopped to tell Alertmanager", {
    timeout: 120_000,
  }, async () => {
    const host = { ...testMonitoring, address: watched.address, hosts: [], probes: [], receivers: [] };
    const monitoring = roleFiles([agentsRole({}), ...monitoringRoles(host)]);
    const result = await debian.script({
      timeoutMs: 110_000,
      files: {
        ...monitoring,
        ...roleFiles([role]),
        ...(await tlsFiles("mon", watched.address)),
        "/hook.py": hook,
        "/credentials/on-call": "t0ken\n",
      },
      script: `
exec 2>/tmp/err
trap 'tail -c 1500 /tmp/*.log /tmp/err' EXIT
mkdir -p /var/lib/sovereign-watch
sed -i 's/interval: [0-9]*s/interval: 1s/; s/timeout: [0-9]*s/timeout: 1s/' /etc/prometheus/prometheus.yml
run() { name=$1; shift; "$@" >>/tmp/$name.log 2>&1 & }
until_true() { for _ in $(seq 150); do if eval "$1"; then return; fi; sleep 0.2; done; echo "waited for: $1"; exit 1; }
watch() { for now in "$@"; do CREDENTIALS_DIRECTORY=/credentials /usr/local/lib/sovereign/watch-monitoring /etc/sovereign/watch.json $now; done; }
asked() { curl -sf -o /tmp/answer --cacert ${tlsPaths.ca} --cert ${tlsPaths.certificate} --key ${tlsPaths.key} https://127.0.0.4:9095/$1; }
start_prometheus() { . /etc/default/prometheus; run prometheus setpriv --reuid=prometheus --regid=prometheus --clear-groups prometheus $ARGS --rules.alert.resend-delay=10s; prometheus=$!; until_true "asked rules && grep -q '\\[{' /tmp/answer"; until_true "asked watchdog && grep -q '^\\[{' /tmp/answer"; }
run hook python3 /hook.py
run haproxy haproxy -f /etc/haproxy/haproxy.cfg
. /etc/default/prometheus-blackbox-exporter; run blackbox prometheus-blackbox-exporter $ARGS
. /etc/default/prometheus-alertmanager; run alertmanager setpriv --reuid=prometheus --regid=prometheus --clear-groups prometheus-alertmanager $ARGS; alertmanager=$!
start_prometheus
watch 1000
kill $prometheus; wait $prometheus
watch 1015 1030 1045
test -e /tmp/hook && echo "too early"
watch 1060 1075
echo "--- down"; cat /tmp/hook
start_prometheus
watch 1090 1105
echo "--- over"; cat /tmp/hook; : >/tmp/hook
kill $alertmanager; wait $alertmanager
watch 2000 2015 2030 2045
echo "--- Alertmanager"; cat /tmp/hook; cat /tmp/body
trap - EXIT
`,
    });
    expect(result.code, result.stdout).toBe(0);
    const [text, body] = result.stdout.split(/(?=\{"version")/);
    const said = (status: string, what: string) =>
      `/in | Bearer t0ken | ${status} | ${status} | The monitoring on mon does not work: ${what}`;
    const down = said("firing", "Prometheus does not answer; Prometheus has not evaluated its rules lately");
    expect(text!.trim().split("\n")).toEqual([
      "--- down",
      down,
      "--- over",
      down,
      said("resolved", "all works again"),
      "--- Alertmanager",
      said("firing", "Alertmanager does not answer; Alertmanager has no word of Prometheus' dead man's switch"),
    ]);
    expect(JSON.parse(body!)).toMatchObject({
      version: "4",
      receiver: "on-call",
      groupLabels: { alertname: "MonitoringDown" },
      alerts: [
        {
          labels: { alertname: "MonitoringDown", severity: "critical", host: "mon", stack: "shop", watcher: "redis-1" },
          startsAt: "1970-01-01T00:34:05Z",
          endsAt: "0001-01-01T00:00:00Z",
        },
      ],
    });
  });

  test("the monitoring host answers these questions and no others, and with a certificate only", async () => {
    const host = { ...testMonitoring, address: watched.address };
    const result = await debian.script({
      files: {
        ...roleFiles(monitoringRoles(host)),
        ...(await tlsFiles("mon", watched.address)),
        "/echo.py": `import http.server, threading
class Echo(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write((self.path + "\\n").encode())
    def log_message(self, *_): pass
for address in (("127.0.0.4", 9090), ("127.0.0.1", 9093)):
    threading.Thread(target=http.server.ThreadingHTTPServer(address, Echo).serve_forever).start()
`,
      },
      script: `
haproxy -f /etc/haproxy/haproxy.cfg >/tmp/h.log 2>&1 &
python3 /echo.py &
until ss -ltn | grep -q 127.0.0.4:9095 && ss -ltn | grep -q 127.0.0.1:9093; do sleep 0.1; done
certified="--cert ${tlsPaths.certificate} --key ${tlsPaths.key}"
ask() { path=$1; shift; curl -s --path-as-is --cacert ${tlsPaths.ca} -w '%{http_code}\\n' "$@" https://127.0.0.4:9095$path || true; }
for check in prometheus rules alertmanager watchdog; do ask /$check $certified; done
ask /prometheus -X POST $certified; ask '/api/v2/silences' $certified; ask '/prometheus/../api/v1/query' $certified
ask '/rules?query=up' $certified
ask /prometheus
`,
    });
    const query =
      "/api/v1/query?query=time()%20-%20min(prometheus_rule_group_last_evaluation_timestamp_seconds)%20%3C%2060";
    expect(result.stdout.trim().split("\n")).toEqual([
      ...["/-/healthy", "200", query, "200", "/-/healthy", "200"],
      ...["/api/v2/alerts?active=true&filter=alertname%3D%22Watchdog%22", "200"],
      ...["404", "404", "404"],
      ...[query, "200"],
      "000",
    ]);
  });

  test("rounds: who is told when", async () => {
    const result = await debian.script({
      files: {
        ...roleFiles([role]),
        "/check.py": `
import importlib.machinery, importlib.util, json
loader = importlib.machinery.SourceFileLoader("watch", "/usr/local/lib/sovereign/watch-monitoring")
watch = importlib.util.module_from_spec(importlib.util.spec_from_loader("watch", loader)); loader.exec_module(watch)
config = json.load(open("/etc/sovereign/watch.json"))
config["receivers"] = [{"name": "a"}, {"name": "b"}]
refuses = set()
def post(receiver, body, timeout):
    if receiver["name"] in refuses: raise OSError("refused")
    said.append(f'{receiver["name"]} {body["status"]}')
watch.post = post
def rounds(state, fine, start, count):
    global said
    told = []
    for i in range(count):
        said = []
        state = watch.after(state, {check["name"]: fine for check in config["checks"]}, start + 15 * i, config)
        watch.tell(watch.due(state, start + 15 * i, config), state, start + 15 * i, config)
        told += [f"{start + 15 * i}: {', '.join(sorted(said))}"] if said else []
    print(told)
    return state
fresh = watch.read("/nothing")
print("never seen"); rounds(fresh, False, 0, 61)
print("seen"); state = rounds(rounds(fresh, True, 0, 1), False, 15, 5)
print("reminded"); state = rounds(state, False, 60 + 4 * 3600 - 30, 5)
print("since", state["since"])
print("over"); state = rounds(state, True, 20000, 2)
print(state["since"], state["told"])
print("one refuses"); refuses = {"b"}; state = rounds(state, False, 30000, 6)
refuses = set(); state = rounds(state, False, 30090, 2)
print("over, one refuses"); refuses = {"b"}; state = rounds(state, True, 31000, 2)
print("again, before b was told that it was over"); refuses = set(); state = rounds(state, False, 31030, 5)
print("failing now and then"); state = rounds(fresh, True, 0, 1)
for i in range(4): state = rounds(rounds(state, False, 100 + 60 * i, 3), True, 145 + 60 * i, 1)
print(watch.fingerprint({"alertname": "A", "host": "b"}), watch.fingerprint({}))
`,
      },
      script: `
python3 /check.py 2>/dev/null
watch() { /usr/local/lib/sovereign/watch-monitoring /etc/sovereign/watch.json 5 2>&1 && echo fine || echo failed; }
watch; ls /var/lib/sovereign-watch 2>/dev/null || echo "no state"
`,
    });
    expect(result.stderr).toBe("");
    expect(result.stdout.split("\n")).toMatchInlineSnapshot(`
      [
        "never seen",
        "['885: a firing, b firing']",
        "seen",
        "[]",
        "['60: a firing, b firing']",
        "reminded",
        "['14460: a firing, b firing']",
        "since 60",
        "over",
        "['20000: a resolved, b resolved']",
        "None {}",
        "one refuses",
        "['30045: a firing']",
        "['30090: b firing']",
        "over, one refuses",
        "['31000: a resolved']",
        "again, before b was told that it was over",
        "['31030: b resolved', '31075: a firing, b firing']",
        "failing now and then",
        "[]",
        "[]",
        "[]",
        "[]",
        "[]",
        "[]",
        "[]",
        "[]",
        "[]",
        "3b236f15eb72f585 cbf29ce484222325",
        "the blackbox exporter of this machine cannot be asked: <urlopen error [Errno 111] Connection refused>",
        "failed",
        "no state",
        "",
      ]
    `);
  });

  test("a token goes to its address and to no other", async () => {
    const result = await debian.script({
      files: {
        ...roleFiles([role]),
        "/credentials/on-call": "t0ken\n",
        "/check.py": `
import http.server, importlib.machinery, importlib.util, threading
loader = importlib.machinery.SourceFileLoader("watch", "/usr/local/lib/sovereign/watch-monitoring")
watch = importlib.util.module_from_spec(importlib.util.spec_from_loader("watch", loader)); loader.exec_module(watch)
class Elsewhere(http.server.BaseHTTPRequestHandler):
    def do_GET(self): print("followed"); self.send_response(200); self.end_headers()
    def do_POST(self):
        print(self.path, self.headers["Authorization"])
        self.send_response(302); self.send_header("Location", "http://127.0.0.1:8889/other"); self.end_headers()
    def log_message(self, *_): pass
for port in (8888, 8889):
    threading.Thread(target=http.server.HTTPServer(("127.0.0.1", port), Elsewhere).serve_forever, daemon=True).start()
try: watch.post({"name": "on-call", "url": "http://127.0.0.1:8888/in", "hasToken": True}, {}, 5)
except OSError as error: print(error)
`,
      },
      script:
        "CREDENTIALS_DIRECTORY=/credentials HTTP_PROXY=http://127.0.0.1:1 http_proxy=http://127.0.0.1:1 python3 /check.py",
    });
    expect(result.stderr).toBe("");
    expect(result.stdout).toBe("/in Bearer t0ken\nHTTP Error 302: Found\n");
  });
});
