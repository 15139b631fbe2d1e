import { euLocations, type LocationName } from "../catalogue/hetzner/locations.ts";
import { type NodeCounts, totalNodes } from "../components/postgres/members.ts";
import type { StackConfig } from "./config/schema.ts";

export type { NodeCounts };

/** Primary, secondary and tertiary, where the configuration names none. */
export const usualLocations: readonly LocationName[] = ["fsn1", "nbg1", "hel1"];

const nodesAlone = 3;

/** Where a stack stands: all that its topology decides. */
export interface Places {
  readonly primary: LocationName;
  /** Have an entrance and app servers; the primary first. */
  readonly serving: readonly LocationName[];
  /** Serve no longer, and keep what holds data. */
  readonly retained: readonly LocationName[];
  /** Those that serve, then those that are retained. */
  readonly all: readonly LocationName[];
  /** Data nodes of Postgres. */
  readonly nodes: NodeCounts;
  /** Where etcd's third member stands alone. */
  readonly witness: LocationName | undefined;
}

/** Locations that serve, the primary first. */
export function servingOf(config: {
  readonly topology: StackConfig["topology"];
  readonly location?: LocationName | undefined;
  readonly locations?: readonly LocationName[] | undefined;
}): readonly LocationName[] {
  return config.topology === "single-region"
    ? [config.location ?? usualLocations[0]!]
    : (config.locations ?? usualLocations);
}

/** A topology is how many places there are: nothing else tells one from another, so that going from one to another moves nothing. */
export function placesOf(
  config: Pick<StackConfig, "topology" | "location" | "locations" | "retained" | "postgres">,
): Places {
  const serving = servingOf(config);
  const retained = config.retained;
  const all = [...serving, ...retained];
  const primary = serving[0]!;
  const nodes = nodesIn(config.postgres.nodes, all);
  return { primary, serving, retained, all, nodes, witness: witnessOf(config.postgres.witness, nodes, primary) };
}

/** Data nodes by location. A number is that of the primary location, the first of all, and others have one. */
export function nodesIn(
  given: number | NodeCounts | undefined,
  [primary, ...others]: readonly LocationName[],
): NodeCounts {
  if (typeof given === "object") return given;
  return {
    [primary!]: given ?? (others.length > 0 ? 1 : nodesAlone),
    ...Object.fromEntries(others.map((location) => [location, 1])),
  };
}

/** Two nodes need a third vote, and nodes in two locations one in a third location. */
function witnessOf(
  given: StackConfig["postgres"]["witness"],
  nodes: NodeCounts,
  primary: LocationName,
): LocationName | undefined {
  if (typeof given === "string") return given as LocationName;
  const places = Object.keys(nodes);
  if (places.length === 2) return euLocations().find((location) => !places.includes(location));
  return (given ?? totalNodes(nodes) === 2) ? primary : undefined;
}
