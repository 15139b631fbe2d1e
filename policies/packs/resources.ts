/** Resources as the engine hands them to a policy pack, turned into a graph that grows. */
import type { PolicyResource, ResourceValidationArgs } from "@pulumi/policy";
import type { Graph, Properties, Resource } from "../../graph/model.ts";
import { parseUrn } from "../../graph/urn.ts";
import { toProperties } from "../../graph/values.ts";
import { resourcesByUrn } from "../rules/graph-index.ts";

const STACK = "pulumi:pulumi:Stack";

/** How the SDK gives out what stands behind the guard that throws at unknown values. */
const TARGET = "__getSpecialProxyTarget";

export interface GrowingGraph extends Graph {
  readonly resources: Resource[];
}

/** @param settings what is known of the run beside its resources: `backend` */
export function emptyGraph(settings: Properties, stack?: string, project?: string): GrowingGraph {
  return {
    source: {
      kind: "policy-pack",
      name: stack ?? "the deployment",
      ...(stack !== undefined && { stack }),
      ...(project !== undefined && { project }),
    },
    resources: [],
    settings,
    limits: [],
  };
}

/**
 * The graph with one more resource. A new one begins with the stack's root: the engine uses the same process for the preview and for the
 * update after it. A URN that comes again takes the place of the one before.
 */
export function grown(graph: GrowingGraph, resource: Resource): GrowingGraph {
  const { stack, project } = parseUrn(resource.urn) ?? {};
  const begins = resource.type === STACK || graph.resources.length === 0;
  const base = begins ? emptyGraph(graph.settings, stack, project) : graph;
  if (!resourcesByUrn(base).has(resource.urn)) {
    base.resources.push(resource);
    return base;
  }
  const index = base.resources.findLastIndex(({ urn }) => urn === resource.urn);
  return { ...base, resources: base.resources.with(index, resource) };
}

/** Inputs before the deployment: secrets in clear, what is not known yet marked as such. */
export function toResource({ type, urn, name, opts, provider, props }: ResourceValidationArgs): Resource {
  const { parent, aliases = [], protect = false } = opts as { parent?: string; aliases?: string[]; protect?: boolean };
  const raw = (props as Record<string, unknown>)[TARGET] ?? props;
  return {
    urn,
    type,
    name,
    // Components have no provider, whatever their children have.
    custom: provider !== undefined || type.startsWith("pulumi:providers:"),
    ...(parent !== undefined && parent !== "" && { parent }),
    ...(provider && { provider: provider.urn }),
    inputs: toProperties(raw, { source: urn }),
    dependencies: [],
    propertyDependencies: {},
    protect,
    aliases,
  };
}

/** The graph with what the engine tells only when all resources are there. */
export function withDependencies(graph: Graph, resources: readonly PolicyResource[]): Graph {
  const told = new Map(resources.map((resource) => [resource.urn, resource]));
  return {
    ...graph,
    resources: graph.resources.map((resource) => {
      const { dependencies = [], propertyDependencies = {} } = told.get(resource.urn) ?? {};
      const urns = (list: readonly { urn: string }[]) => [...new Set(list.map(({ urn }) => urn))].sort();
      return {
        ...resource,
        dependencies: urns(dependencies),
        propertyDependencies: Object.fromEntries(
          Object.entries(propertyDependencies).map(([name, list]) => [name, urns(list)]),
        ),
      };
    }),
  };
}
