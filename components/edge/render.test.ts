import { expect, test } from "vitest";
import { machineProblems } from "../host/machine.ts";
import { composeEdgeMachine } from "./machine.ts";
import { staticCacheRole, toolsRoles } from "./roles.ts";
import { testCache, testEdge } from "./testing.ts";

test("the cache's configuration", () => {
  const [nginx] = staticCacheRole(testCache(), "PEM").files;
  expect(nginx!.content).toMatchSnapshot();
});

test("a cache for tests, without certificates", () => {
  const spec = { ...testCache(), hasCertificate: false, origin: { domain: "shop.example.eu", tls: false } };
  const [nginx, ...others] = staticCacheRole(spec, undefined).files;
  expect(others).toEqual([]);
  expect(nginx!.content).toContain("proxy_pass http://$core$request_uri;");
  expect(nginx!.content).not.toMatch(/443|ssl/);
});

test("a tool's configuration", () => {
  const workload = { kind: "service", packages: ["python3"], command: ["/usr/bin/python3"], port: 9000 } as const;
  const files = toolsRoles({ domain: testEdge, hasCertificate: true, workload }, "PEM").flatMap((role) => role.files);
  expect(files.find(({ path }) => path.endsWith("nginx.conf"))!.content).toMatchSnapshot();
});

test("an edge machine lets 80, 443 and SSH in, and out what its roles need by name", () => {
  const role = staticCacheRole(testCache(), "PEM");
  const machine = composeEdgeMachine("shop-edge-ash-1", [role]);
  const file = (path: string) => machine.cloudConfig.files.find((f) => f.path === path)?.content;
  expect(file("/etc/nftables.conf")).toMatchSnapshot();
  expect(file("/usr/local/sbin/sovereign-first-boot")).toMatchSnapshot();
  expect(file("/etc/sovereign/egress/names")).toBe("shop.example.eu:443\n");
  expect(machineProblems([role], machine.cloudConfig.files)).toEqual([]);
});
