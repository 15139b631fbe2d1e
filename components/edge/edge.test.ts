import { gunzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { type PlannedResource, planWithoutProvider } from "../nothing-exists.ts";
import { Edge, type EdgeArgs } from "./edge.ts";
import { edgeProblems } from "./problems.ts";
import type { StaticCacheSettings } from "./site.ts";
import { testCore, testEdge, testPair } from "./testing.ts";

let planned: PlannedResource[];
beforeAll(async () => {
  planned = await planWithoutProvider("shop", "shop");
});

const key = (byte: string, name: string) => ({ name, publicKey: `ssh-ed25519 ${byte.repeat(68)} ${name}@example.eu` });

async function site(): Promise<StaticCacheSettings> {
  const { certificate, privateKey } = await testPair(testEdge);
  return {
    kind: "static-cache",
    location: "ash",
    classes: ["public", "static"],
    domain: testEdge,
    certificate: { certificate, privateKey },
    servers: 2,
    serverType: "ccx13",
    paths: [{ path: "/assets/", class: "static" }],
  };
}

const args = async (): Promise<EdgeArgs> => ({
  stack: "shop",
  origin: { domain: testCore, tls: true },
  sites: [await site()],
  adminCidrs: ["203.0.113.0/24"],
  sshKeys: [key("A", "edge")],
  dns: { zone: "example.eu", domain: "example.eu" },
  labels: { stack: "shop" },
});

const settled = () => new Promise((resolve) => setTimeout(resolve, 50));
/** Secrets stand in an envelope. */
const open = (value: unknown) => (typeof value === "object" ? (value as { value: string }).value : String(value));
const text = (userData: unknown) => gunzipSync(Buffer.from(open(userData), "base64")).toString();

test("a site has its own firewall, keys and records, states its classes, and has nothing of a private network", async () => {
  planned.length = 0;
  const edge = new Edge("shop-edge", await args());
  await settled();
  const custom = planned.filter(({ type }) => type.startsWith("hcloud:"));
  expect(custom.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`).sort()).toEqual([
    "Firewall shop-edge-ash",
    "PlacementGroup shop-edge-ash-1",
    "Server shop-edge-ash-1",
    "Server shop-edge-ash-2",
    "SshKey shop-edge-edge",
    "ZoneRrset shop-edge-ash-static-A",
    "ZoneRrset shop-edge-ash-static-AAAA",
  ]);
  const servers = custom.filter(({ type }) => type.endsWith(":Server"));
  for (const { inputs } of servers) {
    expect(inputs.labels).toEqual({ stack: "shop", role: "edge", "data-class": "public.static" });
    expect(inputs.location).toBe("ash");
    expect(Object.keys(inputs)).not.toContain("networks");
    expect(typeof inputs.userData).toBe("object");
    const userData = text(inputs.userData);
    expect(userData).not.toMatch(/sovereign\/tls|10\.0\.0\.0\/16|journal-upload|node-exporter/);
    expect(userData).toContain("BEGIN PRIVATE KEY");
  }
  const firewall = custom.find(({ type }) => type.endsWith(":Firewall"))!;
  expect((firewall.inputs.rules as { port?: string; sourceIps: string[] }[]).map((r) => [r.port, r.sourceIps])).toEqual(
    [
      ["80", ["0.0.0.0/0", "::/0"]],
      ["443", ["0.0.0.0/0", "::/0"]],
      ["22", ["203.0.113.0/24"]],
      [undefined, ["0.0.0.0/0", "::/0"]],
    ],
  );
  expect(edge.costs.map(({ monthlyEur }) => monthlyEur)).toEqual([null, null]);
  expect(edge.sites[0]!.url).toBe(`https://${testEdge}`);
});

test("a tool is for the edge's administrators alone, and reaches nothing", async () => {
  planned.length = 0;
  const edge = new Edge("shop-edge", {
    ...(await args()),
    sites: [
      {
        kind: "dev-tools",
        location: "hil",
        classes: ["telemetry-free-tooling"],
        domain: "tools.example.eu",
        certificate: "none",
        serverType: "ccx13",
        workload: { kind: "service", packages: ["python3"], command: ["/usr/bin/python3", "-m", "http.server"] },
      },
    ],
  });
  await settled();
  const firewall = planned.find(({ type }) => type.endsWith(":Firewall"))!;
  const rules = firewall.inputs.rules as { port?: string; sourceIps: string[] }[];
  expect(rules.filter(({ port }) => port).every(({ sourceIps }) => sourceIps.join() === "203.0.113.0/24")).toBe(true);
  const { machine } = edge.sites[0]!.hosts[0]!;
  expect(machine.egress.filter(({ port }) => port !== 123)).toEqual([]);
  const userData = planned.find(({ type, name }) => type.endsWith(":Server") && name === "shop-tools-hil-1")!.inputs
    .userData;
  expect(text(userData)).toContain("proxy_pass http://127.0.0.1:8080");
});

test("classes that have to stay do not compile, and are refused at run time", async () => {
  const good = await site();
  const bad: StaticCacheSettings = {
    ...good,
    // @ts-expect-error personal data may not stand at the edge
    classes: ["static", "personal"],
  };
  // @ts-expect-error neither may a site state no class
  const none: StaticCacheSettings = { ...good, classes: [] };
  const problems = (settings: StaticCacheSettings) =>
    edgeProblems({
      stack: "s",
      origin: { domain: testCore, tls: true },
      sites: [settings],
      adminCidrs: [],
      sshKeys: [],
    });
  expect(problems(good)).toEqual([]);
  expect(problems(bad)).toEqual([
    'sites[0].classes: "personal" may not stand at the edge: only public, static, telemetry-free-tooling may leave the core',
  ]);
  expect(problems(none)[0]).toContain("sites[0].classes: none given");
});

test("what would tie the edge to the core is refused with its path", async () => {
  const good = await args();
  const [first] = good.sites as [StaticCacheSettings];
  const core = await testPair(testCore);
  const broken: EdgeArgs = {
    ...good,
    sshKeys: [{ ...key("A", "edge"), publicKey: `${key("B", "x").publicKey} with another comment` }],
    coreSshKeys: [key("B", "operations").publicKey],
    sites: [
      { ...first, domain: testCore, certificate: core, servers: 11 },
      {
        ...first,
        serverType: "cx23",
        paths: [
          { path: "/", class: "static" },
          { path: "/a/../b", class: "static" },
        ],
      },
      { ...first, location: "sin", classes: ["static"], paths: [{ path: "/news/", class: "public" }] },
    ],
  };
  expect(edgeProblems(broken)).toEqual([
    "sshKeys[0]: edge is a key of the core's too: who administers the edge needs another one",
    "sites[0].servers: 11 is not a whole number from 1 to 10",
    "sites[0].domain: shop.example.eu is the core's own name: an edge site needs one of its own",
    "sites[0].certificate: is also for shop.example.eu: whoever took the key from an edge machine could pass for the core",
    "sites[1].serverType: cx23 is not offered in ash",
    'sites[1].paths[0].path: "/" is everything: name what is public, such as /assets/',
    'sites[1].paths[1].path: "/a/../b" is not a plain path such as /assets/ or /robots.txt',
    "sites[1]: there is a static-cache in ash already: raise its servers",
    "sites[2].paths[0].class: public is none of the site's classes (static)",
  ]);
});
