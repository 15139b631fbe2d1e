import { type Properties, type Resource, Unseen, type Value } from "../../../graph/model.ts";
import { extendPath } from "../../../graph/path.ts";
import type { Catalogue } from "../../catalogue/types.ts";
import type { Context } from "../../core/types.ts";
import { resourcesByUrn } from "../graph-index.ts";
import { packageOf } from "../resource.ts";
import { entriesOf, isObject, open, valuesAt } from "../values.ts";

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
  const ofProvider = provider ? stated(provider, catalogue) : [];
  const inherited =
    ofProvider.length > 0
      ? ofProvider.map(({ path, value }) => ({ path: `provider.${path}`, value }))
      : configured(resource, catalogue, graph.settings.config);
  if (inherited.length > 0) return { places: inherited, source: "provider" };
  if (!catalogue.needsRegion(resource.type)) return { places: [], source: "placeless" };
  // A volume that names a server and no location stands where the server does.
  const attached = resource.dependencies.flatMap((urn) => {
    const other = resources.get(urn);
    return other ? stated(other, catalogue) : [];
  });
  return attached.length > 0 ? { places: attached, source: "dependency" } : { places: [], source: "unset" };
}

/** The default provider is no resource of the program: what it is told stands in the stack's configuration, `aws:region`. */
function configured({ type }: Resource, catalogue: Catalogue, config: Value | undefined): Place[] {
  if (!isObject(config)) return [];
  const name = packageOf(type);
  return catalogue.regionProperties(`pulumi:providers:${name}`).flatMap((property): Place[] => {
    const value = open(config[`${name}:${property}`]);
    const path = `config.${name}:${property}`;
    if (value instanceof Unseen) return [{ path, value }];
    return typeof value === "string" && value !== "" ? [{ path, value }] : [];
  });
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
  const wished = [...look(inputs), ...namedRegions(type, inputs)];
  // What the program leaves to the provider, the provider may have answered.
  return wished.length > 0 || !outputs ? wished : look(outputs);
}

/** Amazon's resource names carry a region: `arn:aws:backup:us-east-1:…` is a vault there, whatever the property is called. */
const ARN = /^arn:aws[a-z-]*:[a-z0-9-]+:([a-z0-9-]+):/;

function namedRegions(type: string, inputs: Properties): Place[] {
  if (!type.startsWith("aws")) return [];
  const found: Place[] = [];
  const walk = (path: string, value: Value | undefined, depth: number): void => {
    const seen = open(value);
    if (typeof seen === "string") {
      const region = ARN.exec(seen)?.[1];
      if (region) found.push({ path, value: region });
    } else if (depth > MOST_DEPTH || seen === null || typeof seen !== "object") return;
    else if (Array.isArray(seen))
      for (const [index, entry] of seen.entries()) walk(extendPath(path, index), entry, depth + 1);
    else if (isObject(seen))
      for (const [name, entry] of Object.entries(seen)) walk(extendPath(path, name), entry, depth + 1);
  };
  walk("", inputs, 0);
  return found;
}

/** Deeper than any provider's schema. */
const MOST_DEPTH = 40;
