import { expect, it } from "vitest";
import { chosenDrills, fittingDrills, standOf, standProblem } from "./choice.ts";

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

const one = { places: 1, edgeMachines: 0 };
const fitting = (names: readonly string[], stand = one) => {
  const { drills, leftOut } = fittingDrills(chosenDrills(names), names, stand);
  return { names: drills.map(({ name }) => name), leftOut };
};

it("a stack is told by where Postgres stands, and by its edge", () => {
  const at = (role: string, location: string) => ({ role, location });
  expect(standOf([at("postgres", "fsn1"), at("postgres", "fsn1"), at("app", "nbg1"), at("edge", "ash")])).toEqual({
    places: 1,
    edgeMachines: 1,
  });
});

it("a family leaves out what a stack cannot show, and names it; a drill that is named is refused before any is run", () => {
  const three = fitting(["move"], { places: 3, edgeMachines: 0 });
  expect(three.names).toEqual(["move-primary", "move-back"]);
  expect(three.leftOut.join("\n")).toMatch(
    /^move-hybrid needs an edge site.*\n(.*\n)*move-larger leaves .* when it is named$/,
  );
  expect(() => fitting(["postgres", "edge-site-lost"])).toThrow("edge-site-lost needs an edge site");
  expect(() => fitting(["edge"])).toThrow(/^edge-site-lost needs .*\nedge-core-away needs/);
});

it("what changes a stack for good is run only when it is named, last and once", () => {
  for (const names of [["all"], ["move"]]) expect(chosenDrills(names).filter(({ lasting }) => lasting)).toEqual([]);
  expect(chosenDrills(["move-larger"])).toHaveLength(1);
  expect(chosenDrills(["redis", "move-larger"]).at(-1)?.name).toBe("move-larger");
  expect(() => chosenDrills(["move-larger", "redis"])).toThrow("name it last");
  expect(() => chosenDrills(["move-larger"], 2)).toThrow("run it without --repeat");
  expect(chosenDrills(["postgres-switchover"], 2)).toHaveLength(1);
});
