import { expect, test } from "vitest";
import { resolvers } from "../../catalogue/hetzner/resolvers.ts";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { egressPaths } from "./egress-proxy.ts";
import { composeMachine } from "./machine.ts";

const machine = composeMachine({
  hostname: "demo-app-fsn1-1",
  roles: [
    {
      name: "shop",
      packages: [],
      files: [],
      units: [],
      openings: [],
      scrape: [],
      egress: [
        { host: "store.example.eu", port: 443, purpose: "backups" },
        { host: "registry.example.eu", port: 8443, purpose: 'image "shop"' },
        { host: "hooks.example.eu", port: 8080, purpose: "alerts", protocol: "http" },
        { host: "mail.example.eu", port: 587, purpose: "mail" },
        { host: "198.51.100.30", port: 9000, purpose: "a partner without a name" },
        { host: "2001:db8:2::30", port: 9000, purpose: "and on IPv6" },
      ],
    },
  ],
  privateRange: "10.0.0.0/16",
  privateAddress: "10.0.1.0/24",
  ranges: () => ["10.0.4.0/24"],
  egress: { approved: ["api.example.eu", "*.wild.example.eu", "inward.example.eu", "198.51.100.40/30"], resolvers },
});
const files = Object.fromEntries(
  machine.cloudConfig.files
    .filter(({ path }) => path === "/etc/nftables.conf" || path.includes("egress"))
    .map(({ path, content, mode }) => [path, { content, mode: mode ?? "0644" }]),
);

/** Servers that say who they are and what they were asked for, and resolvers that know every name. */
const outside = `
import http.server, socket, socketserver, ssl, threading
names = {"store": 10, "api": 11, "registry": 12, "hooks": 13, "mail": 14, "deep.wild": 15, "other": 20, "mirror": 50}
zone = {name + ".example.eu": "198.51.100.%d" % n for name, n in names.items()}
zone["inward.example.eu"] = "10.0.9.9"

class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.connection.getsockname()[0].encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def log_message(self, *_): pass

class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0); super().server_bind()

def serve(port, tls):
    server = Server(("::", port), Page)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); context.load_cert_chain("/tmp/any.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()

class Resolver(socketserver.BaseRequestHandler):
    def handle(self):
        query, sock = self.request
        labels, at = [], 12
        while query[at]: labels.append(query[at + 1:at + 1 + query[at]].decode().lower()); at += 1 + query[at]
        question = query[12:at + 5]
        address = zone.get(".".join(labels)) if query[at + 2] == 1 else None
        answer = b"\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\5\\0\\4" + socket.inet_aton(address) if address else b""
        sock.sendto(query[:2] + b"\\x81\\x80\\0\\1\\0" + (b"\\1" if address else b"\\0") + b"\\0\\0\\0\\0" + question + answer, self.client_address)

for port in (443, 8443): serve(port, True)
for port in (80, 8080, 587, 9000, 12345): serve(port, False)
for place in (("185.12.64.1", 53), ("198.51.100.53", 53), ("198.51.100.10", 123)):
    threading.Thread(target=socketserver.ThreadingUDPServer(place, Resolver).serve_forever, daemon=True).start()
print("ready", flush=True)
threading.Event().wait()
`;

const ask = `
import socket, sys
kind, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
family = socket.AF_INET6 if ":" in address else socket.AF_INET
sock = socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM); sock.settimeout(2)
try:
    sock.connect((address, port))
    sock.send(b"\\0\\1\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0\\3api\\7example\\2eu\\0\\0\\1\\0\\1" if kind == "udp" else b"hello\\r\\n\\r\\n")
    print("answered" if sock.recv(100) else "closed")
except TimeoutError: print("silence")
except OSError: print("refused")
`;

