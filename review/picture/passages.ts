import type { Standing } from "../../catalogue/countries.ts";
import { groupBy } from "../group.ts";
import type { Topology } from "../model.ts";
import type { Passage } from "../passages.ts";
import type { Members } from "./boxes.ts";
import { presenceOf } from "./outward.ts";
import type { Box, Edge, Outsider, Zone } from "./scene.ts";

/** Lines between one box and others of a zone before one line stands for all. */
const MOST_LINES = 3;
const MOST_PORTS = 4;
/** Roles whose ports stand at a line between two places; of more only the names do. */
const MOST_ROLES = 2;
/** Id of the frame around everything in the EU. */
export const UNION = "eu";

type Pair = { readonly from: string; readonly to: Box; readonly passages: Passage[] };

/** Who talks to whom inside, and who comes in. */
export function passagesBetween(topology: Topology, members: Members): { outsiders: Outsider[]; edges: Edge[] } {
  const pairs = new Map<string, Pair>();
  const far: Pair[] = [];
  const note = (from: string, to: Box, passage: Passage) => {
    const key = `${from} ${to.id}`;
    const pair = pairs.get(key) ?? { from, to, passages: [] };
    pair.passages.push(passage);
    pairs.set(key, pair);
  };
  const byFrom = groupBy(topology.passages ?? [], ({ from }) => from);
  const ranges = new Set<string>();
  for (const [from, passages] of byFrom) {
    const sources = sourcesOf(from, members);
    for (const passage of passages)
      for (const to of members.below(passage.to)) {
        if (sources === undefined) {
          const visitors = from === "internet";
          if (!visitors) ranges.add(from);
          note(visitors ? "internet" : "ranges", to, passage);
          continue;
        }
        const [here, elsewhere] = byDistance(sources, to, members);
        for (const source of here) if (source !== to) note(source.id, to, passage);
        // Who has none of its own beside it is led to others; who has one may talk to the others too.
        for (const source of elsewhere)
          if (here.length === 0) note(source.id, to, passage);
          else far.push({ from: source.id, to, passages: [passage] });
      }
  }
  const all = [...pairs.values()];
  const hasVisitors = all.some(({ from }) => from === "internet");
  return {
    outsiders: [
      ...(hasVisitors ? [around("internet", "Internet", ["anybody"])] : []),
      ...(ranges.size > 0 ? [around("ranges", "Named addresses", namesOf(ranges))] : []),
    ],
    edges: [...folded(all, members), ...betweenPlaces(far, members)],
  };
}

const around = (id: string, title: string, details: readonly string[]): Outsider => ({
  id,
  title,
  details,
  side: "around",
  presence: "kept",
});

function namesOf(ranges: ReadonlySet<string>): string[] {
  const sorted = [...ranges].sort();
  return sorted.length > 3 ? [...sorted.slice(0, 2), `and ${sorted.length - 2} more`] : sorted;
}

/** Undefined for who stands outside. */
function sourcesOf(from: string, members: Members): readonly Box[] | undefined {
  if (from.startsWith("role:")) return members.withRole(from.slice("role:".length));
  return from.startsWith("urn:") ? members.below(from) : undefined;
}

/** Sources in the target's place, and those in others. */
function byDistance(sources: readonly Box[], to: Box, members: Members): readonly [readonly Box[], readonly Box[]] {
  const zone = members.zoneOf(to);
  const isHere = (source: Box) => members.zoneOf(source) === zone;
  return [sources.filter(isHere), sources.filter((source) => !isHere(source))];
}

/** One line for two places, whoever of them begins: each role to each other one would only be a tangle. */
function betweenPlaces(pairs: readonly Pair[], members: Members): Edge[] {
  const zoneOfId = (box: string) => members.zoneOfBox(box);
  const byPlaces = groupBy(pairs, ({ from, to }) => [zoneOfId(from)!.id, members.zoneOf(to).id].sort().join(" "));
  return [...byPlaces.values()].map((some): Edge => {
    const [one] = some as [Pair, ...Pair[]];
    const ends = [one.from, one.to.id].sort((a, b) => (zoneOfId(a)!.id < zoneOfId(b)!.id ? -1 : 1));
    const [from, to] = ends as [string, string];
    const byRole = groupBy(some, ({ to }) => to.role);
    const told = [...byRole].map(([role, own]) => `${role} ${portsOf(own.flatMap(({ passages }) => passages))}`.trim());
    const names = told.sort();
    return {
      ...edgeOf(some, zoneOfId),
      leaves: some.some((pair) => edgeOf([pair], zoneOfId).leaves),
      from,
      to,
      fromZone: zoneOfId(from)!.id,
      toZone: zoneOfId(to)!.id,
      label: names.join(" · "),
      ...(names.length > MOST_ROLES && { short: [...byRole.keys()].sort().join(", ") }),
      kind: "between",
    };
  });
}

/** Many lines of one box to others of a zone, or from them, become one at the zone's border. */
function folded(pairs: readonly Pair[], members: Members): Edge[] {
  const zoneOfId = (id: string) => members.zoneOfBox(id);
  const [far, close] = [pairs.filter(({ from }) => from === "ranges"), pairs.filter(({ from }) => from !== "ranges")];
  const zones = new Set(far.map(({ to }) => members.zoneOf(to)));
  // Who administers everything would cross the whole picture.
  const isEverywhere = zones.size > 1 && [...zones].every(({ standing }) => standing === "eu");
  const fans = groupBy(isEverywhere ? close : pairs, ({ from, to }) => `${from} ${members.zoneOf(to).id}`);
  const single: Pair[] = [];
  const edges: Edge[] = isEverywhere ? [{ ...edgeOf(far, zoneOfId), toZone: UNION }] : [];
  for (const fan of fans.values()) {
    if (fan.length <= MOST_LINES) single.push(...fan);
    else edges.push({ ...edgeOf(fan, zoneOfId), toZone: members.zoneOf(fan[0]!.to).id });
  }
  const funnels = groupBy(single, ({ from, to }) => `${zoneOfId(from)?.id ?? from} ${to.id}`);
  for (const funnel of funnels.values()) {
    const zone = zoneOfId(funnel[0]!.from);
    if (funnel.length <= MOST_LINES || !zone) edges.push(...funnel.map((pair) => edgeOf([pair], zoneOfId)));
    else edges.push({ ...edgeOf(funnel, zoneOfId), fromZone: zone.id });
  }
  return edges;
}

const isForeign = (standing: Standing): boolean => standing !== "eu" && standing !== "unknown";

function edgeOf(pairs: readonly Pair[], zoneOfId: (box: string) => Zone | undefined): Edge {
  const passages = pairs.flatMap((pair) => pair.passages);
  const { from, to } = pairs[Math.floor(pairs.length / 2)]!;
  return {
    from,
    to: to.id,
    label: portsOf(passages),
    kind: from === "internet" ? "visitors" : from === "ranges" ? "administration" : "internal",
    leaves: zoneOfId(from)?.standing === "eu" && isForeign(zoneOfId(to.id)?.standing ?? "unknown"),
    presence: presenceOf(passages),
  };
}

function portsOf(passages: readonly Passage[]): string {
  const ports = [...new Set(passages.map(({ ports }) => ports))]
    .filter(Boolean)
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1));
  return ports.length > MOST_PORTS ? `${ports.length} ports` : ports.join(", ");
}
