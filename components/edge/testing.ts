import type { DebianFile } from "../../lab/debian/run.ts";
import { createAuthority, createLeaf } from "../pki/certificates.ts";
import { staticCacheRole } from "./roles.ts";
import { edgePaths, type StaticCacheSpec } from "./spec.ts";

/** For tests only. */
const authoritySpec = {
  seed: Buffer.alloc(64, 7),
  name: "test",
  generation: 1,
  notBefore: new Date("2026-01-01T00:00:00Z"),
  notAfter: new Date("2046-01-01T00:00:00Z"),
};

export const testCore = "shop.example.eu";
export const testEdge = "static.example.eu";

/** A certificate of an authority that is made up. */
export async function testPair(
  domain: string,
): Promise<{ certificate: string; privateKey: string; authority: string }> {
  const pair = await createLeaf(authoritySpec, { commonName: domain, dnsNames: [domain], ipAddresses: [] });
  return { ...pair, authority: (await createAuthority(authoritySpec)).certificate };
}

export const testCache = (authority?: string): StaticCacheSpec => ({
  domain: testEdge,
  hasCertificate: true,
  origin: { domain: testCore, tls: true, authority },
  paths: [
    { path: "/assets/", class: "static" },
    { path: "/catalogue/", class: "public" },
    { path: "/robots.txt", class: "public" },
  ],
  cacheGb: 2,
  resolvers: ["198.51.100.53"],
});

/** A made-up core: `core.crt` and `core.key` for its name, nginx's files of the edge, and `world.py`, which is core and DNS in one. */
export async function edgeWorld(): Promise<Record<string, DebianFile>> {
  const core = await testPair(testCore);
  const edge = await testPair(testEdge);
  const role = staticCacheRole(testCache(core.authority), edge.certificate);
  return {
    ...Object.fromEntries(role.files.map(({ path, content, mode }) => [path, { content, ...(mode ? { mode } : {}) }])),
    [edgePaths.key]: { content: edge.privateKey, mode: "0600" },
    "/world/core.pem": { content: core.certificate + core.privateKey },
    "/world/other.pem": { content: edge.certificate + edge.privateKey },
    "/world/world.py": { content: world },
    "/world/ask.py": { content: ask },
  };
}

/**
 * The core on 198.51.100.2, TLS with the file that is its argument; DNS on 198.51.100.53 and at one of the provider's resolvers. A path `/x/<n>...` is answered by what stands
 * in /world/cases.json[n]: `{ status, headers: [[name, value]] }`; each request is written to /world/seen as a line of JSON.
 */
const world = `
import http.server, json, os, re, socket, socketserver, ssl, sys, threading
cases = json.load(open("/world/cases.json")) if os.path.exists("/world/cases.json") else []
seen = open("/world/seen", "a", buffering=1)
class Core(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self):
        seen.write(json.dumps({"method": self.command, "path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()}}) + "\\n")
        match = re.match(r"^/[a-z]+/([0-9]+)", self.path)
        case = cases[int(match[1])] if match and int(match[1]) < len(cases) else {"status": 200, "headers": []}
        body = b"" if case["status"] == 304 else b"content of " + self.path.encode()
        self.send_response(case["status"])
        for name, value in case["headers"]: self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD": self.wfile.write(body)
    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer
    def log_message(self, *_): pass
class Resolver(socketserver.BaseRequestHandler):
    def handle(self):
        query, sock = self.request
        end = query.index(b"\\0", 12)
        name = query[12:end + 1]
        known = name == b"\\4shop\\7example\\2eu\\0" and query[end + 2] == 1
        question = query[12:end + 5]
        answer = b"\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\1\\0\\4" + socket.inet_aton("198.51.100.2") if known else b""
        sock.sendto(query[:2] + b"\\x81\\x80\\0\\1\\0" + (b"\\1" if known else b"\\0") + b"\\0\\0\\0\\0" + question + answer, self.client_address)
server = http.server.ThreadingHTTPServer(("198.51.100.2", 443), Core)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); context.load_cert_chain(sys.argv[1])
server.socket = context.wrap_socket(server.socket, server_side=True)
for place in ("198.51.100.53", "185.12.64.1"):
    names = socketserver.ThreadingUDPServer((place, 53), Resolver)
    threading.Thread(target=names.serve_forever, daemon=True).start()
open("/world/ready", "w").close()
server.serve_forever()
`;

/** Asks the edge: each of /world/requests.json (\`{ method, path, headers, port? }\`) one after another; prints JSON lines of the answers. */
const ask = `
import http.client, json, socket, ssl
trust = ssl.create_default_context(cafile="${edgePaths.authority}")
def ask(request):
    plain = request.get("port", 443) == 80
    host = request.get("host", "${testEdge}")
    raw = socket.create_connection(("127.0.0.1", 80 if plain else 443), timeout=10)
    sock = raw if plain else trust.wrap_socket(raw, server_hostname=host)
    connection = http.client.HTTPConnection(host); connection.sock = sock
    connection.putrequest(request.get("method", "GET"), request["path"], skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", host)
    for name, value in request.get("headers", []): connection.putheader(name, value)
    body = request.get("body", "").encode()
    if body: connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body or None)
    answer = connection.getresponse()
    text = answer.read().decode()
    headers = {}
    for name, value in answer.getheaders(): headers.setdefault(name.lower(), []).append(value)
    connection.close()
    return {"status": answer.status, "headers": headers, "body": text}
for request in json.load(open("/world/requests.json")): print(json.dumps(ask(request)), flush=True)
`;

/** Shell: core, DNS and edge are up after it. */
export const startWorld = `
ip link add wire type veth peer name there
unshare --net sleep 60 & far=$!
sleep 0.2
ip link set there netns $far
ip address add 198.51.100.1/24 dev wire; ip link set wire up
there() { nsenter --net=/proc/$far/ns/net "$@"; }
there sh -c 'ip link set lo up; ip link set there up; for a in 198.51.100.2/24 198.51.100.53/24 185.12.64.1/32; do ip address add $a dev there; done'
start_core() { rm -f /world/ready; nsenter --net=/proc/$far/ns/net python3 /world/world.py "$1" 2>/world/core.log & core=$!; until test -e /world/ready; do kill -0 $core; sleep 0.05; done; }
start_core /world/core.pem
nginx
`;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
}
