import { expect, it } from "vitest";
import type { Series } from "../../lab/drills/result.ts";
import { chosenDrills, standProblem } from "./drill.ts";
import { mergeFigures } from "./figures-file.ts";

it("names mean a drill, a family or all of them, each once", () => {
  const names = (...given: string[]) => chosenDrills(given).map((drill) => drill.name);
  expect(names("postgres-switchover")).toEqual(["postgres-switchover"]);
  expect(names("redis")).toContain("redis-partition");
  expect(names("redis", "redis-partition")).toEqual(names("redis"));
  expect(names("all").length).toBeGreaterThan(20);
});

it("a name that nothing has is met with the next best", () => {
  expect(() => chosenDrills(["postgres-hostkill"])).toThrow("did you mean postgres-host-kill?");
});

it("figures take the place of those of the same drill, others stay", () => {
  const run = {
    drill: "a",
    startedAt: "2026-11-22T17:00:00.000Z",
    seconds: 60,
    outageSeconds: 3,
    acknowledged: 10,
    errors: 2,
    medianMs: 1,
    lost: 0,
    lostBeyondLimit: 0,
    duplicates: 0,
    unconfirmed: 0,
    invented: 0,
    disagreeing: [],
    figures: [{ name: "seconds of x", value: 4 }],
    checks: [],
    violations: [],
  };
  const series = (drill: string, runs: number): Series => ({
    drill,
    runs: Array(runs).fill(run),
    medianOutageSeconds: 3,
    worstOutageSeconds: 3,
    violations: [],
  });
  const first = mergeFigures([], [series("b", 1), series("a", 1)], "a machine");
  const second = mergeFigures(first, [series("a", 2), series("c", 0)], "a machine");
  expect(second.map(({ drill, runs }) => [drill, runs])).toEqual([
    ["a", 2],
    ["b", 1],
  ]);
  expect(second[0]).toMatchObject({ date: "2026-11-22", acknowledged: 20, figures: { "seconds of x": [4, 4] } });
});

it("a drill is for stacks that have what it breaks, and is refused with the one that has", () => {
  const one = { places: 1, edgeMachines: 0 };
  const three = { places: 3, edgeMachines: 0 };
  expect(standProblem({ name: "postgres-host-kill" }, one)).toBeUndefined();
  const lost = { name: "location-lost-primary", locations: 3 };
  expect(standProblem(lost, three)).toBeUndefined();
  expect(standProblem(lost, one)).toMatch(/needs Postgres in 3 locations.* in 1:/);
  const edge = { name: "edge-site-lost", edge: true };
  expect(standProblem(edge, { ...three, edgeMachines: 1 })).toBeUndefined();
  expect(standProblem(edge, three)).toMatch(/needs an edge site.*lab up hybrid/);
  const grows = { name: "move-multi-region", mostLocations: 1 };
  expect(standProblem(grows, one)).toBeUndefined();
  expect(standProblem(grows, three)).toMatch(/in one location.* in 3: .*lab up single-region/);
});

it("what changes a stack for good is run only when it is named", () => {
  expect(chosenDrills(["all"]).filter(({ lasting }) => lasting)).toEqual([]);
  expect(chosenDrills(["move-larger"])).toHaveLength(1);
});
