import { groupBy } from "../group.ts";
import { counted } from "../markup.ts";
import type { Action, Place, ResourceNode, Topology } from "../model.ts";
import { memberships } from "./networks.ts";
import type { Box, Marks, Zone } from "./scene.ts";

/** Kinds that get a box; the rest is counted in the zone's heading. */
const DRAWN: ReadonlySet<string> = new Set([
  "server",
  "load balancer",
  "database",
  "cache",
  "bucket",
  "workload",
  "function",
  "queue",
  "cluster",
]);

/** Kinds that only tie others together: not worth a word, nor a place of their own. */
const TIES: ReadonlySet<string> = new Set(["attachment", "subnet"]);

/** What kinds are called where their name says too little. */
const SPOKEN: Readonly<Record<string, string>> = { key: "SSH key", placement: "placement group", DNS: "DNS entry" };

/** Which box a resource is in, and where the boxes are. */
export interface Members {
  boxOf(urn: string): Box | undefined;
  zoneOf(box: Box): Zone;
  /** By the box's id; undefined for who is no box. */
  zoneOfBox(id: string): Zone | undefined;
  /** Boxes of a role, whatever their place. */
  withRole(role: string): readonly Box[];
  /** The boxes below a component; a resource's own box. */
  below(urn: string): readonly Box[];
  /** The zone of a resource without a box. */
  zoneOfPlace(place: string): Zone | undefined;
}

interface Fold {
  readonly key: string;
  readonly place: string;
  readonly kind: string;
  readonly name: string;
  readonly role: string | undefined;
  readonly nodes: ResourceNode[];
}

/** Boxes of a zone that are drawn each by itself; the smallest beyond are drawn as one. */
const MOST_BOXES = 14;

export function boxesOf(topology: Topology): { zones: readonly Zone[]; members: Members } {
  const nodes = topology.nodes.filter(({ isComponent }) => !isComponent);
  const places = new Map(topology.places.map((place) => [place.key, place]));
  const networkOf = memberships(topology);
  const volumes = volumesByOwner(topology);
  const folds = foldAll(nodes.filter(({ kind }) => DRAWN.has(kind)));
  const boxes = folds.map((fold, index) => boxOf(fold, `b${index}`, volumes, networkOf, places));
  const told = nodes.filter(({ kind }) => !TIES.has(kind));
  const keys = [...new Set(told.map(({ place }) => place))].sort(byPlace(places));
  const shown = new Set([...volumes.values()].flat().map(({ urn }) => urn));
  const zones = keys.map((key, index) =>
    zoneOf(key, `z${index}`, places.get(key), nodes, folds, boxes, networkOf, shown),
  );
  return { zones, members: membersOf(topology, folds, boxes, zones, keys) };
}

/** In the EU first, then by name; what has no place is last. */
const byPlace = (places: ReadonlyMap<string, Place>) => {
  const rank = (key: string) => (key === "" ? 2 : places.get(key)?.standing === "eu" ? 0 : 1);
  return (a: string, b: string) => rank(a) - rank(b) || (a < b ? -1 : 1);
};

function foldAll(nodes: readonly ResourceNode[]): Fold[] {
  const folds = new Map<string, Fold>();
  for (const node of nodes) {
    const name = node.role ?? stem(node);
    const key = [node.place, node.kind, name].join("\u0000");
    const fold = folds.get(key) ?? { key, place: node.place, kind: node.kind, name, role: node.role, nodes: [] };
    fold.nodes.push(node);
    folds.set(key, fold);
  }
  return mergeSmallest([...folds.values()]);
}

/** Hundreds of names that have nothing in common would be hundreds of boxes. */
function mergeSmallest(folds: readonly Fold[]): Fold[] {
  const byZone = groupBy(folds, ({ place }) => place);
  return [...byZone.values()].flatMap((zone) => {
    if (zone.length <= MOST_BOXES) return zone;
    const sorted = zone.toSorted((a, b) => b.nodes.length - a.nodes.length || (a.key < b.key ? -1 : 1));
    const rest = groupBy(sorted.slice(MOST_BOXES - 3), ({ kind }) => kind);
    const merged = [...rest].map(
      ([kind, some]): Fold => ({
        key: `${some[0]!.place}\u0000${kind}\u0000`,
        place: some[0]!.place,
        kind,
        name: "other",
        role: undefined,
        nodes: some.flatMap(({ nodes }) => nodes),
      }),
    );
    return [...sorted.slice(0, MOST_BOXES - 3), ...merged];
  });
}

