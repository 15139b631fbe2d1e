import { expect, test } from "vitest";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { createAuthority, createLeaf } from "../pki/certificates.ts";
import { testAuthority } from "../pki/testing.ts";
import { fetchArchivePath, renderFetchArchive } from "./archive.ts";

/** An HTTPS server: /busy/ says 503 twice, /endless/ never stops, /elsewhere/ redirects, the rest is /store. */
const server = `import http.server, ssl, sys
asked = {"busy": 0}
class Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *args): super().__init__(*args, directory="/store")
    def do_GET(self):
        if self.path.startswith("/busy/"):
            asked["busy"] += 1
            if asked["busy"] < 3: return self.send_error(503)
            self.path = self.path.removeprefix("/busy")
        if self.path.startswith("/elsewhere/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/elsewhere"))
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if self.path.startswith("/endless/"):
            self.send_response(200)
            self.end_headers()
            try:
                while True: self.wfile.write(bytes(65536))
            except OSError: return open("/cut", "w").close()
        return super().do_GET()
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 443), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/server.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
`;

/** `fetch FOLDER FILE SHA256`: the script for such an archive. Failures are tried again for 4 s, not for minutes. */
const shell = `
export CURL_CA_BUNDLE=/ca.pem
python3 /server.py &
mkdir -p /store /made/public
echo 'console.log("shop")' > /made/shop.mjs
echo body > /made/public/shop.css
echo tool > /made/tool
chmod 4777 /made/tool
chmod 0600 /made/shop.mjs
chown -R nobody:nogroup /made
tar -C /made -czf /store/shop.tar.gz .
sum() { sha256sum "/store/$1" | cut -d ' ' -f 1; }
fetch() {
  sed -e "s#/folder/file.tar.gz#/$1/$2#; s#^expected=.*#expected='$3'#; s#--retry-max-time 180#--retry-max-time 4#; s#--retry-delay 3#--retry-delay 1#; s#--max-filesize [0-9]*#--max-filesize 1000000#" ${fetchArchivePath} > /fetch
  code=0; bash /fetch 2> /said || code=$?
  echo "code $code"
}
left() { echo "left: $(ls -A /opt | paste -sd ' ')"; }
until curl -s https://store.example.eu/ > /dev/null; do sleep 0.1; done
`;

describeWithDebian("the release of a workload, fetched", (debian) => {
  async function run(script: string): Promise<string[]> {
    const leaf = await createLeaf(testAuthority, {
      commonName: "store.example.eu",
      dnsNames: ["store.example.eu"],
      ipAddresses: ["127.0.0.1"],
    });
    const archive = { url: "https://store.example.eu/folder/file.tar.gz", sha256: "0".repeat(64) };
    const result = await debian.script({
      files: {
        [fetchArchivePath]: { content: renderFetchArchive(archive), mode: "0755" },
        "/server.py": server,
        "/server.pem": leaf.certificate + leaf.privateKey,
        "/ca.pem": (await createAuthority(testAuthority)).certificate,
        "/etc/hosts": "127.0.0.1 localhost store.example.eu\n",
      },
      script: shell + script,
    });
    expect(result).toMatchObject({ code: 0, stderr: "" });
    return result.stdout.trimEnd().split("\n");
  }

  test("it is tried again, and then root's, readable by all, with no more rights than it needs, once", async () => {
    const lines = await run(`
fetch busy shop.tar.gz "$(sum shop.tar.gz)"
(cd /opt/app; find . -printf '%M %u:%g %p\\n' | sort -k3)
left
rm /store/shop.tar.gz
bash /fetch && echo again
`);
    const [sum, ...rest] = [lines.find((line) => line.endsWith("./.sha256")), ...lines];
    expect(sum).toBe("-rw-r--r-- root:root ./.sha256");
    expect(rest).toEqual([
      "code 0",
      "drwxr-xr-x root:root .",
      "-rw-r--r-- root:root ./.sha256",
      "drwxr-xr-x root:root ./public",
      "-rw-r--r-- root:root ./public/shop.css",
      "-rw-r--r-- root:root ./shop.mjs",
      "-rwxr-xr-x root:root ./tool",
      "left: app",
      "again",
    ]);
  });

  test("another content than was configured is not used, and leaves nothing", async () => {
    const lines = await run(`
sum shop.tar.gz
fetch . shop.tar.gz ${"1".repeat(64)}
cat /said
left
`);
    expect(lines.slice(1)).toEqual([
      "code 1",
      expect.stringContaining(
        `has the SHA-256 ${lines[0]}, not ${"1".repeat(64)} as configured: nothing of it was used`,
      ),
      "left:",
    ]);
  });

  test("what does not end is cut off", async () => {
    const lines = await run(`
fetch endless shop.tar.gz "$(sum shop.tar.gz)"
tail -n 1 /said
until test -e /cut; do sleep 0.1; done
left
`);
    expect(lines).toEqual(["code 1", expect.stringContaining("could not be fetched (curl: 63)"), "left:"]);
  });

  test("redirections, unknown authorities, missing files and files that are no archives end the boot and say why", async () => {
    const lines = await run(`
echo text > /store/text.tar.gz
fetch elsewhere shop.tar.gz "$(sum shop.tar.gz)"; cat /said
fetch . text.tar.gz "$(sum text.tar.gz)"; tail -n 1 /said
fetch . missing.tar.gz ${"1".repeat(64)}; tail -n 1 /said
export CURL_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt
fetch . shop.tar.gz "$(sum shop.tar.gz)"; tail -n 1 /said
left
`);
    expect(lines).toEqual([
      "code 1",
      expect.stringContaining("answered 302: give the address that it leads to"),
      "code 1",
      expect.stringContaining("is not a .tar.gz that can be unpacked"),
      "code 1",
      expect.stringContaining("could not be fetched (curl: 22)"),
      "code 1",
      expect.stringContaining("could not be fetched (curl: 60)"),
      "left:",
    ]);
  });

  test("what is there already is never mixed with another release", async () => {
    const lines = await run(`
mkdir /opt/app; echo old > /opt/app/shop.mjs
fetch . shop.tar.gz "$(sum shop.tar.gz)"; cat /said
cat /opt/app/shop.mjs
left
`);
    expect(lines).toEqual([
      "code 1",
      expect.stringContaining("is there already, and is another one"),
      "old",
      "left: app",
    ]);
  });
});
