import { expect, test } from "vitest";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { tlsPaths } from "../pki/paths.ts";
import { testAuthority } from "../pki/testing.ts";
import { agentsRole, journalUrl } from "./agents.ts";
import { journalRemoteRole } from "./journal.ts";
import { proxyRole } from "./proxy.ts";
import { roleFiles, tlsFiles } from "./testing.ts";

const roles = [
  agentsRole({ journalUrl: journalUrl("127.0.0.1") }),
  journalRemoteRole({ sizeGb: 10, retentionDays: 30 }),
  proxyRole({ address: "127.0.0.1" }),
];
const untilTrue = `
until_true() { for _ in $(seq 100); do if eval "$1"; then return; fi; sleep 0.2; done; echo "waited for: $1" >&2; exit 1; }
`;

describeWithDebian("what every machine runs", (debian) => {
  test("the node exporter takes its arguments and serves the facts of the machine", async () => {
    const result = await debian.script({
      files: { ...roleFiles(roles), ...(await tlsFiles("app-1", "127.0.0.1")) },
      script: `${untilTrue}
/usr/local/lib/sovereign/host-facts
ls /var/lib/prometheus/node-exporter
. /etc/default/prometheus-node-exporter
setpriv --reuid=prometheus --regid=prometheus --clear-groups prometheus-node-exporter $ARGS 2>/tmp/err &
until_true 'curl -sf -o /tmp/metrics 127.0.0.1:9100/metrics'
grep ^sovereign_ /tmp/metrics
touch /run/reboot-required
/usr/local/lib/sovereign/host-facts
curl -s 127.0.0.1:9100/metrics | grep ^sovereign_reboot
`,
    });
    expect(result.stderr).toBe("");
    const expiry = Date.parse("2036-01-01T00:00:00Z") / 1000;
    expect(result.stdout.split("\n")[0]).toBe("host-facts.prom");
    const metrics = Object.fromEntries(
      [...result.stdout.matchAll(/^(sovereign_\S+) (\S+)$/gm)].map((m) => [m[1], Number(m[2])]),
    );
    expect(metrics).toEqual({
      [`sovereign_certificate_not_after_seconds{path="${tlsPaths.ca}"}`]: expiry,
      [`sovereign_certificate_not_after_seconds{path="${tlsPaths.certificate}"}`]: expiry,
      sovereign_reboot_required: 1,
    });
  });

  test("a machine says farewell when it is told to power off, and only then", async () => {
    const jobs = "  99 app.service        stop  waiting\n 101 JOB.target start waiting\n";
    const result = await debian.script({
      files: {
        ...roleFiles([agentsRole({ isStateless: true })]),
        "/bin-of-test/systemctl": {
          content: '#!/bin/sh\n[ "$*" = "list-jobs --no-legend" ] && cat /jobs\n',
          mode: "0755",
        },
        "/bin-of-test/sleep": { content: '#!/bin/sh\necho "sleep $1"\n', mode: "0755" },
        ...Object.fromEntries(["poweroff", "reboot"].map((job) => [`/${job}`, jobs.replace("JOB", job)])),
        "/nothing": "",
      },
      script: `${untilTrue}
systemd-analyze verify --man=no /etc/systemd/system/sovereign-farewell.service
farewell() { PATH=/bin-of-test:$PATH /usr/local/lib/sovereign/farewell "$@"; grep ^sovereign /var/lib/prometheus/node-exporter/farewell.prom; }
farewell come
cp /nothing /jobs; farewell go
cp /reboot /jobs; farewell go
cp /poweroff /jobs; farewell go
. /etc/default/prometheus-node-exporter
setpriv --reuid=prometheus --regid=prometheus --clear-groups prometheus-node-exporter $ARGS 2>/tmp/err &
until_true 'curl -sf -o /tmp/metrics 127.0.0.1:9100/metrics'
grep ^sovereign_host /tmp/metrics
farewell come; ls /var/lib/prometheus/node-exporter
`,
    });
    expect(result.stderr).toBe("");
    const [at, leaves] = ["sovereign_host_leaving 0", "sovereign_host_leaving 1"];
    expect(result.stdout.trim().split("\n")).toEqual([at, at, at, "sleep 16", leaves, leaves, at, "farewell.prom"]);
  });

  const journal = async (script: string) => {
    const stranger = await tlsFiles("evil", "127.0.0.1", { ...testAuthority, seed: Buffer.alloc(32, 8) });
    const moved = Object.entries(stranger).map(([path, content]) => [path.replace("tls/", "stranger/"), content]);
    return debian.script({
      files: {
        ...roleFiles(roles),
        ...(await tlsFiles("app-1", "127.0.0.1")),
        ...Object.fromEntries(moved),
        "/entries":
          "__REALTIME_TIMESTAMP=1790000000000000\n__MONOTONIC_TIMESTAMP=1\n_BOOT_ID=0123456789abcdef0123456789abcdef\n_HOSTNAME=app-1\nMESSAGE=hello\n\n",
      },
      script: `${untilTrue}
cd /tmp
systemd=/usr/lib/systemd
mkdir -p sent /var/log/journal/remote
$systemd/systemd-journal-remote --split-mode=none --output=sent/app.journal /entries 2>/dev/null
receiver=$(sed -n 's/^ExecStart=.*journal-remote //p' /etc/systemd/system/systemd-journal-remote.service.d/sovereign.conf)
$systemd/systemd-journal-remote $(echo $receiver | sed s/-3/127.0.0.1:19533/) >remote.log 2>&1 &
haproxy -f /etc/haproxy/haproxy.cfg >proxy.log 2>&1 &
until_true 'ss -ltn | grep -q 127.0.0.1:19532'
until_true 'ss -ltn | grep -q 127.0.0.1:19533'
upload() { timeout 10 $systemd/systemd-journal-upload --directory=sent --follow=no --save-state=/tmp/$1 >upload.log 2>&1; }
read_all() { journalctl -D /var/log/journal/remote --no-pager -o cat "$@"; }
${script}
`,
    });
  };
  const settings = "/etc/systemd/journal-upload.conf.d/sovereign.conf";

  test("a journal arrives over TLS and is found by its sender's name", async () => {
    const result = await journal(
      "upload state; read_all _HOSTNAME=app-1; read_all _HOSTNAME=app-2; ls /var/log/journal/remote",
    );
    expect(result.stderr).toBe("");
    expect(result.stdout).toBe("hello\nhosts.journal\n");
  });

  test("nobody without a certificate is heard", async () => {
    const ask = `curl -s -o /dev/null --cacert ${tlsPaths.ca} https://127.0.0.1:19532/`;
    const result = await journal(`
if ${ask}; then echo heard; else echo refused; fi
if ${ask} --cert ${tlsPaths.certificate} --key ${tlsPaths.key}; then echo heard; else echo refused; fi`);
    expect(result.stdout).toBe("refused\nheard\n");
  });

  test.each([
    ["with a certificate of another authority", `sed -i s,tls/host,stranger/host, ${settings}`],
    ["to a receiver of another authority", `sed -i s,tls/ca,stranger/ca, ${settings}`],
    ["to a receiver of another name", `sed -i s,127.0.0.1,localhost, ${settings}`],
  ])("no journal is sent %s", async (_, spoil) => {
    const result = await journal(`${spoil}
if upload state; then echo sent; else echo refused; fi
read_all`);
    expect(result.stderr).toBe("");
    expect(result.stdout).toBe("refused\n");
  });
});
