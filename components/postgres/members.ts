import { type LocationName, locationNames } from "../../catalogue/hetzner/locations.ts";
import { hostName } from "../host/platform.ts";
import type { NetworkPlan } from "../network/plan.ts";
import type { PostgresNode } from "./client.ts";

/** Data nodes in each location. */
export type NodeCounts = Readonly<Partial<Record<LocationName, number>>>;

/** Data nodes in all locations together. */
export const totalNodes = (counts: NodeCounts): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

/** A machine of the cluster, and which of its role it is in its location. */
export interface Member extends PostgresNode {
  /** From 1, in its location. */
  readonly ordinal: number;
}

export interface Members {
  /** Machines with the data, by location in the provider's order: which location is the primary's moves none. */
  readonly nodes: readonly Member[];
  /** Members of etcd; the last is the witness where there is one. */
  readonly etcd: readonly Member[];
  /** A machine that is a member of etcd and nothing else. */
  readonly witness: Member | undefined;
}

export interface MembersArgs {
  /** The stack's name. */
  readonly name: string;
  readonly plan: NetworkPlan;
  readonly counts: NodeCounts;
  /** Where etcd's third member stands alone; undefined: nowhere. */
  readonly witness: LocationName | undefined;
}

/** Locations that have nodes, in the provider's order. */
export const locationsOf = (counts: NodeCounts): LocationName[] =>
  locationNames.filter((location) => (counts[location] ?? 0) > 0);

/** Votes that etcd has when there is more than one node: any one may be lost. */
const votes = 3;

/**
 * Who is who. Votes are spread: the first node of each location votes, so that with three locations (or two and a witness elsewhere) any
 * one of them may be lost. In one location the first three nodes vote.
 */
export function membersOf({ name, plan, counts, witness: witnessLocation }: MembersArgs): Members {
  const member = (role: "postgres" | "etcd", location: LocationName, ordinal: number): Member => ({
    name: hostName({ name, location }, role, ordinal),
    address: plan.address(role, location, ordinal),
    location,
    ordinal,
  });
  const nodes = locationsOf(counts).flatMap((location) =>
    Array.from({ length: counts[location]! }, (_, index) => member("postgres", location, index + 1)),
  );
  const witness = witnessLocation && member("etcd", witnessLocation, 1);
  const spread = new Set(nodes.map((node) => node.location)).size > 1;
  // A witness that two locations needed keeps its vote when the third, where it stands, gets nodes of its own.
  const voters = spread
    ? nodes.filter(({ ordinal, location }) => ordinal === 1 && location !== witnessLocation)
    : nodes;
  return { nodes, etcd: [...voters.slice(0, witness ? votes - 1 : votes), ...(witness ? [witness] : [])], witness };
}
