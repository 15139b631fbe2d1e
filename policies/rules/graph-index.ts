import type { Graph, Resource } from "../../graph/model.ts";

/**
 * What is worked out of a graph's resources one by one. Kept per graph, and carried on when the graph has grown since: a policy pack gets
 * resources one after another, and working everything out again for each would take their number squared.
 */
export function perGraph<T, C>(make: () => T, add: (known: T, resource: Resource, context: C) => void) {
  const kept = new WeakMap<Graph, { readonly known: T; seen: number }>();
  return (graph: Graph, context: C): T => {
    let entry = kept.get(graph);
    if (!entry) {
      entry = { known: make(), seen: 0 };
      kept.set(graph, entry);
    }
    for (; entry.seen < graph.resources.length; entry.seen++) add(entry.known, graph.resources[entry.seen]!, context);
    return entry.known;
  };
}

const byUrn = perGraph<Map<string, Resource>, undefined>(
  () => new Map(),
  (known, resource) => known.set(resource.urn, resource),
);

export function resourcesByUrn(graph: Graph): ReadonlyMap<string, Resource> {
  return byUrn(graph, undefined);
}

/** A policy pack hears only in the end what depends on what: until then, rules that need to know keep quiet. */
export function isAskedOneByOne({ source }: Graph): boolean {
  return source.kind === "policy-pack";
}
