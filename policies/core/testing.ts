import type { Graph, Resource } from "../../graph/model.ts";

/** A resource for tests: only what the test is about has to be said. */
export function resource(given: Partial<Resource> & Pick<Resource, "type">): Resource {
  const name = given.name ?? "it";
  return {
    urn: `urn:pulumi:test::test::${given.type}::${name}`,
    name,
    custom: true,
    inputs: {},
    dependencies: [],
    propertyDependencies: {},
    protect: false,
    aliases: [],
    ...given,
  };
}

export function graph(resources: readonly Resource[], settings: Graph["settings"] = {}): Graph {
  return { source: { kind: "state", name: "test" }, resources, settings, limits: [] };
}