/** A machine, joined by a wire to everything that is outside. */
const world = `
useradd --system sovereign-egress
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /tmp/key -out /tmp/crt -subj /CN=any -days 2 2>/dev/null
cat /tmp/crt /tmp/key > /tmp/any.pem
ip link add wire type veth peer name there
unshare --net sleep 60 & far=$!
sleep 0.2
ip link set there netns $far
nsenter --net=/proc/$far/ns/net sh -c '
ip link set lo up; ip link set there up
for a in 203.0.113.1/24 185.12.64.1/32 198.51.100.0/32; do ip address add $a dev there; done
for n in 10 11 12 13 14 15 20 30 41 50 53; do ip address add 198.51.100.$n/32 dev there; done
for a in 2001:db8:1::1/64 2001:db8:2::20/128 2001:db8:2::30/128; do ip address add $a dev there nodad; done'
ip address add 203.0.113.5/24 dev wire; ip address add 2001:db8:1::5/64 dev wire nodad
ip address add 10.0.1.7/16 dev wire; ip link set wire up
ip route add default via 203.0.113.1; ip -6 route add default via 2001:db8:1::1
nsenter --net=/proc/$far/ns/net python3 /tmp/outside.py > /tmp/ready & 
until grep -q ready /tmp/ready; do sleep 0.1; done
get() { name=$1; shift; echo "$name: $(setpriv --reuid 65534 curl -sk -m 4 -w ' %{http_code}' "$@" | tr '\\n' ' ' || true)"; }
as=65534
ask() { name=$1; shift; echo "$name: $(setpriv --reuid $as python3 /tmp/ask.py "$@")"; }
`;

const withWorld = {
  ...files,
  "/tmp/outside.py": outside,
  "/tmp/ask.py": ask,
  "/etc/resolv.conf": "nameserver 185.12.64.1\n",
  "/etc/apt/sources.list": "# deb http://other.example.eu/ stable main\n",
  "/etc/apt/sources.list.d/image.sources":
    "Types: deb\n# not http://other.example.eu\nURIs: http://mirror.example.eu/debian/\nSuites: stable\n",
};

const start = `
nft -f /etc/nftables.conf
install -d -o sovereign-egress /run/sovereign-egress
${egressPaths.mirrorsScript}
setpriv --reuid sovereign-egress --regid sovereign-egress --clear-groups haproxy -db -f ${egressPaths.config} > /tmp/log 2>&1 & proxy=$!
until curl -s -o /dev/null http://127.0.0.1:8406/metrics; do kill -0 $proxy || { cat /tmp/log; exit 1; }; sleep 0.1; done
`;