/** What remains of a name without ordinals, random ends and the place: `shop-app-fsn1-3` and `shop-app-fsn1-4` are both `shop-app`. */
function stem({ name, place }: ResourceNode): string {
  const region = place.slice(place.indexOf(":") + 1);
  const words = name.split(/[-_./]/).filter((word) => word !== "" && word !== region && !/^\d+$/.test(word));
  if (words.length > 1 && /^(?=.*\d)[0-9a-f]{5,}$/.test(words.at(-1)!)) words.pop();
  return words.join("-").replace(/(?<=[a-z])\d+$/, "") || name;
}

function boxOf(
  { nodes, kind, name, role, place }: Fold,
  id: string,
  volumes: ReadonlyMap<string, readonly ResourceNode[]>,
  networkOf: (node: ResourceNode) => readonly string[],
  places: ReadonlyMap<string, Place>,
): Box {
  const staying = nodes.filter(stays);
  const count = staying.length || nodes.length;
  const sizes = [...new Set((staying.length > 0 ? staying : nodes).flatMap(({ size }) => size ?? []))].sort();
  const attached = nodes.flatMap(({ urn }) => volumes.get(urn) ?? []);
  const from = [...new Set(nodes.flatMap(({ placeBefore }) => (placeBefore === undefined ? [] : [placeBefore])))]
    .filter((before) => before !== place)
    .map((before) => places.get(before)?.title ?? before);
  return {
    id,
    title: titleOf(count, kind, name, role, nodes),
    details: [
      ...(sizes.length > 0 ? [sizes.length > 3 ? `${sizes.length} sizes` : sizes.join(", ")] : []),
      ...(attached.length > 0 ? [`${counted(attached.length, "volume")}${signs(marksOf(attached))}`] : []),
      ...(from.length > 0 ? [`until now in ${from.slice(0, 2).join(", ")}`] : []),
    ],
    marks: marksOf(nodes),
    inNetwork: nodes.some((node) => networkOf(node).length > 0),
    classes: [...new Set([...nodes, ...attached].flatMap(({ classes }) => classes))].sort(),
    role: role ?? name,
  };
}

const stays = ({ action }: ResourceNode): boolean => action !== "delete" && action !== "forget";

function titleOf(
  count: number,
  kind: string,
  name: string,
  role: string | undefined,
  nodes: readonly ResourceNode[],
): string {
  const spoken = name.replaceAll("-", " ");
  const isSaid = spoken === kind || (role !== undefined && spoken.split(" ").includes(kind));
  const noun = isSaid ? spoken : `${spoken} ${kind}`;
  if (role !== undefined || name === "other") return count === 1 ? noun : counted(count, noun);
  return count === 1 && nodes.length === 1 ? `${nodes[0]!.name}` : `${name}: ${counted(count, kind)}`;
}

export function marksOf(nodes: readonly ResourceNode[]): Marks {
  const marks: Partial<Record<Action, number>> = {};
  for (const { action } of nodes) if (action !== "none") marks[action] = (marks[action] ?? 0) + 1;
  return marks;
}

/** The sign of each action, which says the same as its colour. */
export const SIGNS: Readonly<Record<Action, string>> = {
  delete: "−",
  replace: "±",
  create: "+",
  update: "~",
  rename: "→",
  move: "→",
  import: "↧",
  forget: "×",
};

/** ` (+4 ~1)`, or nothing. */
export function signs(marks: Marks): string {
  const parts = (Object.keys(SIGNS) as Action[]).flatMap((action) =>
    marks[action] ? [`${SIGNS[action]}${marks[action]}`] : [],
  );
  return parts.length > 0 ? ` (${parts.join(" ")})` : "";
}

