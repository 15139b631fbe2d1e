import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { type GatewaySpec, gatewayRole } from "./role.ts";
import { statusProgram } from "./status.ts";
import { gatewayFiles, testEntrances, testSpec } from "./testing.ts";

const here = (name: string): string => readFileSync(new URL(name, import.meta.url), "utf8");
const files = (spec: GatewaySpec) => ({
  ...gatewayFiles(spec),
  "/ask.py": here("testing-ask.py"),
  "/healthz.py": here("testing-healthz.py"),
});

/** Shell: load balancers at the entrances' addresses, the name server, and `ask`. */
const ground = `
for address in 10.8.0.1 10.8.0.2 10.9.0.1 10.9.0.2 10.9.0.3 10.50.0.9; do ip address add $address/32 dev lo; done
for address in fd00::8:1 fd00::9:1 fd00::9:2; do ip address add $address/128 dev lo nodad; done
openssl req -x509 -newkey ed25519 -nodes -keyout /key.pem -out /cert.pem -days 2 -subj /CN=other.example.eu 2>/dev/null
cat /key.pem /cert.pem > /healthz.pem
# Alive, and what says so: a listener that never accepts is a location whose packets are lost.
up() { python3 /healthz.py $1 2>>/healthz.log & echo $! > /pid-$1; }
down() { kill $(cat /pid-$1); }
ask() { python3 /ask.py "$@"; }
fsn1() { ask shop.example.eu A; }
start() {
  install -d -o pdns -g pdns /run/pdns /var/lib/prometheus/node-exporter
  setpriv --reuid=pdns --regid=pdns --init-groups --inh-caps=+net_bind_service --ambient-caps=+net_bind_service \\
    pdns_server --guardian=no --daemon=no --disable-syslog --log-timestamp=no --write-pid=no > /pdns.log 2>&1 &
  ask ns1.shop.example.eu A --until 10.8.0.1/3600 > /started
}
`;
const allUp = "for address in 10.9.0.1 10.9.0.2 10.9.0.3 fd00::9:1 fd00::9:2; do up $address; done\n";

