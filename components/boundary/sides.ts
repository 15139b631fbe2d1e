/** Which side of the boundary a resource is on, and what may cross it. Pure. */

export type Side = "core" | "edge";

/** A resource with its place in the tree. */
export interface Placed {
  readonly name: string;
  /** Type token. */
  readonly type: string;
  readonly side: Side;
  /** Names of the components that it is in, outermost first. */
  readonly within: readonly string[];
}

/** Components of this package and all below them are the edge; everything else is the core. */
const edgePackage = "sovereign:edge:";

export function placeOf(type: string, name: string, parent: Placed | undefined): Placed {
  const side = parent?.side === "edge" || type.startsWith(edgePackage) ? "edge" : "core";
  return { name, type, side, within: parent ? [...parent.within, parent.name] : [] };
}

/** `Firewall` of `hcloud:index/firewall:Firewall`. */
export const kindOf = (type: string): string => type.slice(type.lastIndexOf(":") + 1);

/** `shop-edge > shop-edge-ash > shop-edge-ash-1`: a component and its main child often have the same name. */
export function pathTo({ within, name }: Placed): string {
  return [...within, name].filter((step, index, all) => step !== all[index - 1]).join(" > ");
}

export const described = (place: Placed): string => `${pathTo(place)} (${place.side}, ${kindOf(place.type)})`;

interface Crossing {
  readonly taker: Side;
  /** Kind of the resource that takes; absent: any. */
  readonly kind?: string;
  readonly property: RegExp;
  readonly from: string;
}

/** What everybody on the internet can know may cross: names and public addresses, and nothing that opens anything. */
const crossings: readonly Crossing[] = [
  // An edge site's records stand in the one zone.
  { taker: "edge", kind: "ZoneRrset", property: /^zone$/, from: "Zone" },
  // DNS, the provider's or the core's own servers, tells the addresses of edge sites.
  { taker: "core", kind: "ZoneRrset", property: /^records\b/, from: "Server" },
  { taker: "core", kind: "Server", property: /^userData$/, from: "Server" },
  { taker: "core", kind: "Stash", property: /^input(\.userData)?$/, from: "Server" },
];

/** Why a resource must not take what it takes, with the path; undefined where it may. */
export function crossingProblem(taker: Placed, property: string, from: Placed): string | undefined {
  if (taker.side === from.side) return undefined;
  const isPublic = crossings.some(
    (crossing) =>
      crossing.taker === taker.side &&
      (crossing.kind === undefined || crossing.kind === kindOf(taker.type)) &&
      crossing.property.test(property) &&
      crossing.from === kindOf(from.type),
  );
  if (isPublic) return undefined;
  return `${pathTo(taker)}: ${property} comes from ${described(from)}: nothing is shared across the boundary; give the ${taker.side} its own`;
}
