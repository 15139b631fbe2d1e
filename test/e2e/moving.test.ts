/** One stack that grows into other locations and comes back: what holds data is never replaced or deleted on the way. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Config, LONG, type Outcome, smallConfig, World } from "./harness.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
}, LONG);
afterAll(() => world?.close(), LONG);

const workload = { kind: "service", command: ["/usr/bin/env"] };
const two = { topology: "multi-region-eu", locations: ["fsn1", "nbg1"] };
const three = { ...two, locations: ["fsn1", "nbg1", "hel1"] };
const config = (change: Config = {}) => smallConfig({ app: { servers: 1, maxServers: 3, workload }, ...change });
const up = async (change: Config) => {
  world.configure(config(change));
  const outcome = await world.up();
  expect(outcome.messages).toBe("");
  expect(outcome.ok).toBe(true);
  return outcome;
};

const postgres = { nodes: 1, backup: false, witness: "hel1" };
const larger = { ...postgres, classes: ["personal"], serverType: "ccx23", storageGb: 80 };

const classified = { classes: ["personal"] };
const hybrid = {
  ...three,
  topology: "hybrid",
  app: { servers: 1, maxServers: 3, workload: { ...workload, classes: ["personal", "static"] } },
  redis: { nodes: 1, ...classified },
  monitoring: classified,
  edge: {
    admin: { cidrs: [{ cidr: "203.0.113.20/32", country: "DE" }] },
    sites: [
      {
        kind: "static-cache",
        location: "ash",
        domain: "static.example.org",
        classes: ["static"],
        certificate: { kind: "none" },
        paths: [{ path: "/assets/", class: "static" }],
      },
    ],
  },
};

/** Everything of the provider's but app servers and what only ties things together. */
const holdsData = (name: string) =>
  /^(Server .*-(postgres|redis|monitoring|etcd|gateway)-|Volume |VolumeAttachment |Network |LoadBalancer |PrimaryIp |Zone )/.test(
    name,
  );
const lost = ({ changes }: Outcome) => [...(changes.replaced ?? []), ...(changes.deleted ?? [])].filter(holdsData);
const made = ({ changes }: Outcome) => (changes.created ?? []).filter((name) => /^(Server|LoadBalancer) /.test(name));
const withIds = async () => {
  const all = await Promise.all(["servers", "volumes", "networks", "load_balancers"].map((kind) => world.list(kind)));
  return new Map(all.flatMap((items) => [...items].map(([name, { id }]) => [name, id])));
};

describe("a stack that moves", { timeout: 2 * LONG }, () => {
  let before: Map<string, number>;

  it("begins in one location", async () => {
    await up({});
    before = await withIds();
    expect([...before.keys()]).toContain("e2e-postgres-fsn1-1-data");
  });

  it("grows into a second one, with a vote in a third", async () => {
    const outcome = await up(two);
    expect(lost(outcome)).toEqual([]);
    expect(made(outcome)).toEqual([
      "LoadBalancer e2e-load-balancer-nbg1",
      ...["app-nbg1-1", "etcd-hel1-1", "monitoring-nbg1-1", "postgres-nbg1-1", "redis-nbg1-1"].map(
        (name) => `Server e2e-${name}`,
      ),
    ]);
  });

  it("grows into the third", async () => {
    const outcome = await up({ ...three, postgres: { nodes: 1, backup: false, witness: "hel1" } });
    expect(lost(outcome)).toEqual([]);
    expect(made(outcome)).toContain("Server e2e-postgres-hel1-1");
  });

  it("has another primary location", async () => {
    const outcome = await up({ ...three, postgres, locations: ["nbg1", "fsn1", "hel1"] });
    expect(lost(outcome)).toEqual([]);
    expect(made(outcome).filter(holdsData)).toEqual([]);
  });

  it("gives Postgres larger machines and volumes in place", async () => {
    const outcome = await up({ ...three, postgres: larger });
    expect(lost(outcome)).toEqual([]);
    expect(outcome.changes.updated).toEqual(
      expect.arrayContaining([
        "Server e2e-postgres-fsn1-1",
        "Server e2e-postgres-hel1-1",
        "Volume e2e-postgres-nbg1-1-data",
      ]),
    );
  });

  it("gets an edge site outside the EU, which takes nothing of the core", async () => {
    const outcome = await up({ ...hybrid, postgres: larger });
    expect(lost(outcome)).toEqual([]);
    expect(made(outcome)).toEqual([expect.stringMatching(/^Server e2e-edge-ash-1/)]);
    const servers = await world.list("servers");
    const site = [...servers].find(([name]) => name.startsWith("e2e-edge-ash-1"))![1];
    expect(site).toMatchObject({ location: { name: "ash" }, private_net: [] });
  });

  it("does not put what has to stay on an edge site, nor open one with a key of the core", async () => {
    const [site] = hybrid.edge.sites;
    const wrong = { ...hybrid.edge, sites: [{ ...site, classes: ["static", "personal"] }] };
    world.configure(config({ ...hybrid, postgres: larger, edge: wrong }));
    const { ok, messages } = await world.preview();
    expect(ok).toBe(false);
    expect(messages).toContain("edge.sites[0].classes[1]: personal has to stay in the EU");
  });

  it("comes back to one location, and keeps in the others what holds data", async () => {
    const outcome = await up({ retained: ["nbg1", "hel1"], postgres: larger });
    expect(lost(outcome)).toEqual([]);
    expect(outcome.changes.deleted?.filter((name) => name.startsWith("Server "))).toEqual([
      "Server e2e-app-hel1-1",
      "Server e2e-app-nbg1-1",
      "Server e2e-edge-ash-1",
    ]);
    const after = await withIds();
    for (const [name, id] of before) if (!name.includes("-app-")) expect([name, after.get(name)]).toEqual([name, id]);
  });

  it("does not let go of a location by accident", async () => {
    world.configure(config({ postgres: { ...larger, witness: undefined } }));
    const outcome = await world.up();
    expect(outcome.ok).toBe(false);
    expect(outcome.messages).toContain("protect");
    expect(lost(outcome)).toEqual([]);
  });

  it("does not change its network's range, and says what to do instead", async () => {
    world.configure(config({ ...three, network: { cidr: "10.1.0.0/16" } }));
    const outcome = await world.preview();
    expect(outcome.ok).toBe(false);
    expect(outcome.messages).toContain("network.cidr: the network of e2e is 10.0.0.0/16 and cannot become 10.1.0.0/16");
  });
});
