/** One stack that grows into other locations and comes back: what holds data is never replaced or deleted on the way. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  holdsData,
  intoLocations,
  intoOne,
  lettingGo,
  lostOf,
  type Move,
  made,
  toHybrid,
  withLargerPostgres,
  withPrimary,
} from "../../lab/drills/moves.ts";
import { type Config, LONG, type Outcome, smallConfig, World } from "./harness.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
}, LONG);
afterAll(() => world?.close(), LONG);

const workload = { kind: "service", command: ["/usr/bin/env"] };
const three = ["fsn1", "nbg1", "hel1"];
/** As the steps before have left it. */
let config: Config = smallConfig({ app: { servers: 1, maxServers: 3, workload } });

const moved = (...moves: readonly Move[]): Config => {
  const next = structuredClone(config);
  for (const move of moves) move(next);
  return next;
};
const up = async (...moves: readonly Move[]) => {
  config = moved(...moves);
  world.configure(config);
  const outcome = await world.up();
  expect(outcome.messages).toBe("");
  expect(outcome.ok).toBe(true);
  return outcome;
};

const site = {
  kind: "static-cache",
  location: "ash",
  domain: "static.example.org",
  classes: ["static"],
  certificate: { kind: "none" },
  paths: [{ path: "/assets/", class: "static" }],
};
const edge = { admin: { cidrs: [{ cidr: "203.0.113.20/32", country: "DE" }] }, sites: [site] };
const classes = {
  workload: ["personal", "static"],
  redis: ["personal"],
  monitoring: ["personal"],
  postgres: ["personal"],
};

const lost = ({ changes }: Outcome) => lostOf(changes);
const withIds = async () => {
  const all = await Promise.all(["servers", "volumes", "networks", "load_balancers"].map((kind) => world.list(kind)));
  return new Map(all.flatMap((items) => [...items].map(([name, { id }]) => [name, id])));
};

describe("a stack that moves", { timeout: 2 * LONG }, () => {
  let before: Map<string, number>;

  it("begins in one location", async () => {
    await up();
    before = await withIds();
    expect([...before.keys()]).toContain("e2e-postgres-fsn1-1-data");
  });

  it("grows into a second one, with a vote in a third", async () => {
    const outcome = await up(intoLocations(["fsn1", "nbg1"]));
    expect(lost(outcome)).toEqual([]);
    expect(made(outcome)).toEqual([
      "LoadBalancer e2e-load-balancer-nbg1",
      ...["app-nbg1-1", "etcd-hel1-1", "monitoring-nbg1-1", "postgres-nbg1-1", "redis-nbg1-1"].map(
        (name) => `Server e2e-${name}`,
      ),
    ]);
  });

  it("grows into the third", async () => {
    const outcome = await up(intoLocations(three));
    expect(lost(outcome)).toEqual([]);
    expect(made(outcome)).toContain("Server e2e-postgres-hel1-1");
  });

  it("has another primary location", async () => {
    const outcome = await up(withPrimary("nbg1"));
    expect(lost(outcome)).toEqual([]);
    expect(made(outcome).filter(holdsData)).toEqual([]);
  });

  it("gives Postgres larger machines and volumes in place", async () => {
    const outcome = await up(withPrimary("fsn1"), withLargerPostgres({ serverType: "ccx23", storageGb: 80 }));
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
    const outcome = await up(toHybrid({ edge, classes }));
    expect(lost(outcome)).toEqual([]);
    expect(made(outcome)).toEqual([expect.stringMatching(/^Server e2e-edge-ash-1/)]);
    const servers = await world.list("servers");
    const server = [...servers].find(([name]) => name.startsWith("e2e-edge-ash-1"))![1];
    expect(server).toMatchObject({ location: { name: "ash" }, private_net: [] });
  });

  it("does not put what has to stay on an edge site, nor open one with a key of the core", async () => {
    const wrong = { ...edge, sites: [{ ...site, classes: ["static", "personal"] }] };
    world.configure(moved(toHybrid({ edge: wrong, classes })));
    const { ok, messages } = await world.preview();
    expect(ok).toBe(false);
    expect(messages).toContain("edge.sites[0].classes[1]: personal has to stay in the EU");
  });

  it("comes back to one location, and keeps in the others what holds data", async () => {
    const outcome = await up(intoOne);
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
    world.configure(moved(lettingGo));
    const outcome = await world.up();
    expect(outcome.ok).toBe(false);
    expect(outcome.messages).toContain("protect");
    expect(lost(outcome)).toEqual([]);
  });

  it("does not change its network's range, and says what to do instead", async () => {
    world.configure(
      moved(intoLocations(three), (changed) => Object.assign(changed, { network: { cidr: "10.1.0.0/16" } })),
    );
    const outcome = await world.preview();
    expect(outcome.ok).toBe(false);
    expect(outcome.messages).toContain("network.cidr: the network of e2e is 10.0.0.0/16 and cannot become 10.1.0.0/16");
  });
});
