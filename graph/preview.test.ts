import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { COMPUTED, type Graph, HIDDEN, type Resource } from "./model.ts";
import { readPreview } from "./preview.ts";

const text = readFileSync(`${import.meta.dirname}/fixtures/plain-preview.json`, "utf8");
const named = ({ resources }: Graph, name: string): Resource => resources.find((resource) => resource.name === name)!;

test("a plain preview tells changes and dependencies", () => {
  const { graph, changes } = readPreview(text, "preview.json");
  expect(graph.source).toEqual({ kind: "preview", name: "preview.json", stack: "dev", project: "web" });
  expect(graph.settings).toEqual({ config: { "web:note": HIDDEN } });
  expect(changes).toMatchObject({ delete: 1, replace: 2 });
  const server = named(graph, "shop-srv-new");
  expect(server.dependencies).toContain(named(graph, "shop-net").urn);
  expect(server.aliases).toEqual([server.urn.replace("shop-srv-new", "shop-srv")]);
  expect(server.inputs.userData).toBe(HIDDEN);
  expect(named(graph, "shop-data")).toMatchObject({
    inputs: { location: "nbg1" },
    outputs: { linuxDevice: COMPUTED },
    change: {
      op: "replace",
      before: { location: "fsn1" },
      replaceKeys: ["location"],
      diff: [{ path: "location", forcesReplacement: true }],
    },
  });
  expect(named(graph, "shop-spread")).toMatchObject({ inputs: {}, change: { op: "delete" } });
  expect(inspect(graph, { depth: 20 })).not.toContain("b".repeat(64));
});

test("what a plain preview does not tell is said", () => {
  const { limits } = readPreview(text, "x").graph;
  expect(limits.join("\n")).toMatch(/no policy results/);
  expect(limits.join("\n")).toMatch(/leaves out what stays as it is: 4 resources are not looked at/);
});

test("messages are masked; debug messages are left out", () => {
  const diagnostics = [
    { severity: "error", message: "password=hunter22hunter\n" },
    { severity: "debug", message: "anything" },
  ];
  const read = readPreview(JSON.stringify({ ...JSON.parse(text), diagnostics }), "x");
  expect(read.diagnostics).toEqual([{ severity: "error", message: "password=[secret]", line: 0 }]);
});

test.each<[string, string]>([
  ["{", "x, line 1: no valid JSON"],
  ["{}", 'x: this is no preview: it has no "steps"'],
  ['{"steps":[]}', 'x: the preview has no "changeSummary"'],
  ['{"steps":[{}],"changeSummary":{}}', "x: steps[0].op must be a text"],
  ['{"steps":{},"changeSummary":{}}', "x: steps must be a list"],
])("%s is refused", (given, message) => {
  expect(() => readPreview(given, "x")).toThrow(message);
});
