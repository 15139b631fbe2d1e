import { groupBy } from "../group.ts";
import { clip } from "../markup.ts";
import type { Flow, Presence, Topology } from "../model.ts";
import type { Members } from "./boxes.ts";
import type { Box, Edge, Outsider, Zone } from "./scene.ts";

/** Outsiders of a side that are drawn each by itself; those beyond are drawn as one. Who leaves the EU is folded last. */
const MOST = { outside: 12, unknown: 6, inside: 4 } as const;
/** Boxes of a zone that lead to the same outsider before one line from the zone stands for all. */
const MOST_LINES = 2;

/** Characters of a name that the law behind it is written after. */
const NAME = 36;

interface Party {
  readonly name: string;
  readonly side: "inside" | "outside" | "unknown";
  readonly flows: readonly Flow[];
}

/** Who the deployment leads to, and from where. */
export function outwardOf({ flows, nodes }: Topology, members: Members): { outsiders: Outsider[]; edges: Edge[] } {
  const parties = fold(partiesOf(flows));
  const placeOf = new Map(nodes.map(({ urn, place }) => [urn, place]));
  const outsiders = parties.map((party, index) => outsiderOf(party, `o${index}`));
  const edges = parties.flatMap((party, index) => edgesTo(outsiders[index]!, party, members, placeOf));
  return { outsiders, edges };
}

const SIDES = { yes: "outside", no: "inside", unknown: "unknown" } as const;

function partiesOf(flows: readonly Flow[]): Party[] {
  const groups = groupBy(flows, (flow) => `${SIDES[flow.leaves]}\u0000${flow.vendor ?? flow.host}`);
  return [...groups.values()]
    .map((some) => ({ name: some[0]!.vendor ?? some[0]!.host, side: SIDES[some[0]!.leaves], flows: some }))
    .sort((a, b) => (a.side === b.side ? (a.name < b.name ? -1 : 1) : a.side < b.side ? 1 : -1));
}

/** New and removed ones stay by themselves as long as possible: they are what a review is about. */
function fold(parties: readonly Party[]): Party[] {
  return (["outside", "unknown", "inside"] as const).flatMap((side) => {
    const some = parties.filter((party) => party.side === side);
    if (some.length <= MOST[side]) return some;
    const first = some.toSorted((a, b) => Number(isKept(a)) - Number(isKept(b)));
    const alone = first.slice(0, MOST[side] - 1);
    const rest = first.slice(MOST[side] - 1);
    const name = `${rest.length} others`;
    return [...alone, { name, side, flows: rest.flatMap(({ flows }) => flows) }];
  });
}

const isKept = ({ flows }: Party): boolean => presenceOf(flows) === "kept";

/** Of several: what was there before and stays is not new because something more leads there now. */
export function presenceOf(flows: readonly { readonly presence: Presence }[]): Presence {
  const all = new Set(flows.map(({ presence }) => presence));
  if (all.has("kept")) return "kept";
  return all.size === 1 ? [...all][0]! : "changed";
}

function outsiderOf({ name, side, flows }: Party, id: string): Outsider {
  const hosts = [...new Set(flows.map(({ host }) => host))].sort();
  const laws = [...new Set(flows.flatMap(({ jurisdiction }) => jurisdiction ?? []))].sort();
  const shown = hosts.length === 1 && hosts[0] === name ? [] : hosts.slice(0, 2);
  const more = hosts.length - 2;
  return {
    id,
    title: laws.length > 0 && laws.length < 4 ? `${clip(name, NAME)} (${laws.join(", ")})` : name,
    details: [...shown, ...(shown.length > 0 && more > 0 ? [`and ${more} more`] : [])],
    side,
    presence: presenceOf(flows),
  };
}

function edgesTo(
  outsider: Outsider,
  { flows, side }: Party,
  members: Members,
  placeOf: ReadonlyMap<string, string>,
): Edge[] {
  const byZone = new Map<Zone, Map<Box | undefined, Flow[]>>();
  for (const flow of flows) {
    const boxes = members.below(flow.from);
    const targets: [Zone | undefined, Box | undefined][] =
      boxes.length > 0
        ? boxes.map((box) => [members.zoneOf(box), box])
        : [[members.zoneOfPlace(placeOf.get(flow.from) ?? ""), undefined]];
    for (const [zone, box] of targets) {
      if (!zone) continue;
      const inZone = byZone.get(zone) ?? new Map<Box | undefined, Flow[]>();
      inZone.set(box, [...(inZone.get(box) ?? []), flow]);
      byZone.set(zone, inZone);
    }
  }
  return [...byZone].flatMap(([zone, boxes]) => {
    const edge = (from: string, some: readonly Flow[], fromZone?: string): Edge => ({
      from,
      to: outsider.id,
      ...(fromZone !== undefined && { fromZone }),
      label: [portsOf(some), classesOf(some)].filter(Boolean).join(" · "),
      kind: "outward",
      leaves: side === "outside",
      presence: presenceOf(some),
    });
    const all = [...boxes.values()].flat();
    const middle = zone.boxes[Math.floor(zone.boxes.length / 2)];
    if (boxes.size > MOST_LINES || boxes.has(undefined)) return [edge(middle?.id ?? `${zone.id}_rest`, all, zone.id)];
    return [...boxes].map(([box, some]) => edge(box!.id, some));
  });
}

function portsOf(flows: readonly Flow[]): string {
  const ports = [...new Set(flows.flatMap(({ port }) => port ?? []))].sort((a, b) => a - b);
  return ports.length > 3 ? `${ports.length} ports` : ports.join(", ");
}

function classesOf(flows: readonly Flow[]): string {
  return [...new Set(flows.flatMap(({ classes }) => classes))].sort().slice(0, 3).join(", ");
}
