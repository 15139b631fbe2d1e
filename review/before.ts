/** What is there now: the graph of a preview without what the preview does. */
import type { Graph, Resource } from "../graph/model.ts";

/** Resources keep the URNs that they will have, so that what was renamed is the same before and after. */
export function graphBefore(graph: Graph): Graph {
  return {
    ...graph,
    resources: graph.resources.flatMap((resource) => {
      const before = resourceBefore(resource);
      return before ? [before] : [];
    }),
  };
}

/** @returns undefined for what is not there yet; the resource itself where nothing changes, so that work on it is shared. */
export function resourceBefore(resource: Resource): Resource | undefined {
  const { change } = resource;
  if (!change || change.op === "same" || change.op === "read" || change.op === "refresh") return resource;
  if (change.op === "create" || change.op === "import") return undefined;
  const { change: _, outputs: __, ...rest } = resource;
  return { ...rest, inputs: change.before ?? {}, ...(change.outputsBefore && { outputs: change.outputsBefore }) };
}

/** Whether nothing is there yet. */
export function isFirstDeployment(graph: Graph): boolean {
  const real = graph.resources.filter(({ custom, type }) => custom && !type.startsWith("pulumi:providers:"));
  return real.length > 0 && real.every(({ change }) => change?.op === "create" || change?.op === "read");
}
