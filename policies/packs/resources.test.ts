import type { PolicyResource, ResourceValidationArgs } from "@pulumi/policy";
import { expect, test } from "vitest";
import { resource } from "../core/testing.ts";
import { emptyGraph, grown, toResource, withDependencies } from "./resources.ts";

const root = resource({ type: "pulumi:pulumi:Stack", name: "shop-dev" });
const web = resource({ type: "hcloud:index/server:Server", name: "web" });

test("a graph grows, and knows stack and project from its first resource", () => {
  const graph = grown(grown(emptyGraph({ backend: "s3://state" }), root), web);
  expect(graph.resources).toEqual([root, web]);
  expect(graph.source).toMatchObject({ kind: "policy-pack", stack: "test", project: "test" });
  expect(graph.settings).toEqual({ backend: "s3://state" });
});

test("the stack's root starts an empty one; settings of the run stay", () => {
  const graph = grown(grown(grown(emptyGraph({ backend: "s3://state" }), root), web), root);
  expect(graph.resources).toEqual([root]);
  expect(graph.settings).toEqual({ backend: "s3://state" });
});

test("a URN that comes again takes the place of the one before, in a graph of its own", () => {
  const before = grown(grown(emptyGraph({}), root), web);
  const changed = { ...web, protect: true };
  const after = grown(before, changed);
  expect(after.resources).toEqual([root, changed]);
  expect(before.resources).toEqual([root, web]);
});

test("components have no provider, and options are taken over", () => {
  const given = {
    type: "shop:index:Web",
    urn: "urn:pulumi:dev::shop::shop:index:Web::web",
    name: "web",
    opts: { parent: "urn:parent", protect: true, aliases: ["urn:old"] },
    props: { size: 3 },
  } as unknown as ResourceValidationArgs;
  expect(toResource(given)).toMatchObject({
    custom: false,
    parent: "urn:parent",
    protect: true,
    aliases: ["urn:old"],
    inputs: { size: 3 },
  });
  const provider = { type: "pulumi:providers:hcloud", urn: "urn:provider", name: "default", props: {} };
  expect(toResource({ ...given, provider } as ResourceValidationArgs)).toMatchObject({
    custom: true,
    provider: "urn:provider",
  });
});

test("dependencies are told at the end: sorted, each once, and none for what the engine does not name", () => {
  const graph = grown(grown(emptyGraph({}), root), web);
  const urns = (...names: string[]) => names.map((urn) => ({ urn }));
  const told = [
    {
      urn: web.urn,
      dependencies: urns("urn:b", "urn:a", "urn:b"),
      propertyDependencies: { networks: urns("urn:b", "urn:a") },
    },
  ] as unknown as PolicyResource[];
  const [first, second] = withDependencies(graph, told).resources;
  expect(first).toMatchObject({ dependencies: [], propertyDependencies: {} });
  expect(second).toMatchObject({
    dependencies: ["urn:a", "urn:b"],
    propertyDependencies: { networks: ["urn:a", "urn:b"] },
  });
});
