/** Names inside a Kubernetes cluster: its own DNS answers `cache.shop` before anybody outside does. */
import type { Graph, Resource } from "../../graph/model.ts";
import { perGraph } from "./graph-index.ts";
import { isObject, open } from "./values.ts";

const SERVICE = "kubernetes:core/v1:Service";

const servicesOf = perGraph<Set<string>, undefined>(
  () => new Set(),
  (names, { type, inputs }) => {
    const metadata = type === SERVICE ? open(inputs.metadata) : undefined;
    if (!isObject(metadata)) return;
    const name = open(metadata.name);
    // Objects without a namespace are put into this one, unless the provider's settings say otherwise.
    const namespace = open(metadata.namespace) ?? "default";
    if (typeof name === "string" && typeof namespace === "string") names.add(`${name}.${namespace}`);
  },
);

/** Whether this may be `SERVICE.NAMESPACE`, of a resource inside a cluster: two labels as Kubernetes allows them. */
export function mayBeService({ type }: Resource, host: string): boolean {
  return (
    type.startsWith("kubernetes:") &&
    /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(host)
  );
}

/** Whether the graph has a Service of this name and namespace (`cache.shop`), and the resource stands in a cluster. */
export function isService(resource: Resource, host: string, graph: Graph): boolean {
  return mayBeService(resource, host) && servicesOf(graph, undefined).has(host);
}
