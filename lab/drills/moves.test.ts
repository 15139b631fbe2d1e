import { describe, expect, it } from "vitest";
import { DrillError } from "./errors.ts";
import {
  holdsData,
  intoLocations,
  intoOne,
  lettingGo,
  locationsOf,
  lostOf,
  type Move,
  toHybrid,
  withoutEdge,
  withPrimary,
} from "./moves.ts";

const one = { topology: "single-region", location: "fsn1", postgres: { nodes: 3 } };
const moved = (config: object, ...moves: readonly Move[]) => {
  const changed = structuredClone(config) as Record<string, unknown>;
  for (const move of moves) move(changed);
  return changed;
};

describe("moves as edits of a configuration", () => {
  it("from one location to two, and on to the third, where the witness keeps its vote", () => {
    const two = moved(one, intoLocations(["fsn1", "nbg1"]));
    expect(two).toEqual({ topology: "multi-region-eu", locations: ["fsn1", "nbg1"], postgres: { nodes: 3 } });
    expect(moved(two, intoLocations(["fsn1", "nbg1", "hel1"])).postgres).toEqual({ nodes: 3, witness: "hel1" });
  });

  it("another primary keeps each location's nodes", () => {
    const three = moved(one, intoLocations(["fsn1", "nbg1", "hel1"]));
    expect(moved(three, withPrimary("hel1"))).toMatchObject({
      locations: ["hel1", "fsn1", "nbg1"],
      postgres: { nodes: { fsn1: 3, nbg1: 1, hel1: 1 } },
    });
  });

  it("an edge comes with the classes of all that handles data, and goes alone", () => {
    const classes = {
      workload: ["personal", "static"],
      redis: ["personal"],
      monitoring: ["personal"],
      postgres: ["financial"],
    };
    const edge = { sites: [] };
    const three = moved(
      { ...one, app: { workload: {} }, postgres: { backup: {} } },
      intoLocations(["fsn1", "nbg1", "hel1"]),
    );
    const hybrid = moved(three, toHybrid({ edge, classes }));
    expect(hybrid).toMatchObject({
      topology: "hybrid",
      edge,
      app: { workload: { classes: classes.workload } },
      postgres: { classes: classes.postgres, backup: { classes: classes.postgres } },
    });
    expect(moved(hybrid, withoutEdge)).toEqual({ ...hybrid, topology: "multi-region-eu", edge: undefined });
  });

  it("back to one location, which others are let go of after", () => {
    const back = moved(one, intoLocations(["fsn1", "nbg1", "hel1"]), withPrimary("nbg1"), intoOne);
    expect(back).toMatchObject({ topology: "single-region", location: "nbg1", retained: ["fsn1", "hel1"] });
    expect(back).not.toHaveProperty("locations");
    expect(moved(back, lettingGo)).toEqual({ topology: "single-region", location: "nbg1", postgres: { nodes: 1 } });
  });
});

it("locations that are left to their default are an error of the drill's, which ends no other", () => {
  expect(() => locationsOf({ topology: "multi-region-eu" })).toThrow(DrillError);
});

it("what holds data is everything of the provider's but app servers and edge sites", () => {
  for (const name of [
    "Server a-postgres-fsn1-1",
    "Volume a-redis-fsn1-1-data",
    "Network a",
    "PrimaryIp a-gateway-fsn1-1-ipv4",
  ])
    expect([name, holdsData(name)]).toEqual([name, true]);
  // Stacks may be called like a role.
  for (const name of ["Server my-app-x-postgres-fsn1-1", "Volume my-edge-x-redis-nbg1-1-data", "Server my-app-fsn1"])
    expect([name, holdsData(name)]).toEqual([name, true]);
  expect(holdsData("Server my-postgres-x-app-fsn1-1")).toBe(false);
  for (const name of ["Server a-app-fsn1-1", "Server a-edge-ash-1", "ZoneRrset a", "LoadBalancerTarget a"])
    expect([name, holdsData(name)]).toEqual([name, false]);
  expect(
    lostOf({
      replaced: ["Server a-etcd-hel1-1"],
      deleted: ["Server a-app-fsn1-1", "Volume v"],
      created: ["Network n"],
    }),
  ).toEqual(["Server a-etcd-hel1-1", "Volume v"]);
});
