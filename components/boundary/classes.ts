/** Which data classes may be on which side. Pure. */
import { dataClassesOf, flexibleClasses, isDataClass, isFlexibleClass } from "../../catalogue/data-classes.ts";
import { findLocation } from "../../catalogue/hetzner/locations.ts";
import { kindOf, pathTo } from "./sides.ts";
import { type Known, labelsOf } from "./values.ts";

/** Kinds that handle data: each has to state its classes. */
const handlers: ReadonlySet<string> = new Set(["Server", "Volume", "LoadBalancer", "Snapshot"]);

export const handlesData = (type: string): boolean => type.startsWith("hcloud:") && handlers.has(kindOf(type));

/** Private networks and what joins them. */
const joins: ReadonlySet<string> = new Set([
  "Network",
  "NetworkSubnet",
  "NetworkRoute",
  "ServerNetwork",
  "LoadBalancerNetwork",
]);

/** What is on the wrong side, with its path. */
export function sideProblems(resources: readonly Known[]): string[] {
  return resources
    .filter(({ place }) => place.type.startsWith("hcloud:"))
    .flatMap((known) => [...classProblems(known), ...(known.place.side === "edge" ? networks(known) : outside(known))]);
}

function classProblems(known: Known): string[] {
  const { place, leaves } = known;
  // Labels as a whole that are known later: they are looked at then.
  if (leaves.some(({ path, value }) => path === "labels" && value === undefined)) return [];
  const stated = dataClassesOf(labelsOf(known));
  const at = pathTo(place);
  const unknown = stated.filter((name) => !isDataClass(name));
  return [
    ...(stated.length === 0 && handlesData(place.type)
      ? [`${at}: states no data class (label data-class): say what its component handles`]
      : []),
    ...unknown.map((name) => `${at}: labels.data-class has ${JSON.stringify(name)}, which is no data class`),
    ...(place.side === "edge"
      ? stated
          .filter((name) => isDataClass(name) && !isFlexibleClass(name))
          .map(
            (name) =>
              `${at}: labels.data-class has ${name}, which has to stay in the core: edge sites may hold ${flexibleClasses.join(", ")}`,
          )
      : []),
  ];
}

function networks({ place, leaves }: Known): string[] {
  const first = leaves.find(({ path }) => /^networks\b./.test(path));
  const path = joins.has(kindOf(place.type)) ? "" : first && ` ${first.path}`;
  if (path === undefined) return [];
  return [`${pathTo(place)}:${path} is a private network: edge sites have public addresses only`];
}

function outside({ place, leaves }: Known): string[] {
  const location = leaves.find(({ path }) => path === "location")?.value;
  const found = typeof location === "string" ? findLocation(location) : undefined;
  if (!found || found.eu) return [];
  return [
    `${pathTo(place)}: location ${found.name} is in ${found.city}, ${found.country}: the core stays in the EU; what may leave it belongs to an edge site`,
  ];
}
