/** Which drills are run: those that were asked for, as far as the stack can show what they are about. Pure. */
import { closest } from "fastest-levenshtein";
import { allDrills } from "../../lab/drills/all.ts";
import type { Drill } from "../../lab/drills/drill.ts";
import type { Machine } from "../../lab/drills/world.ts";
import { CommandError } from "../output.ts";

const isMeant = (drill: Drill, name: string): boolean =>
  // What changes a stack for good would spoil it for the others.
  drill.name === name || (!drill.lasting && (name === "all" || drill.family === name));

/**
 * The drills that names mean: a drill, a family, or `all`.
 * @throws CommandError that says what there is, or that a drill which changes the stack for good would not be the last
 */
export function chosenDrills(names: readonly string[], repeat = 1): Drill[] {
  const chosen = new Set(
    names.flatMap((name) => {
      const found = allDrills.filter((drill) => isMeant(drill, name));
      if (found.length > 0) return found;
      const known = ["all", ...new Set(allDrills.flatMap((drill) => [drill.family, drill.name]))];
      throw new CommandError(
        `there is no drill ${JSON.stringify(name)}: did you mean ${closest(name, known)}? All of them: npx sovereign drill list`,
        2,
      );
    }),
  );
  const drills = [...chosen];
  const lasting = drills.find((drill) => drill.lasting);
  if (lasting && (repeat > 1 || lasting !== drills.at(-1)))
    throw new CommandError(
      `${lasting.name} leaves the stack otherwise than it found it, so nothing can follow it${repeat > 1 ? ", not even itself: run it without --repeat" : ": name it last"}, and take the lab down afterwards`,
      2,
    );
  return drills;
}

/** What a stack has that drills need. */
export interface Stand {
  /** Locations that Postgres is in. */
  readonly places: number;
  readonly edgeMachines: number;
}

export const standOf = (machines: readonly Pick<Machine, "role" | "location">[]): Stand => ({
  places: new Set(machines.filter(({ role }) => role === "postgres").map(({ location }) => location)).size,
  edgeMachines: machines.filter(({ role }) => role === "edge").length,
});

/** Why a stack cannot show what a drill is about; undefined when it can. */
export function standProblem(
  { name, locations = 1, mostLocations, edge }: Pick<Drill, "name" | "locations" | "mostLocations" | "edge">,
  { places, edgeMachines }: Stand,
): string | undefined {
  if (edge && edgeMachines === 0)
    return `${name} needs an edge site, and this stack has none: npx sovereign lab up hybrid, then --stack hybrid`;
  if (mostLocations !== undefined && places > mostLocations)
    return `${name} begins with Postgres in one location, and this stack has it in ${places}: npx sovereign lab up single-region, then --stack single-region`;
  if (places >= locations) return undefined;
  return `${name} needs Postgres in ${locations} locations, and this stack has it in ${places}: npx sovereign lab up multi-region-eu, then --stack multi-region-eu`;
}

/**
 * Those of the chosen drills that a stack can show, and why the others are left out that `all` or a family has brought.
 * @throws CommandError for one that was named and cannot be shown, or when none is left
 */
export function fittingDrills(
  chosen: readonly Drill[],
  names: readonly string[],
  stand: Stand,
): { readonly drills: readonly Drill[]; readonly leftOut: readonly string[] } {
  const drills = chosen.filter((drill) => standProblem(drill, stand) === undefined);
  const others = chosen.filter((drill) => !drills.includes(drill));
  const problems = (of: readonly Drill[]) => of.map((drill) => standProblem(drill, stand)!);
  const named = others.filter(({ name }) => names.includes(name));
  if (named.length > 0 || drills.length === 0)
    throw new CommandError(problems(named.length > 0 ? named : others).join("\n"), 2);
  const lasting = allDrills.filter(
    (drill) => drill.lasting && !chosen.includes(drill) && (names.includes("all") || names.includes(drill.family)),
  );
  return {
    drills,
    leftOut: [
      ...problems(others),
      ...lasting.map(
        ({ name }) => `${name} leaves the stack otherwise than it found it: it runs only when it is named`,
      ),
    ],
  };
}
