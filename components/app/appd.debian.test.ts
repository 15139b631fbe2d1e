import { expect, test } from "vitest";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { createAuthority, createLeaf } from "../pki/certificates.ts";
import { appdRole } from "./appd.ts";
import { machineFiles, testPostgres, testRedis } from "./testing.ts";

/** Sends datagrams as nginx does, then shows what is told. */
const client = `import json, socket, time, urllib.error, urllib.request
conn = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
deadline = time.monotonic() + 20
while True:
    try: conn.connect("/run/sovereign-appd/requests.sock"); break
    except OSError:
        if time.monotonic() > deadline: raise
        time.sleep(0.05)
def get(path):
    try:
        with urllib.request.urlopen("http://127.0.0.1:9180" + path, timeout=10) as answer: return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error: return error.code, error.read().decode()
lines = [b"<190>Nov 22 13:00:00 r: 200 0.400", b"<190>Nov 22 13:00:00 r: 301 0.401", b"<190>Nov 22 13:00:00 r: 502 60.000"]
bad = [b"", b"x", b"\\xff\\xfe 200 abc", b"r: 200 -1", b"r: 200 nan", b"r: 200 inf", b"r: 999 0.1", b"r: -200 0.1", b"A" * 4000, b"r: 200 " + b"9" * 300]
for line in lines + bad: conn.send(line)
for _ in range(2000): conn.send(lines[0])
while True:
    status, text = get("/metrics")
    series = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    if series['http_request_duration_seconds_count{code="2xx"}'] == "2001" or time.monotonic() > deadline: break
    time.sleep(0.05)
name = "http_request_duration_seconds"
print(json.dumps({
    "under 0.3": series[name + '_bucket{code="2xx",le="0.3"}'],
    "under 0.4": series[name + '_bucket{code="2xx",le="0.4"}'],
    "redirects": [series[name + '_bucket{code="3xx",le="0.4"}'], series[name + '_bucket{code="3xx",le="0.5"}']],
    "slow": [series[name + '_bucket{code="5xx",le="10.0"}'], series[name + '_bucket{code="5xx",le="+Inf"}'], series[name + '_sum{code="5xx"}']],
    "malformed": series["sovereign_request_log_malformed_total"],
    "ready": {key: value for key, value in series.items() if key.startswith("sovereign_ready")},
    "readyz": [get("/readyz")[0], {key: check["ok"] for key, check in json.loads(get("/readyz")[1])["checks"].items()}],
    "other": get("/../etc/passwd")[0],
}))
`;

describeWithDebian("sovereign-appd", (debian) => {
  test("counts what it understands, and is not stopped by what it does not, nor by a machine without HAProxy", async () => {
    const { code, stdout, stderr } = await debian.script({
      files: { ...(await machineFiles([appdRole({ redis: testRedis, location: "fsn1" })])), "/client.py": client },
      script: `mkdir -p /run/sovereign-appd
python3 -I /usr/local/lib/sovereign/sovereign-appd /etc/sovereign/appd.json &
python3 /client.py`,
    });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      "under 0.3": "0",
      "under 0.4": "2001",
      redirects: ["0", "1"],
      slow: ["0", "1", "60.000000"],
      malformed: "10",
      ready: {
        'sovereign_ready{check="workload"}': "0",
        'sovereign_ready{check="redis-sessions"}': "0",
        'sovereign_ready{check="redis-cache"}': "0",
        'sovereign_ready{check="disk"}': expect.stringMatching(/^[01]$/),
      },
      readyz: [503, { workload: false, "redis-sessions": false, "redis-cache": false, disk: expect.any(Boolean) }],
      other: 404,
    });
  });
});

describeWithDebian("sovereign-appd's view of replicas", (debian) => {
  const patroni = `import http.server, json, ssl
members = [{"name": "shop-postgres-fsn1-1", "role": "leader", "state": "running"},
  {"name": "shop-postgres-fsn1-2", "role": "quorum_standby", "state": "streaming", "lag": 4096},
  {"name": "shop-postgres-fsn1-3", "role": "replica", "state": "stopped", "lag": "unknown"}, {"name": "stranger", "role": "replica"}]
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"members": members}).encode()
        self.send_response(200); self.end_headers(); self.wfile.write(body)
    def log_message(self, *_): pass
server = http.server.HTTPServer(("10.0.2.5", 8008), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); context.load_cert_chain("/node.crt", "/node.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
`;

  test("asks the next node where the first does not answer, and no machine that is not the stack's", async () => {
    const dates = { notBefore: new Date("2026-01-01"), notAfter: new Date("2036-01-01") };
    const authority = { seed: Buffer.alloc(32, 7), name: "test", generation: 1, ...dates };
    const ca = (await createAuthority(authority)).certificate;
    const ask = async (address: string) => {
      const leaf = await createLeaf(authority, { commonName: "node", dnsNames: ["node"], ipAddresses: [address] });
      const { code, stdout, stderr } = await debian.script({
        files: {
          ...(await machineFiles([appdRole({ postgres: testPostgres, location: "fsn1" })])),
          "/etc/sovereign/tls/ca.crt": ca,
          "/patroni.py": patroni,
          "/node.crt": leaf.certificate,
          "/node.key": leaf.privateKey,
        },
        script: `ip link set lo up
ip addr add 10.0.2.5/32 dev lo
mkdir -p /run/sovereign-appd
python3 /patroni.py &
python3 -I /usr/local/lib/sovereign/sovereign-appd /etc/sovereign/appd.json &
until curl -s -o /dev/null http://127.0.0.1:9180/metrics; do sleep 0.1; done
until python3 -c 'import socket; socket.create_connection(("10.0.2.5", 8008))' 2>/dev/null; do sleep 0.1; done
curl -s -w '%{http_code}' http://127.0.0.1:9180/replication`,
      });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return { status: stdout.slice(-3), answer: JSON.parse(stdout.slice(0, -3)) };
    };
    expect(await ask("10.0.2.5")).toEqual({
      status: "200",
      answer: {
        location: "fsn1",
        primary: { name: "shop-postgres-fsn1-1", location: "fsn1" },
        replicas: [
          { name: "shop-postgres-fsn1-2", location: "fsn1", streaming: true, lagBytes: 4096 },
          { name: "shop-postgres-fsn1-3", location: "fsn1", streaming: false, lagBytes: null },
        ],
      },
    });
    const refused = await ask("10.0.2.99");
    expect(refused.status).toBe("503");
    expect(refused.answer.error).toContain("shop-postgres-fsn1-2: ");
  });
});