/** Volumes by the URN of what they are attached to, directly or by a resource of its own; else by the component that both are in. */
function volumesByOwner({ nodes, links }: Topology): Map<string, ResourceNode[]> {
  const byUrn = new Map(nodes.map((node) => [node.urn, node]));
  const around = new Map<string, string[]>();
  const join = (a: string, b: string) => around.set(a, [...(around.get(a) ?? []), b]);
  for (const { from, to, presence } of links) {
    if (presence === "removed") continue;
    join(from, to);
    join(to, from);
  }
  const siblings = groupBy(
    nodes.filter(({ kind }) => DRAWN.has(kind)),
    ({ parent }) => parent,
  );
  const owned = new Map<string, ResourceNode[]>();
  for (const volume of nodes.filter(({ kind }) => kind === "volume")) {
    const near = (around.get(volume.urn) ?? []).flatMap((urn) =>
      byUrn.get(urn)?.kind === "attachment" ? (around.get(urn) ?? []) : [urn],
    );
    const linked = near.find((urn) => DRAWN.has(byUrn.get(urn)?.kind ?? ""));
    const alike = byUrn.has(volume.parent ?? "") ? (siblings.get(volume.parent) ?? []) : [];
    const owner = linked ?? (alike.length === 1 ? alike[0]!.urn : undefined);
    if (owner !== undefined) owned.set(owner, [...(owned.get(owner) ?? []), volume]);
  }
  return owned;
}

function zoneOf(
  key: string,
  id: string,
  place: Place | undefined,
  nodes: readonly ResourceNode[],
  folds: readonly Fold[],
  boxes: readonly Box[],
  networkOf: (node: ResourceNode) => readonly string[],
  shown: ReadonlySet<string>,
): Zone {
  const here = nodes.filter((node) => node.place === key);
  const rest = groupBy(
    here.filter(({ urn, kind }) => !DRAWN.has(kind) && !TIES.has(kind) && !shown.has(urn)),
    ({ kind }) => kind,
  );
  const counts = [...rest].sort(([a, some], [b, others]) => others.length - some.length || (a < b ? -1 : 1));
  const region = key.slice(key.indexOf(":") + 1);
  return {
    id,
    title: key === "" ? "In no place" : [region, place?.title].filter(Boolean).join(" · "),
    standing: place?.standing ?? "unknown",
    boxes: boxes.filter((_, index) => folds[index]!.place === key),
    others: counts.map(
      ([kind, some]) =>
        `${counted(some.filter(stays).length || some.length, SPOKEN[kind] ?? kind)}${signs(marksOf(some))}`,
    ),
    networks: [...new Set(here.flatMap(networkOf))].sort(),
  };
}

function membersOf(
  { nodes }: Topology,
  folds: readonly Fold[],
  boxes: readonly Box[],
  zones: readonly Zone[],
  keys: readonly string[],
): Members {
  const boxByUrn = new Map(folds.flatMap((fold, index) => fold.nodes.map(({ urn }) => [urn, boxes[index]!] as const)));
  const zoneByBox = new Map(zones.flatMap((zone) => zone.boxes.map((box) => [box, zone] as const)));
  const zoneById = new Map([...zoneByBox].map(([{ id }, zone]) => [id, zone]));
  const zoneByKey = new Map(keys.map((key, index) => [key, zones[index]!]));
  const byRole = groupBy(
    folds.map((fold, index) => ({ role: fold.role, box: boxes[index]! })),
    ({ role }) => role,
  );
  const children = groupBy(nodes, ({ parent }) => parent);
  const below = (urn: string, depth = 0): Box[] => {
    const own = boxByUrn.get(urn);
    if (own) return [own];
    return depth > 40 ? [] : (children.get(urn) ?? []).flatMap((child) => below(child.urn, depth + 1));
  };
  return {
    boxOf: (urn) => boxByUrn.get(urn),
    zoneOf: (box) => zoneByBox.get(box)!,
    zoneOfBox: (id) => zoneById.get(id),
    withRole: (role) => (byRole.get(role) ?? []).map(({ box }) => box),
    below: (urn) => [...new Set(below(urn))],
    zoneOfPlace: (place) => zoneByKey.get(place),
  };
}
