import { expect, test } from "vitest";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { tlsPaths } from "../pki/paths.ts";
import { agentsRole, journalUrl } from "./agents.ts";
import { journalRemoteRole } from "./journal.ts";
import { roleFiles, testAuthority, tlsFiles } from "./testing.ts";

const roles = [
  agentsRole({ journalUrl: journalUrl("127.0.0.1") }),
  journalRemoteRole({ address: "127.0.0.1", sizeGb: 10, retentionDays: 30 }),
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

  test("a journal arrives over TLS in a file for its sender, and one of a stranger does not", async () => {
    const stranger = await tlsFiles("evil", "127.0.0.1", { ...testAuthority, seed: Buffer.alloc(32, 8) });
    const moved = Object.entries(stranger).map(([path, content]) => [path.replace("tls/", "stranger/"), content]);
    const result = await debian.script({
      files: {
        ...roleFiles(roles),
        ...(await tlsFiles("app-1", "127.0.0.1")),
        ...Object.fromEntries(moved),
        "/entries":
          "__REALTIME_TIMESTAMP=1790000000000000\n__MONOTONIC_TIMESTAMP=1\n_BOOT_ID=0123456789abcdef0123456789abcdef\nMESSAGE=hello from app-1\n\n",
      },
      script: `${untilTrue}
cd /tmp
systemd=/usr/lib/systemd
mkdir -p sent /var/log/journal/remote
$systemd/systemd-journal-remote --output=sent/app.journal /entries
$systemd/systemd-journal-remote --listen-https=127.0.0.1:19532 --output=/var/log/journal/remote/ >remote.log 2>&1 &
until_true 'ss -ltn | grep -q 127.0.0.1:19532'
if $systemd/systemd-journal-upload --directory=sent --follow=no --save-state=/tmp/s1 >upload.log 2>&1; then echo sent; else cat upload.log; fi
sed -i s,/sovereign/tls/host,/sovereign/stranger/host, /etc/systemd/journal-upload.conf.d/sovereign.conf
if $systemd/systemd-journal-upload --directory=sent --follow=no --save-state=/tmp/s2 >upload.log 2>&1; then echo sent; else echo refused; fi
ls /var/log/journal/remote
journalctl -D /var/log/journal/remote -o cat --no-pager
cat remote.log
`,
    });
    expect(result.stdout, result.stderr).toContain("sent\nrefused\n");
    expect(result.stdout).toContain("remote-CN=app-1.journal\n");
    expect(result.stdout.match(/hello from app-1/g)).toHaveLength(1);
    expect(result.stdout).not.toContain("evil.journal");
  });
});