describeWithDebian("the egress allow-list, with real packets", (debian) => {
  test("haproxy, nftables and systemd take the files", async () => {
    const { stdout, stderr, code } = await debian.script({
      files: withWorld,
      script: `
useradd --system sovereign-egress
mkdir -p /run/sovereign-egress; ${egressPaths.mirrorsScript}
cat ${egressPaths.mirrors}
haproxy -c -q -f ${egressPaths.config}
nft -c -f /etc/nftables.conf
systemd-analyze verify --man=no /etc/systemd/system/sovereign-egress.service /etc/systemd/system/sovereign-egress-metrics.service`,
    });
    expect(stderr).toBe("");
    expect(stdout).toBe("mirror.example.eu:80\n");
    expect(code).toBe(0);
  });

  test("listed names pass, to their own servers; all else is refused, logged and counted", async () => {
    const { stdout, stderr } = await debian.script({
      files: withWorld,
      script: `${world}
get "before, anywhere" https://other.example.eu/
${start}
get "a role's need" https://store.example.eu/
get "approved" https://api.example.eu/
get "approved below a domain" https://deep.wild.example.eu/
get "another port" https://registry.example.eu:8443/
get "plain HTTP" http://hooks.example.eu:8080/
get "package sources" http://mirror.example.eu/
get "approved range" -H Host:x http://198.51.100.41/
get "a partner" http://198.51.100.30:9000/
get "a partner on IPv6" 'http://[2001:db8:2::30]:9000/'
get "mail" --http0.9 http://mail.example.eu:587/
get "mail elsewhere, led to the one" http://other.example.eu:587/
get "false name, led to its server" --resolve api.example.eu:443:198.51.100.20 https://api.example.eu/
get "the same on IPv6" --resolve 'api.example.eu:443:[2001:db8:2::20]' https://api.example.eu/
get "false Host, led to its server" -H 'Host: api.example.eu' http://198.51.100.20/
echo "---"
get "another name" https://other.example.eu/
get "another name on IPv6" --resolve 'other.example.eu:443:[2001:db8:2::20]' https://other.example.eu/
get "the domain itself" --resolve wild.example.eu:443:198.51.100.15 https://wild.example.eu/
get "another port of a name" https://store.example.eu:8443/
get "no name" https://198.51.100.10/
get "another Host" http://other.example.eu/
get "a name that leads inward" --resolve inward.example.eu:443:198.51.100.20 https://inward.example.eu/
get "a name that does not exist" --resolve none.wild.example.eu:443:198.51.100.20 https://none.wild.example.eu/
ask "no TLS" tcp 198.51.100.10 443
ask "another port" tcp 198.51.100.10 12345
ask "another port on IPv6" tcp 2001:db8:2::20 12345
ask "the resolver" udp 185.12.64.1 53
ask "another resolver" udp 198.51.100.53 53
ask "time, by anybody" udp 198.51.100.10 123
as=systemd-timesync
ask "time, by the time service" udp 198.51.100.10 123
echo "---"
grep -o 'egress .*' /tmp/log | sed -E 's/address=2001[^ ]*/address=v6/' | sort | uniq
echo "---"
curl -s http://127.0.0.1:8406/metrics | grep -E '^haproxy_frontend_requests_denied_total.*proxy="(tls|http)"'
mkdir -p /var/lib/prometheus/node-exporter; ${egressPaths.metricsScript} once; grep -v '#' /var/lib/prometheus/node-exporter/egress.prom
kill $proxy $far`,
    });
    expect(stdout.trim().split("\n")).toMatchInlineSnapshot(`
      [
        "before, anywhere: ::ffff:198.51.100.20 200",
        "a role's need: ::ffff:198.51.100.10 200",
        "approved: ::ffff:198.51.100.11 200",
        "approved below a domain: ::ffff:198.51.100.15 200",
        "another port: ::ffff:198.51.100.12 200",
        "plain HTTP: ::ffff:198.51.100.13 200",
        "package sources: ::ffff:198.51.100.50 200",
        "approved range: ::ffff:198.51.100.41 200",
        "a partner: ::ffff:198.51.100.30 200",
        "a partner on IPv6: 2001:db8:2::30 200",
        "mail: ::ffff:198.51.100.14 200",
        "mail elsewhere, led to the one: ::ffff:198.51.100.14 200",
        "false name, led to its server: ::ffff:198.51.100.11 200",
        "the same on IPv6: ::ffff:198.51.100.11 200",
        "false Host, led to its server: ::ffff:198.51.100.11 200",
        "---",
        "another name:  000",
        "another name on IPv6:  000",
        "the domain itself:  000",
        "another port of a name:  000",
        "no name:  000",
        "another Host: Refused: not on the egress allow-list of this machine  403",
        "a name that leads inward:  000",
        "a name that does not exist:  000",
        "no TLS: closed",
        "another port: refused",
        "another port on IPv6: refused",
        "the resolver: answered",
        "another resolver: refused",
        "time, by anybody: refused",
        "time, by the time service: answered",
        "---",
        "egress failed-unresolved: name=none.wild.example.eu port=443 address=198.51.100.20 uid=-",
        "egress refused-inward-address: name=inward.example.eu port=443 address=198.51.100.20 uid=65534",
        "egress refused-no-tls: name=- port=443 address=198.51.100.10 uid=65534",
        "egress refused-not-listed: name=- port=443 address=198.51.100.10 uid=65534",
        "egress refused-not-listed: name=other.example.eu port=443 address=198.51.100.20 uid=65534",
        "egress refused-not-listed: name=other.example.eu port=443 address=::1 uid=65534",
        "egress refused-not-listed: name=other.example.eu port=80 address=198.51.100.20 uid=65534",
        "egress refused-not-listed: name=store.example.eu port=8443 address=198.51.100.10 uid=65534",
        "egress refused-not-listed: name=wild.example.eu port=443 address=198.51.100.15 uid=65534",
        "---",
        "haproxy_frontend_requests_denied_total{proxy="tls"} 7",
        "haproxy_frontend_requests_denied_total{proxy="http"} 1",
        "sovereign_egress_refused_packets_total 5",
      ]
    `);
    expect(stderr).toBe("");
  });
});
