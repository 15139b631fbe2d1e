import { expect, test } from "vitest";
import type { DebianFile } from "../../lab/debian/run.ts";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { renderCloudConfig } from "../host/user-data.ts";
import { composeEdgeMachine } from "./machine.ts";
import { staticCacheRole, toolsRoles } from "./roles.ts";
import { edgePaths } from "./spec.ts";
import { edgeWorld, startWorld, testCache, testCore, testEdge, testPair } from "./testing.ts";

/** The cache as it is on a machine: it asks the provider's resolvers. */
async function cacheMachine() {
  const core = await testPair(testCore);
  const edge = await testPair(testEdge);
  const { resolvers: _, ...spec } = testCache(core.authority);
  const machine = composeEdgeMachine("shop-edge-ash-1", [staticCacheRole(spec, edge.certificate)]);
  const files: Record<string, DebianFile> = await edgeWorld();
  for (const { path, content, mode } of machine.cloudConfig.files)
    if (path !== edgePaths.key) files[path] = { content, ...(mode ? { mode } : {}) };
  return { machine, files };
}

const workload = {
  kind: "service",
  packages: ["python3"],
  command: ["/usr/bin/python3", "-m", "http.server"],
} as const;

describeWithDebian("edge machines, read by the real programs", (debian) => {
  test.each(["static-cache", "dev-tools"])(
    "%s: cloud-init, nginx, nftables, bash and systemd take what is theirs",
    async (kind) => {
      const edge = await testPair(testEdge);
      const roles =
        kind === "static-cache"
          ? [staticCacheRole({ ...testCache(edge.authority) }, edge.certificate)]
          : toolsRoles({ domain: testEdge, hasCertificate: true, workload }, edge.certificate);
      const { cloudConfig } = composeEdgeMachine("shop-edge-ash-1", roles);
      const files = Object.fromEntries(
        cloudConfig.files.map(({ path, content, mode }) => [path, { content, ...(mode ? { mode } : {}) }]),
      );
      const { code, stdout, stderr } = await debian.script({
        files: {
          ...files,
          [edgePaths.key]: { content: edge.privateKey, mode: "0600" },
          "/tmp/user-data": renderCloudConfig(cloudConfig),
        },
        script: `
useradd --system sovereign-egress
cloud-init schema --config-file /tmp/user-data
nginx -t -q
nft -c -f /etc/nftables.conf
bash -n /usr/local/sbin/sovereign-first-boot
systemd-analyze verify --man=no $(ls /etc/systemd/system/*.service) nginx.service`,
      });
      expect(stderr).toBe("");
      expect(stdout).toContain("Valid schema");
      expect(code).toBe(0);
    },
  );

  test("with the packet filter on, the cache reaches the core by its name, and nobody reaches anything else", async () => {
    const { files } = await cacheMachine();
    const requests = [{ path: "/assets/a.js" }, { path: "/assets/a.js" }];
    const result = await debian.script({
      files: {
        ...files,
        "/etc/resolv.conf": "nameserver 185.12.64.1\n",
        "/world/requests.json": JSON.stringify(requests),
      },
      script: `
useradd --system sovereign-egress
${startWorld.replace(/nginx\n$/, "")}
there ip address add 198.51.100.9/24 dev there
ip route add default via 198.51.100.2
nft -f /etc/nftables.conf
install -d -o sovereign-egress /run/sovereign-egress
/usr/local/lib/sovereign/egress-mirrors
setpriv --reuid sovereign-egress --regid sovereign-egress --clear-groups haproxy -db -f /etc/sovereign/egress/haproxy.cfg > /tmp/log 2>&1 &
until curl -s -o /dev/null http://127.0.0.1:8406/metrics; do sleep 0.1; done
nginx
python3 /world/ask.py | jq -c '[.status, .headers["x-cache"][0], .body]'
get() { setpriv --reuid www-data curl -sk -o /dev/null -m 3 -w '%{http_code}' "$@" || true; }
echo "by address: $(get https://198.51.100.2/assets/a.js)"
echo "another name: $(get --resolve other.example.eu:443:198.51.100.2 https://other.example.eu/)"
echo "another port: $(get https://198.51.100.9:8443/)"
echo "user data: $(get http://169.254.169.254/)"
from_there() { there curl -sk -o /dev/null -m 2 -w '%{http_code}' "$@" || true; }
echo "visitors: $(from_there --resolve ${testEdge}:443:198.51.100.1 https://${testEdge}/healthz) $(from_there http://198.51.100.1:8406/metrics)"
`,
      timeoutMs: 55_000,
    });
    expect(result.stderr).toBe("");
    expect(result.stdout.trim().split("\n")).toEqual([
      '[200,"MISS","content of /assets/a.js"]',
      '[200,"HIT","content of /assets/a.js"]',
      "by address: 000",
      "another name: 000",
      "another port: 000",
      "user data: 000",
      "visitors: 200 000",
    ]);
  });
});
