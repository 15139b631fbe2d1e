import type { DebianFile } from "../../lab/debian/run.ts";
import type { Role } from "../host/role.ts";
import { createAuthority, createLeaf } from "../pki/certificates.ts";
import { tlsPaths } from "../pki/paths.ts";
import { testAuthority } from "../pki/testing.ts";
import type { PostgresClientSpec } from "../postgres/client.ts";
import type { RedisClientSpec } from "../redis/client.ts";
import { fillTestSecrets, testNodes } from "../redis/testing.ts";
import type { AppServerSpec } from "./roles.ts";
import type { ContainerWorkload, ServiceWorkload } from "./workload.ts";

/** For tests only. */
export const testImage = `registry.example.eu/shop/web@sha256:${"0123456789abcdef".repeat(4)}`;

export const testContainer: ContainerWorkload = { kind: "container", image: testImage };

/** Answers "ok" to everything; `/slow` after a while. */
export const testProgram = `import http.server, os, time
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.path == "/slow": time.sleep(0.45)
        body = "\\n".join("%s: %s" % pair for pair in self.headers.items()).encode()
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
`;

export const testService: ServiceWorkload = {
  kind: "service",
  packages: ["python3"],
  files: [{ path: "/opt/app/main.py", content: testProgram }],
  command: ["/usr/bin/python3", "/opt/app/main.py"],
};

export const testPostgres: PostgresClientSpec = {
  nodes: [1, 2, 3].map((n) => ({ name: `shop-postgres-fsn1-${n}`, address: `10.0.2.${n + 3}`, location: "fsn1" })),
  database: "shop",
  user: { name: "app", passwordSecret: "postgres-app-password" },
  owner: { name: "owner", passwordSecret: "postgres-owner-password" },
  maxConnections: 200,
};

export const testRedis: RedisClientSpec = { engine: "valkey", nodes: testNodes };

export const testApp: AppServerSpec = {
  workload: testService,
  postgres: testPostgres,
  redis: testRedis,
  loadBalancerRanges: ["10.0.0.0/24"],
  location: "fsn1",
  maxServers: 6,
  postgresClients: 6,
  maxBodyMb: 10,
  requestTimeoutSeconds: 60,
  drainSeconds: 12,
};

/** What a machine has of these roles, and its certificate, by path: files, whole units and drop-ins. */
export async function machineFiles(roles: readonly Role[]): Promise<Record<string, DebianFile>> {
  const authority = await createAuthority(testAuthority);
  const leaf = await createLeaf(testAuthority, { commonName: "app", dnsNames: ["app"], ipAddresses: ["127.0.0.1"] });
  const files: Record<string, DebianFile> = {
    [tlsPaths.ca]: { content: authority.certificate },
    [tlsPaths.certificate]: { content: leaf.certificate },
    [tlsPaths.key]: { content: leaf.privateKey, mode: "0600" },
  };
  for (const role of roles) {
    for (const { path, content, mode, owner } of role.files)
      files[path] = { content: fillTestSecrets(content), mode, owner };
    for (const { name, content, dropIn } of role.units) {
      if (content !== undefined) files[`/etc/systemd/system/${name}`] = { content };
      if (dropIn !== undefined) files[`/etc/systemd/system/${name}.d/sovereign.conf`] = { content: dropIn };
    }
  }
  return files;
}
