import { type Resource, wanted } from "../../../graph/model.ts";
import type { Context, Report, Rule } from "../../core/types.ts";
import { resourcesByUrn } from "../graph-index.ts";
import { reach } from "../reach.ts";
import { isPlaced, sovereignClasses } from "../resource.ts";
import { isAccepted, worst } from "../standing.ts";
import { placesOf } from "./places.ts";

/** Data that have to stay, and every way out of the EU that the graph shows for them. */
export const dataClasses: Rule = {
  id: "sovereignty/data-classes",
  title: "Data that have to stay in the EU do",
  description: `A resource states its data classes by a label or tag (setting \`classLabels\`); those of setting \`sovereignClasses\` have to stay. Reported are: such a
resource outside the EU or with an owner there, whatever weaker settings say of location and owner; a service that the register approves for other classes only; and a
**path**: something that depends on such a store and leads outside, by an endpoint, or because it (a replica, a backup, a log sink) or what it writes to stands there.`,
  severity: "refuse",
  controls: [
    "secnumcloud-19.2-b",
    "c5-am-09",
    "c3a-sov-3",
    "csf-sov-3",
    "gdpr-44",
    "gdpr-30",
    "waf-sov-010",
    "waf-sov-030",
  ],
  examples: {
    bad: `resources:
  orders:
    type: scaleway:object/bucket:Bucket
    properties:
      region: fr-par
      tags: {data-class: personal}
  copy:
    type: aws:s3/bucketObject:BucketObject
    properties:
      bucket: \${orders.name}
      region: us-east-1
`,
    good: `resources:
  orders:
    type: scaleway:object/bucket:Bucket
    properties:
      region: fr-par
      tags: {data-class: personal}
`,
  },
  applies: (resource, { settings }) => sovereignClasses(resource, settings).length > 0,
  *resource(resource, context) {
    const classes = sovereignClasses(resource, context.settings);
    const outside = outsideness(resource, context);
    if (outside)
      yield {
        resource,
        outcome: "violation",
        message: `${resource.name} holds ${classes.join(", ")} data and ${outside}.`,
        why: "These classes have to stay in the EU, under its law alone.",
        fix: "Move it to a provider and a region in the EU, or take the class away if it holds no such data.",
      };
    yield* approvedForOthers(resource, classes, context);
  },
  *stack(context) {
    const { graph, settings } = context;
    const sourceOf = nearestSource(context);
    const resources = resourcesByUrn(graph);
    for (const resource of wanted(graph)) {
      const path = sourceOf(resource);
      // A source that leads out itself is reported above, or by the rule for endpoints.
      if (path.length < 2) continue;
      const way = wayOut(resource, context, resources);
      if (!way) continue;
      const source = path.at(-1)!;
      yield {
        resource,
        outcome: "violation",
        ...(way.property && { property: way.property }),
        ...(way.host && { subject: { host: way.host } }),
        message: `${sovereignClasses(source, settings).join(", ")} data of ${source.name} can leave the EU: ${[...path.toReversed().map(({ name }) => name), way.to].join(" -> ")}.`,
        why: "These classes have to stay in the EU; whatever reads the store can carry them out.",
        fix: `Take away the way out of ${resource.name}, or its access to ${source.name}.`,
      };
    }
  },
};

/** Why a resource is outside, in words that follow "and"; undefined if it is not, or if nobody knows (other rules say that). */
function outsideness(resource: Resource, context: Context): string | undefined {
  const { catalogue, settings } = context;
  const provider = isPlaced(resource) ? catalogue.provider(resource.type) : undefined;
  if (!provider) return undefined;
  const regions = placesOf(resource, context).places.flatMap(({ value }) =>
    typeof value === "string" ? (catalogue.region(provider, value) ?? []) : [],
  );
  const place = worst(regions.map((region) => catalogue.regionStanding(region)));
  if (regions.length > 0 && place !== "unknown" && !isAccepted(place, settings))
    return `stands in ${regions.map(({ name }) => name).join(", ")}, outside the EU`;
  if (provider.vendor === undefined) return undefined;
  const { standing, jurisdiction } = catalogue.ownerStanding(provider.vendor);
  return standing === "unknown" || isAccepted(standing, settings)
    ? undefined
    : `its provider ${provider.name} is under the law of ${jurisdiction}`;
}

function* approvedForOthers(resource: Resource, classes: readonly string[], context: Context): Generator<Report> {
  for (const endpoint of context.endpoints(resource).endpoints) {
    const result = reach(endpoint, context);
    if (result.kind !== "approved") continue;
    const missing = classes.filter((name) => !result.service.dataClasses.includes(name));
    if (missing.length === 0) continue;
    yield {
      resource,
      outcome: "violation",
      property: endpoint.property,
      ...(endpoint.place.length > 0 && { place: endpoint.place }),
      subject: { host: endpoint.host, vendor: result.service.provider },
      message: `${endpoint.host} is approved for ${result.service.dataClasses.join(", ") || "no data class"}, and ${resource.name} holds ${missing.join(", ")} data.`,
      why: "An approval holds for the classes that it was given for.",
      fix: "Have the service approved for these classes, or keep them away from it.",
    };
  }
}

/** The way from a resource to the nearest store of sovereign data that it depends on: itself first, the store last; empty if there is none. */
function nearestSource({ graph, settings }: Context): (resource: Resource) => readonly Resource[] {
  let front = wanted(graph).filter((resource) => sovereignClasses(resource, settings).length > 0);
  if (front.length === 0) return () => [];
  const resources = resourcesByUrn(graph);
  const readers = new Map<string, Resource[]>();
  for (const resource of graph.resources)
    for (const urn of resource.dependencies) readers.set(urn, [...(readers.get(urn) ?? []), resource]);
  // Breadth first from all stores at once: each resource once, however many ways lead to it.
  const next = new Map<Resource, Resource | undefined>();
  for (const store of front) next.set(store, undefined);
  while (front.length > 0) {
    const reached: Resource[] = [];
    for (const from of front)
      for (const reader of readers.get(from.urn) ?? [])
        if (!next.has(reader)) {
          next.set(reader, from);
          reached.push(reader);
        }
    front = reached;
  }
  return (resource) => {
    const path: Resource[] = [];
    for (let at: Resource | undefined = resource; at && next.has(at); at = next.get(at)) path.push(at);
    return path.filter((step) => resources.has(step.urn));
  };
}

interface Way {
  readonly to: string;
  readonly property?: string;
  readonly host?: string;
}

/** Where a resource leads outside: its own place, an endpoint, or something outside that it names. */
function wayOut(resource: Resource, context: Context, resources: ReadonlyMap<string, Resource>): Way | undefined {
  const own = outsideness(resource, context);
  if (own) return { to: `(${own})` };
  for (const endpoint of context.endpoints(resource).endpoints) {
    const { kind } = reach(endpoint, context);
    if (kind === "blocked" || kind === "contradicted")
      return { to: endpoint.host, property: endpoint.property, host: endpoint.host };
  }
  for (const urn of resource.dependencies) {
    const other = resources.get(urn);
    const outside = other && outsideness(other, context);
    if (outside) return { to: `${other.name} (${outside})` };
  }
  return undefined;
}
