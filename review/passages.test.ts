import { expect, test } from "vitest";
import { readText } from "../graph/read.ts";
import { passagesOf } from "./passages.ts";
import { relationsOf } from "./relations.ts";
import { type MadeUp, streamOf } from "./testing.ts";

const server = "hcloud:index/server:Server";
const named = (urn: string) => (urn.startsWith("urn:") ? urn.slice(urn.lastIndexOf("::") + 2) : urn);

/** `from -> to ports (why, presence)` for each. */
async function passages(resources: readonly MadeUp[]): Promise<string[]> {
  const { graph } = await readText(streamOf(resources), "preview.jsonl", "events");
  return passagesOf(graph.resources, relationsOf(graph))
    .map(({ from, to, ports, why, presence }) => `${named(from)} -> ${named(to)} ${ports} (${why}, ${presence})`)
    .sort();
}

const host = (name: string, openings: unknown, more: Partial<MadeUp> = {}): MadeUp => ({
  type: "sovereign:host:Host",
  isComponent: true,
  name,
  after: { openings },
  ...more,
});
const postgres = [
  { port: 5432, from: ["app", "postgres"], purpose: "SQL" },
  { port: 9187, from: ["monitoring"], purpose: "metrics" },
];

test("a machine says who may reach it, by role", async () => {
  expect(await passages([host("postgres-1", postgres)])).toEqual([
    "role:app -> postgres-1 5432 (postgres-1, kept)",
    "role:monitoring -> postgres-1 9187 (postgres-1, kept)",
    "role:postgres -> postgres-1 5432 (postgres-1, kept)",
  ]);
});

test("what an update opens and closes is told apart", async () => {
  const before = { openings: [{ port: 5432, from: ["app", "gateway"], purpose: "SQL" }] };
  const changed = host("postgres-1", [{ port: 5432, from: ["app", "edge"], purpose: "SQL" }], { op: "update", before });
  expect(await passages([changed])).toEqual([
    "role:app -> postgres-1 5432 (postgres-1, kept)",
    "role:edge -> postgres-1 5432 (postgres-1, added)",
    "role:gateway -> postgres-1 5432 (postgres-1, removed)",
  ]);
  expect(await passages([host("postgres-1", undefined, { op: "delete", before })])).toEqual([
    "role:app -> postgres-1 5432 (postgres-1, kept)",
    "role:gateway -> postgres-1 5432 (postgres-1, kept)",
  ]);
});

test("a load balancer lets everybody in, and leads to the servers that its labels select", async () => {
  const labels = { role: "app", stack: "shop" };
  const made: MadeUp[] = [
    { type: "hcloud:index/loadBalancer:LoadBalancer", name: "entrance", id: "7", after: { location: "fsn1" } },
    {
      type: "hcloud:index/loadBalancerService:LoadBalancerService",
      name: "https",
      after: { loadBalancerId: "7", listenPort: 443, destinationPort: 8080 },
    },
    {
      type: "hcloud:index/loadBalancerTarget:LoadBalancerTarget",
      name: "apps",
      after: { loadBalancerId: 7, labelSelector: "role=app,stack==shop" },
    },
    { type: server, name: "app-1", id: "11", after: { labels } },
    { type: server, name: "app-2", id: "12", after: { labels: { ...labels, stack: "other" } } },
  ];
  expect(await passages(made)).toEqual([
    "entrance -> app-1 8080 (apps, kept)",
    "internet -> entrance 443 (https, kept)",
  ]);
});

test("a firewall lets in whom it names", async () => {
  const rules = [
    { direction: "in", protocol: "tcp", port: "22", sourceIps: ["203.0.113.0/24"] },
    { direction: "in", protocol: "tcp", port: "8000-8010", sourceIps: ["0.0.0.0/0", "::/0"] },
    { direction: "out", protocol: "tcp", port: "443", destinationIps: ["0.0.0.0/0"] },
  ];
  const made: MadeUp[] = [
    { type: "hcloud:index/firewall:Firewall", name: "public", id: "5", after: { rules } },
    { type: server, name: "web", id: "12", after: { firewallIds: [5] } },
  ];
  expect(await passages(made)).toEqual([
    "203.0.113.0/24 -> web 22 (public, kept)",
    "internet -> web 8000-8010 (public, kept)",
  ]);
});

test.each([
  ["no list", "5432"],
  ["no openings", [1, null, "a", { port: 5432 }, { from: ["app"] }.from]],
  ["roles that are none", [{ port: 5432, from: [1, null, {}] }]],
])("what is no opening is none: %s", async (_, openings) => {
  expect(await passages([host("odd", openings)])).toEqual([]);
});
