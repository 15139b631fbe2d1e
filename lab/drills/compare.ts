/** Compares what was acknowledged with what every node has. Pure. */
import type { Entry } from "./record.ts";

/** Ids of a run's rows on a node, in any order; an id that is there twice stands twice. */
export type NodeRows = ReadonlyMap<string, readonly string[]>;

export interface Comparison {
  readonly acknowledged: number;
  /** Acknowledged and missing on at least one node. */
  readonly lost: readonly string[];
  /** How many of them each node misses; nodes that miss none are left out. */
  readonly lostOn: Readonly<Record<string, number>>;
  /** There more than once on a node. */
  readonly duplicates: readonly string[];
  /** There although the writer was told of an error: allowed, since an error leaves the outcome open. */
  readonly unconfirmed: number;
  /** There although nobody ever tried to write them. */
  readonly invented: readonly string[];
  /** Nodes whose rows differ from those of the node that most agree with. */
  readonly disagreeing: readonly string[];
}

/** @throws Error without nodes: an empty comparison would find nothing wrong */
export function compareWithNodes(record: readonly Entry[], nodes: NodeRows): Comparison {
  if (nodes.size === 0) throw new Error("there is no node to compare with");
  const acknowledged = new Set(record.filter((entry) => entry.error === undefined).map((entry) => entry.id));
  const attempted = new Set(record.map((entry) => entry.id));
  const lost = new Set<string>();
  const lostOn: Record<string, number> = {};
  const duplicates = new Set<string>();
  const extra = new Set<string>();
  for (const [node, rows] of nodes) {
    const present = new Set(rows);
    const missing = [...acknowledged].filter((id) => !present.has(id));
    for (const id of missing) lost.add(id);
    if (missing.length > 0) lostOn[node] = missing.length;
    for (const id of repeated(rows)) duplicates.add(id);
    for (const id of present) if (!acknowledged.has(id)) extra.add(id);
  }
  return {
    acknowledged: acknowledged.size,
    lost: [...lost],
    lostOn,
    duplicates: [...duplicates],
    unconfirmed: [...extra].filter((id) => attempted.has(id)).length,
    invented: [...extra].filter((id) => !attempted.has(id)),
    disagreeing: disagreeing(nodes),
  };
}

function repeated(rows: readonly string[]): string[] {
  const seen = new Set<string>();
  return rows.filter((id) => seen.has(id) || !seen.add(id));
}

function disagreeing(nodes: NodeRows): string[] {
  const contents = [...nodes].map(([node, rows]) => [node, [...rows].sort().join("\n")] as const);
  const count = (text: string) => contents.filter(([, other]) => other === text).length;
  const common = contents.reduce((best, [, text]) => (count(text) > count(best) ? text : best), contents[0]![1]);
  return contents.filter(([, text]) => text !== common).map(([node]) => node);
}

/** From when to when a break was under way, milliseconds since 1970. */
export interface Break {
  readonly begin: number;
  readonly end: number;
}

/**
 * Acknowledged writes that are missing, apart from those acknowledged during the break or within a time before it: what a store may lose
 * that replicates without waiting, such as Redis. One acknowledged later was taken by a host that should not have taken it.
 */
export function lostBeyond(
  record: readonly Entry[],
  lost: readonly string[],
  { begin, end }: Break,
  windowMs: number,
): string[] {
  const missing = new Set(lost);
  return record
    .filter((entry) => missing.has(entry.id) && entry.error === undefined)
    .filter((entry) => entry.at < begin - windowMs || entry.at > end)
    .map((entry) => entry.id);
}
