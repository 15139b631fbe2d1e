import { type Graph, type Properties, type Resource, Unseen } from "../../../graph/model.ts";
import type { Catalogue } from "../../catalogue/types.ts";
import type { Context } from "../../core/types.ts";
import { entriesOf, valuesAt } from "../values.ts";

export interface Place {
  /** Property path; of the provider's resource `provider.region`. */
  readonly path: string;
  /** What it says (a region, a zone, a path that ends in one), or why that cannot be seen. */
  readonly value: string | Unseen;
}

export interface Places {
  readonly places: readonly Place[];
  /** Whose word it is; `unset` where there should be one and is none, `placeless` where the type has none to state. */
  readonly source: "own" | "provider" | "dependency" | "global" | "unset" | "placeless";
}

/** Every place that a resource is in: its own, else its provider's, else that of what it is attached to. */
export function placesOf(resource: Resource, { catalogue, graph }: Context): Places {
  const own = stated(resource, catalogue);
  if (own.length > 0) return { places: own, source: "own" };
  if (catalogue.globalType(resource.type)) return { places: [], source: "global" };
  const resources = resourcesByUrn(graph);
  const provider = resource.provider === undefined ? undefined : resources.get(resource.provider);
  const inherited = provider
    ? stated(provider, catalogue).map(({ path, value }) => ({ path: `provider.${path}`, value }))
    : [];
  if (inherited.length > 0) return { places: inherited, source: "provider" };
  if (catalogue.regionProperties(resource.type).length === 0) return { places: [], source: "placeless" };
  // A volume that names a server and no location stands where the server does.
  const attached = resource.dependencies.flatMap((urn) => {
    const other = resources.get(urn);
    return other ? stated(other, catalogue) : [];
  });
  return attached.length > 0 ? { places: attached, source: "dependency" } : { places: [], source: "unset" };
}

function stated({ type, inputs, outputs }: Resource, catalogue: Catalogue): Place[] {
  const properties = catalogue.regionProperties(type);
  const look = (from: Properties) =>
    properties
      .flatMap((path) => valuesAt(from, path).flatMap(entriesOf))
      .flatMap(({ path, value }): Place[] => {
        if (value instanceof Unseen) return [{ path, value }];
        return typeof value === "string" && value !== "" ? [{ path, value }] : [];
      });
  const wished = look(inputs);
  // What the program leaves to the provider, the provider may have answered.
  return wished.length > 0 || !outputs ? wished : look(outputs);
}

const indexes = new WeakMap<Graph, ReadonlyMap<string, Resource>>();

export function resourcesByUrn(graph: Graph): ReadonlyMap<string, Resource> {
  let index = indexes.get(graph);
  if (!index) {
    index = new Map(graph.resources.map((resource) => [resource.urn, resource]));
    indexes.set(graph, index);
  }
  return index;
}