describeWithDebian("a name server, run by the real program", (debian) => {
  test("the first healthy entrance is answered, over both protocols, and near clients get theirs", async () => {
    const { stdout, stderr, code } = await debian.script({
      files: files(testSpec),
      script: `${ground}${allUp}
start
echo "at first: $(fsn1)"
ask shop.example.eu A --until 10.9.0.1/5
ask www.shop.example.eu A
ask shop.example.eu AAAA --until fd00::9:1/5
ask shop.example.eu A --server fd00::8:1
ask shop.example.eu A --tcp
echo "near by address: $(ask shop.example.eu A --source 10.50.0.9 --until 10.9.0.3/5)"
echo "near by subnet: $(ask shop.example.eu A --subnet 10.50.3.0/24 --until 10.9.0.3/5)"
echo "near by IPv6 subnet: $(ask shop.example.eu AAAA --subnet 2001:db8:50:1::/64 --until fd00::9:2/5)"
echo "elsewhere: $(ask shop.example.eu A --subnet 10.51.3.0/24)"
`,
      timeoutMs: 50_000,
    });
    expect(stderr).toBe("");
    expect(stdout.trim().split("\n")).toEqual([
      "at first: NOERROR aa 10.9.0.1/5 10.9.0.2/5 10.9.0.3/5",
      "NOERROR aa 10.9.0.1/5",
      "NOERROR aa 10.9.0.1/5",
      "NOERROR aa fd00::9:1/5",
      "NOERROR aa 10.9.0.1/5",
      "NOERROR aa 10.9.0.1/5",
      "near by address: NOERROR aa 10.9.0.3/5",
      "near by subnet: NOERROR aa 10.9.0.3/5",
      "near by IPv6 subnet: NOERROR aa fd00::9:2/5",
      "elsewhere: NOERROR aa 10.9.0.1/5",
    ]);
    expect(code).toBe(0);
  });

  test("an entrance that does not reach its data is left out while another one does; while none does, visitors stay where they are", async () => {
    const { stdout, stderr, code } = await debian.script({
      files: files(testSpec),
      script: `${ground}${allUp}
start
ask shop.example.eu A --until 10.9.0.1/5
touch /unready-10.9.0.1
echo "cut off: $(ask shop.example.eu A --until 10.9.0.2/5)"
for address in 10.9.0.2 10.9.0.3; do touch /unready-$address; done
echo "no primary anywhere: $(ask shop.example.eu A --until 10.9.0.1/5)"
rm /unready-10.9.0.3
echo "one has it again: $(ask shop.example.eu A --until 10.9.0.3/5)"
`,
      timeoutMs: 60_000,
    });
    expect(stderr).toBe("");
    expect(stdout.trim().split("\n").slice(1)).toEqual([
      "cut off: NOERROR aa 10.9.0.2/5",
      "no primary anywhere: NOERROR aa 10.9.0.1/5",
      "one has it again: NOERROR aa 10.9.0.3/5",
    ]);
    expect(code).toBe(0);
  });

  test("an entrance that is lost, answers wrongly or is cut off is left out, and comes back; with none left, all are answered", async () => {
    const { stdout, stderr, code } = await debian.script({
      files: files(testSpec),
      script: `${ground}${allUp}
start
ask shop.example.eu A --until 10.9.0.1/5
down 10.9.0.1
echo "killed: $(ask shop.example.eu A --until 10.9.0.2/5)"
echo "status: $(ask _entrances.shop.example.eu TXT --until 'fsn1/ipv4=down/5 fsn1/ipv6=up/5 hel1/ipv4=up/5 nbg1/ipv4=up/5 nbg1/ipv6=up/5')"
touch /unhealthy-10.9.0.2
echo "503: $(ask shop.example.eu A --until 10.9.0.3/5)"
up 10.9.0.1
echo "back: $(ask shop.example.eu A --until 10.9.0.1/5)"
rm /unhealthy-10.9.0.2
# Nothing answers any more: no refusal either.
nft 'table ip cut { chain out { type filter hook output priority 0; ip daddr 10.9.0.1 tcp dport 443 drop; }; }'
echo "cut off: $(ask shop.example.eu A --until 10.9.0.2/5)"
nft delete table ip cut
echo "healed: $(ask shop.example.eu A --until 10.9.0.1/5)"
for address in 10.9.0.1 10.9.0.2 10.9.0.3; do down $address; done
echo "all down: $(ask shop.example.eu A --until '10.9.0.1/5 10.9.0.2/5 10.9.0.3/5')"
up 10.9.0.3
echo "one back: $(ask shop.example.eu A --until 10.9.0.3/5)"
`,
      timeoutMs: 58_000,
    });
    expect(stderr).toBe("");
    expect(stdout.trim().split("\n")).toEqual([
      "NOERROR aa 10.9.0.1/5",
      "killed: NOERROR aa 10.9.0.2/5",
      "status: NOERROR aa fsn1/ipv4=down/5 fsn1/ipv6=up/5 hel1/ipv4=up/5 nbg1/ipv4=up/5 nbg1/ipv6=up/5",
      "503: NOERROR aa 10.9.0.3/5",
      "back: NOERROR aa 10.9.0.1/5",
      "cut off: NOERROR aa 10.9.0.2/5",
      "healed: NOERROR aa 10.9.0.1/5",
      "all down: NOERROR aa 10.9.0.1/5 10.9.0.2/5 10.9.0.3/5",
      "one back: NOERROR aa 10.9.0.3/5",
    ]);
    expect(code).toBe(0);
  });

  test("a drained entrance is never answered, not even when nothing else is left", async () => {
    const [first, ...others] = testEntrances;
    const { stdout, stderr } = await debian.script({
      files: files({ ...testSpec, entrances: [{ ...first!, isDrained: true }, ...others] }),
      script: `${ground}
up 10.9.0.1
up 10.9.0.3
start
echo "$(fsn1)"
ask shop.example.eu A --until 10.9.0.3/5
down 10.9.0.3
ask shop.example.eu A --until '10.9.0.2/5 10.9.0.3/5'
ask _entrances.shop.example.eu TXT
`,
      timeoutMs: 50_000,
    });
    expect(stderr).toBe("");
    expect(stdout.trim().split("\n")).toEqual([
      "NOERROR aa 10.9.0.2/5 10.9.0.3/5",
      "NOERROR aa 10.9.0.3/5",
      "NOERROR aa 10.9.0.2/5 10.9.0.3/5",
      "NOERROR aa fsn1=drained/5 hel1/ipv4=down/5 nbg1/ipv4=down/5 nbg1/ipv6=down/5",
    ]);
  });

  test("the zone's records are served as they were given, and nothing is transferred, resolved, changed or told", async () => {
    const { stdout, stderr, code } = await debian.script({
      files: files(testSpec),
      script: `${ground}
start
for question in "SOA" "NS" "MX" "TXT" "CAA"; do echo "$question: $(ask shop.example.eu $question)"; done
ask ns2.shop.example.eu AAAA
ask _dmarc.shop.example.eu TXT
ask status.shop.example.eu CNAME
ask _sip._tcp.shop.example.eu SRV
ask one.pages.shop.example.eu A
ask sub.shop.example.eu A
echo "absent: $(ask nothing.shop.example.eu A)"
echo "transfer: $(ask shop.example.eu AXFR --tcp)"
echo "other zone: $(ask example.org A)"
echo "everything: $(ask shop.example.eu ANY)"
echo "version: $(ask version.bind TXT --chaos)"
echo "identity: $(ask id.server TXT --chaos)"
echo "metrics: $(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8053/metrics) $(curl -s -o /dev/null -w '%{http_code}' --interface 10.50.0.9 http://10.8.0.1:8053/metrics || true) $(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8053/api/v1/servers)"
grep -iE 'error|warn|unknown|fail' /pdns.log | grep -v AXFR || true
`,
    });
    expect(stderr).toBe("");
    expect(stdout.trim().split("\n")).toMatchSnapshot();
    expect(code).toBe(0);
  });

  test("the status program asks the server, and leaves what it was told to the node exporter", async () => {
    const { stdout, stderr } = await debian.script({
      files: files(testSpec),
      script: `${ground}
up 10.9.0.2
start
${statusProgram}
ask shop.example.eu A --until 10.9.0.2/5 > /dev/null
${statusProgram}
grep -v '^#' /var/lib/prometheus/node-exporter/dns.prom
promtool check metrics < /var/lib/prometheus/node-exporter/dns.prom
stat -c %a /var/lib/prometheus/node-exporter/dns.prom
kill $(pidof pdns_server); sleep 0.3
${statusProgram} 2> /dev/null
grep -v '^#' /var/lib/prometheus/node-exporter/dns.prom
`,
    });
    expect(stderr).toBe("");
    expect(stdout.trim().split("\n")).toEqual([
      "sovereign_dns_answers 1",
      'sovereign_dns_entrance_up{entrance="fsn1",family="ipv4"} 0',
      'sovereign_dns_entrance_up{entrance="fsn1",family="ipv6"} 0',
      'sovereign_dns_entrance_up{entrance="hel1",family="ipv4"} 0',
      'sovereign_dns_entrance_up{entrance="nbg1",family="ipv4"} 1',
      'sovereign_dns_entrance_up{entrance="nbg1",family="ipv6"} 0',
      "644",
      "sovereign_dns_answers 0",
    ]);
  });

  test("a hundred networks and fifty names are within the server's limits", async () => {
    const networks = Array.from({ length: 100 }, (_, i) => (i % 2 ? `2001:db8:${i}:ffff::/64` : `10.${i}.0.0/16`));
    const servedNames = Array.from({ length: 50 }, (_, i) => `a-rather-long-name-of-a-service-${i}.shop.example.eu`);
    const { stdout } = await debian.script({
      files: files({
        ...testSpec,
        servedNames,
        near: [
          { location: "nbg1", networks: networks.slice(0, 50) },
          { location: "hel1", networks: networks.slice(50) },
        ],
      }),
      script: `${ground}${allUp}
start
ask ${servedNames[49]} A --subnet 10.51.7.0/24 --until 10.9.0.1/5
ask ${servedNames[49]} A --subnet 10.98.7.0/24 --until 10.9.0.3/5
ask ${servedNames[49]} A --subnet 10.48.7.0/24 --until 10.9.0.2/5
`,
      timeoutMs: 60_000,
    });
    expect(stdout.trim().split("\n")).toEqual([
      "NOERROR aa 10.9.0.1/5",
      "NOERROR aa 10.9.0.3/5",
      "NOERROR aa 10.9.0.2/5",
    ]);
  });

  test("systemd finds nothing wrong with the units", async () => {
    const { units } = gatewayRole(testSpec);
    const { code, stderr } = await debian.script({
      files: {
        ...files(testSpec),
        ...Object.fromEntries(
          units.flatMap(({ name, content, dropIn }) => [
            ...(content ? [[`/etc/systemd/system/${name}`, content]] : []),
            ...(dropIn ? [[`/etc/systemd/system/${name}.d/sovereign.conf`, dropIn]] : []),
          ]),
        ),
      },
      script: `systemd-analyze verify --man=no ${units.map((unit) => unit.name).join(" ")}`,
    });
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });
});
