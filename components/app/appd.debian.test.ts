import { expect, test } from "vitest";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { appdRole } from "./appd.ts";
import { machineFiles, testRedis } from "./testing.ts";

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
      files: { ...(await machineFiles([appdRole({ redis: testRedis })])), "/client.py": client },
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
