/** What belongs to what: parents as the source says, and what a resource hangs on, as far as ids and names show it. */
import { type Graph, type Properties, type Resource, Secret, Unseen, type Value } from "../graph/model.ts";
import { packageOf } from "../policies/index.ts";

/** One resource uses another: its property names it. */
export interface Use {
  readonly from: string;
  readonly to: string;
  /** Property of the user; empty where the source only says that there is a dependency. */
  readonly property: string;
}

export interface Relations {
  readonly byUrn: ReadonlyMap<string, Resource>;
  readonly children: ReadonlyMap<string, readonly Resource[]>;
  readonly uses: readonly Use[];
  /** Who uses it. */
  readonly users: ReadonlyMap<string, readonly Use[]>;
  /** Components that it is in, the outermost first, without the stack. */
  ancestors(resource: Resource): readonly Resource[];
}

/** Levels of properties that are searched for references, and values of one resource. */
const MOST_DEPTH = 4;
const MOST_VALUES = 2000;

export function relationsOf(graph: Graph): Relations {
  const byUrn = new Map(graph.resources.map((resource) => [resource.urn, resource]));
  const children = groupedBy(graph.resources, ({ parent }) => parent);
  const uses = usesOf(graph, byUrn, children);
  return {
    byUrn,
    children,
    uses,
    users: groupedBy(uses, ({ to }) => to),
    ancestors: (resource) => ancestorsOf(resource, byUrn),
  };
}

export const STACK = "pulumi:pulumi:Stack";

/** What reports are about: neither the stack itself nor providers nor components. */
export function isReal({ custom, type }: Resource): boolean {
  return custom && !type.startsWith("pulumi:providers:");
}

function ancestorsOf(resource: Resource, byUrn: ReadonlyMap<string, Resource>): Resource[] {
  const found: Resource[] = [];
  const seen = new Set<string>([resource.urn]);
  let at = resource.parent;
  while (at !== undefined && !seen.has(at)) {
    seen.add(at);
    const parent = byUrn.get(at);
    if (!parent) break;
    if (parent.type !== STACK) found.unshift(parent);
    at = parent.parent;
  }
  return found;
}

function usesOf(
  graph: Graph,
  byUrn: ReadonlyMap<string, Resource>,
  children: ReadonlyMap<string, readonly Resource[]>,
): Use[] {
  const byId = idsOf(graph);
  const found = new Map<string, Use>();
  const add = (from: string, to: string | undefined, property: string) => {
    if (to === undefined || to === from || !byUrn.has(to)) return;
    const key = `${from}\0${to}`;
    if (!found.get(key)?.property) found.set(key, { from, to, property });
  };
  for (const resource of graph.resources) {
    if (!isReal(resource)) continue;
    for (const urn of resource.dependencies) add(resource.urn, urn, "");
    for (const [property, urns] of Object.entries(resource.propertyDependencies))
      for (const urn of urns) add(resource.urn, urn, property);
    for (const properties of [resource.inputs, resource.change?.before])
      for (const { name, value } of references(properties ?? {})) {
        if (value instanceof Unseen) add(resource.urn, sibling(resource, name, children), name);
        else
          add(resource.urn, byId.get(key(resource.type, value, name)) ?? byId.get(key(resource.type, value, "")), name);
      }
  }
  return [...found.values()];
}

/** Ids by package; short ones only for properties that name the kind (`serverId: 12`), as they repeat from kind to kind. */
function idsOf({ resources }: Graph): Map<string, string> {
  const ids = new Map<string, string>();
  for (const { type, id, urn, custom } of resources) {
    if (!custom || id === undefined) continue;
    ids.set(key(type, id, `${kindOf(type)}Id`), urn);
    if (id.length >= 8 && !/^\d+$/.test(id)) ids.set(key(type, id, ""), urn);
  }
  return ids;
}

function key(type: string, value: string, name: string): string {
  return `${packageOf(type)}\0${value}\0${name.toLowerCase().replace(/ids$/, "id")}`;
}

/** `server` of `hcloud:index/server:Server`. */
export function kindOf(type: string): string {
  const last = type.slice(type.lastIndexOf(":") + 1);
  return last.charAt(0).toLowerCase() + last.slice(1);
}

interface Reference {
  /** The property's own name, not its path. */
  readonly name: string;
  readonly value: string | Unseen;
}

function references(properties: Properties): Reference[] {
  const found: Reference[] = [];
  const walk = (name: string, value: Value, depth: number): void => {
    if (found.length >= MOST_VALUES || depth > MOST_DEPTH) return;
    if (value instanceof Secret) return;
    if (value instanceof Unseen) {
      if (value.why === "computed" && /Ids?$/.test(name)) found.push({ name, value });
    } else if (typeof value === "string") {
      if (value.length > 0 && value.length <= 512) found.push({ name, value });
    } else if (typeof value === "number") {
      if (/ids?$/i.test(name)) found.push({ name, value: String(value) });
    } else if (Array.isArray(value)) for (const item of value) walk(name, item, depth + 1);
    else if (typeof value === "object" && value !== null)
      for (const [own, item] of Object.entries(value)) walk(own, item, depth + 1);
  };
  for (const [name, value] of Object.entries(properties)) walk(name, value, 0);
  return found;
}

/** An id that does not exist yet is most likely that of the one thing of this kind beside it. */
function sibling(
  resource: Resource,
  property: string,
  children: ReadonlyMap<string, readonly Resource[]>,
): string | undefined {
  if (resource.parent === undefined) return undefined;
  const kind = property.replace(/Ids?$/, "");
  const alike = (children.get(resource.parent) ?? []).filter(
    ({ type, urn }) => kindOf(type) === kind && urn !== resource.urn,
  );
  return alike.length === 1 ? alike[0]!.urn : undefined;
}

export function groupedBy<T>(items: readonly T[], by: (item: T) => string | undefined): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = by(item);
    if (name === undefined) continue;
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return groups;
}
