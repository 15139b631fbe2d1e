import { expect, test } from "vitest";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { discoveryProgram } from "./discovery.ts";

const config = (over: object = {}) =>
  JSON.stringify({
    directory: "/sd",
    port: 9100,
    timeout: 0.5,
    concurrency: 8,
    forgetAfter: 600,
    subnets: [
      {
        cidr: "127.0.9.0/28",
        labels: { role: "app", location: "fsn1" },
        targets: [
          { job: "node", port: 9100, labels: {} },
          { job: "app", port: 9180, labels: { __metrics_path__: "/m" } },
        ],
      },
    ],
    ...over,
  });

/** Machines that answer on 127.0.9.N; `how` decides what they say. */
const machines = `import http.server, socket, sys, threading, time
class Exporter(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        assert self.path == "/metrics?collect%5B%5D=uname", self.path
        self.send_response(200); self.end_headers()
        self.wfile.write(b'# HELP x\\nnode_uname_info{domainname="(none)",nodename="%s",release="1"} 1\\n' % self.server.name.encode())
    def log_message(self, *_): pass
def silent(address):
    server = socket.create_server((address, 9100)); held = []
    while True: held.append(server.accept())
for argument in sys.argv[1:]:
    address, name = argument.split("=")
    if name == "SILENT":
        threading.Thread(target=silent, args=(address,), daemon=True).start()
    else:
        server = http.server.ThreadingHTTPServer((address, 9100), Exporter); server.name = name
        threading.Thread(target=server.serve_forever, daemon=True).start()
print("ready", flush=True)
time.sleep(600)
`;

const prelude = `
mkdir -p /sd
start() { : >/tmp/ready; python3 /machines.py "$@" >/tmp/ready & pid=$!; until grep -q ready /tmp/ready; do sleep 0.1; done; }
stop() { kill $pid; wait $pid 2>/dev/null || true; }
show() { echo "--- $1"; jq -c '.[] | [.targets[0], .labels.host]' /sd/$1.json; }
`;

describeWithDebian("the sweep for app servers", (debian) => {
  const run = (script: string, files: Record<string, string> = {}) =>
    debian.script({
      script: prelude + script,
      files: {
        "/discover.py": { content: discoveryProgram, mode: "0755" },
        "/machines.py": machines,
        "/config.json": config(),
        ...files,
      },
    });

  test("names those that answer, for every job, with labels", async () => {
    const result = await run(`
start 127.0.9.2=app-a 127.0.9.5=app-b
/discover.py /config.json
show node; show app; jq -c '.[0].labels' /sd/app.json; ls -A /sd; stat -c %a /sd/node.json
`);
    expect(result.stderr).toBe("");
    expect(result.stdout).toBe(`--- node
["127.0.9.2:9100","app-a"]
["127.0.9.5:9100","app-b"]
--- app
["127.0.9.2:9180","app-a"]
["127.0.9.5:9180","app-b"]
{"host":"app-a","role":"app","location":"fsn1","__metrics_path__":"/m"}
app.json
node.json
state
644
`);
  });

  test("keeps one that vanished for ten minutes, then forgets it, and takes a new one in its place", async () => {
    const result = await run(`
start 127.0.9.2=app-a 127.0.9.5=app-b
/discover.py /config.json 1000
stop
start 127.0.9.5=app-b
/discover.py /config.json 1599; show node
/discover.py /config.json 1601; show node
stop
start 127.0.9.2=app-c 127.0.9.5=app-b
/discover.py /config.json 1620; show node
`);
    expect(result.stderr).toBe("");
    expect(result.stdout).toBe(`--- node
["127.0.9.2:9100","app-a"]
["127.0.9.5:9100","app-b"]
--- node
["127.0.9.5:9100","app-b"]
--- node
["127.0.9.2:9100","app-c"]
["127.0.9.5:9100","app-b"]
`);
  });

  test("a machine that says nothing, or an evil name, goes by its address or by the name it had", async () => {
    const result = await run(`
start 127.0.9.2=app-a '127.0.9.3=x<b>' 127.0.9.4=SILENT
/discover.py /config.json 1000; show node
stop
start 127.0.9.2=SILENT
/discover.py /config.json 1010; show node
`);
    expect(result.stderr).toBe("");
    const nodes = `--- node
["127.0.9.2:9100","app-a"]
["127.0.9.3:9100","127.0.9.3"]
["127.0.9.4:9100","127.0.9.4"]
`;
    expect(result.stdout).toBe(nodes + nodes);
  });

  test("starts anew from a broken memory, and says so", async () => {
    const result = await run(`
echo '{"half' >/sd/state
start 127.0.9.2=app-a
/discover.py /config.json; show node
`);
    expect(result.code).toBe(0);
    expect(result.stdout).toContain("app-a");
    expect(result.stderr).toContain("/sd/state cannot be read: starting anew");
  });

  test("leaves the old files when it cannot write new ones", async () => {
    const result = await run(
      `
start 127.0.9.2=app-a
/discover.py /config.json 1000
mount -t tmpfs -o size=4k tmpfs /mnt && cp /sd/* /mnt/ && head -c 4096 /dev/zero >/mnt/full 2>/dev/null || true
cp /mnt/node.json /before
sed -i s,/sd,/mnt, /config.json
if /discover.py /config.json 1010 2>/dev/null; then echo written; else echo failed; fi
cmp /before /mnt/node.json && ls -A /mnt | grep -c '^[.]' || true
`,
    );
    expect(result.stdout).toBe("failed\n0\n");
  });

  test("never asks more than 1,024 addresses, nor more at once than it may", async () => {
    const result = await run(
      `
cat >/check.py <<'END'
import asyncio, importlib.util
spec = importlib.util.spec_from_file_location("discover", "/discover.py")
discover = importlib.util.module_from_spec(spec); spec.loader.exec_module(discover)
now = most = asked = 0
async def ask(address, port, timeout):
    global now, most, asked
    now += 1; asked += 1; most = max(most, now)
    await asyncio.sleep(0)
    now -= 1
discover.ask = ask
asyncio.run(discover.sweep({"subnets": [{"cidr": "10.0.0.0/8"}], "concurrency": 8, "port": 1, "timeout": 1}))
print(asked, most)
print(discover.addresses("10.0.16.0/28")[0], discover.addresses("10.0.16.0/28")[-1], len(discover.addresses("10.0.16.0/28")))
END
python3 /check.py
`,
    );
    expect(result.stderr).toBe("");
    expect(result.stdout).toBe("1024 8\n10.0.16.1 10.0.16.14 14\n");
  });
});
