/** Input that means harm, or that something has broken: an error that is meant for people, or a whole graph; nothing between. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "./errors.ts";
import { readEvents } from "./events.ts";
import { readManifestText } from "./manifests.ts";
import { type Graph, Secret, Unseen, type Value } from "./model.ts";
import { propertyPath } from "./path.ts";
import { readPreview } from "./preview.ts";
import { readPulumiYaml } from "./pulumi-yaml.ts";
import { readText } from "./read.ts";
import { readState } from "./state.ts";
import { MAX_DEPTH, SECRET_SIGNATURE, SIGNATURE } from "./values.ts";

const URN = "urn:pulumi:dev::web::x:index:Thing::";

const stream = (inputs: readonly unknown[], urn = (i: number) => `${URN}${i}`): string =>
  [
    ...inputs.map((value, i) => {
      const metadata = { op: "create", urn: urn(i), type: "x:index:Thing", new: { inputs: { value } } };
      return JSON.stringify({ resourcePreEvent: { metadata } });
    }),
    '{"summaryEvent":{}}',
  ].join("\n");

const nested = (depth: number, open = "[", close = "]") => `${open.repeat(depth)}1${close.repeat(depth)}`;

/** Everything can be walked, and every URN is there once. */
function check(graph: Graph): void {
  expect(new Set(graph.resources.map(({ urn }) => urn)).size).toBe(graph.resources.length);
  for (const { inputs, outputs, change } of graph.resources) {
    for (const properties of [inputs, outputs, change?.before]) if (properties) walk(properties, 0);
  }
  walk(graph.settings, 0);
  expect(Object.prototype).not.toHaveProperty("polluted");
}

function walk(value: Value, depth: number): void {
  expect(depth).toBeLessThanOrEqual(MAX_DEPTH + 4);
  if (value instanceof Secret) {
    walk(value.value, depth + 1);
    return;
  }
  if (value instanceof Unseen || typeof value !== "object" || value === null) {
    expect(["string", "number", "boolean", "object"]).toContain(typeof value);
    return;
  }
  for (const [name, item] of Object.entries(value)) {
    propertyPath([name]);
    walk(item, depth + 1);
  }
}

async function attempt(read: () => Graph | Promise<Graph>): Promise<Graph | InputError> {
  try {
    const graph = await read();
    check(graph);
    return graph;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message.length).toBeLessThan(3000);
    return error;
  }
}

const NAMES = [
  "__proto__",
  "constructor",
  "toString",
  "__defaults",
  "__meta",
  SIGNATURE,
  "value",
  "plaintext",
  "text",
  "",
];

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom(
      null,
      true,
      -0,
      1e308,
      "[secret]",
      SECRET_SIGNATURE,
      "\ud800",
      "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    ),
    fc.string({ unit: "binary" }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...NAMES), fc.string()), tie("value"), { maxKeys: 5 }),
  ),
})).value;

test("any values, in every source", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(json, { maxLength: 4 }), async (values) => {
      expect(await attempt(async () => (await readEvents(stream(values), "x")).graph)).not.toBeInstanceOf(InputError);
      const resources = values.map((value, i) => ({ urn: `${URN}${i}`, type: "x:index:Thing", inputs: { value } }));
      const state = JSON.stringify({ version: 3, deployment: { resources } });
      expect(await attempt(() => readState(state, "x"))).not.toBeInstanceOf(InputError);
      const steps = resources.map((newState) => ({ op: "create", urn: newState.urn, newState }));
      const preview = JSON.stringify({ steps, changeSummary: {} });
      expect(await attempt(() => readPreview(preview, "x").graph)).not.toBeInstanceOf(InputError);
      const items = values.map((spec) => ({ apiVersion: "v1", kind: "Pod", spec }));
      await attempt(() => readManifestText(JSON.stringify({ apiVersion: "v1", kind: "List", items }), "x"));
      const program = {
        resources: Object.fromEntries(values.map((p, i) => [`r${i}`, { type: "x:Y", properties: { p } }])),
      };
      await attempt(() => readPulumiYaml(JSON.stringify(program), "x"));
    }),
    { numRuns: 300 },
  );
});

test("any shape where another is expected", async () => {
  const event = fc.dictionary(
    fc.constantFrom(
      "sequence",
      "preludeEvent",
      "resourcePreEvent",
      "resOutputsEvent",
      "diagnosticEvent",
      "policyEvent",
      "summaryEvent",
    ),
    fc.oneof(json, fc.record({ metadata: json, message: json, config: json })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 6 }), json, async (events, value) => {
      await attempt(
        async () =>
          (
            await readEvents(
              events.map((line) => JSON.stringify(line)),
              "x",
            )
          ).graph,
      );
      for (const root of [
        { version: 3, deployment: value },
        { version: 3, deployment: { resources: [value] } },
      ]) {
        await attempt(() => readState(JSON.stringify(root), "x"));
      }
      for (const root of [
        { steps: value, changeSummary: {} },
        { steps: [value], changeSummary: value },
      ]) {
        await attempt(() => readPreview(JSON.stringify(root), "x").graph);
      }
      for (const root of [{ resources: value }, { resources: { a: value }, variables: value, config: value }]) {
        await attempt(() => readPulumiYaml(JSON.stringify(root), "x"));
      }
      await attempt(async () => (await readText(JSON.stringify(value) ?? "", "x")).graph);
    }),
    { numRuns: 300 },
  );
});

test("any text", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.string({ unit: "binary", maxLength: 300 })), async (text) => {
      await attempt(async () => (await readText(text, "x")).graph);
      await attempt(async () => (await readEvents(text, "x")).graph);
      await attempt(() => readManifestText(text, "x"));
      await attempt(() => readPulumiYaml(text, "x"));
    }),
    { numRuns: 500 },
  );
});

test("nesting of any depth is an error that names the limit, not a crash", async () => {
  const line = (value: string) => stream(["@"]).replace('"@"', value);
  expect(await attempt(async () => (await readEvents(line(nested(100)), "x")).graph)).not.toBeInstanceOf(InputError);
  const deep = [
    nested(MAX_DEPTH + 2),
    nested(100_000),
    nested(100_000, '{"a":', "}"),
    nested(500, `{"${SIGNATURE}":"${SECRET_SIGNATURE}","value":`, "}"),
  ];
  for (const value of deep) {
    for (const read of [
      async () => (await readEvents(line(value), "x")).graph,
      () =>
        readState(
          `{"version":3,"deployment":{"resources":[{"urn":"${URN}a","type":"t","inputs":{"a":${value}}}]}}`,
          "x",
        ),
      () => readManifestText(`{"apiVersion":"v1","kind":"Pod","a":${value}}`, "x"),
      () => readPulumiYaml(`{"resources":{"a":{"type":"x:Y","properties":{"a":${value}}}}}`, "x"),
    ]) {
      const answer = await attempt(read);
      expect(answer).toBeInstanceOf(InputError);
      expect((answer as InputError).message).toMatch(/nested|call stack/);
    }
  }
  // Plaintext of secrets is JSON in JSON: each level doubles the quotes, so that depth costs length.
  let plaintext = "1";
  for (let i = 0; i < 12; i++) plaintext = JSON.stringify({ [SIGNATURE]: SECRET_SIGNATURE, plaintext });
  expect(await attempt(async () => (await readEvents(line(plaintext), "x")).graph)).not.toBeInstanceOf(InputError);
});

test("a megabyte of text, lone surrogates and names of prototypes are values like others", async () => {
  const values = ["a".repeat(1_000_000), "\ud800", { constructor: 1 }];
  const { graph } = await readEvents(stream(values).replace('"constructor"', '"__proto__"'), "x");
  check(graph);
  expect(graph.resources[0]?.inputs.value).toHaveLength(1_000_000);
  expect(graph.resources[1]?.inputs.value).toBe("\ud800");
  expect(Object.keys(graph.resources[2]?.inputs.value as object)).toEqual(["__proto__"]);
});

test("a URN that comes again is the same resource in a stream, and an error in a state", async () => {
  const { graph } = await readEvents(
    stream([1, 2, 3], () => `${URN}same`),
    "x",
  );
  expect(graph.resources).toHaveLength(1);
  const { resources } = graph;
  expect(resources[0]?.change?.steps).toHaveLength(3);
  const twice = JSON.stringify({
    version: 3,
    deployment: { resources: [0, 1].map(() => ({ urn: `${URN}a`, type: "t" })) },
  });
  expect(() => readState(twice, "x")).toThrow("has the URN of one before it");
});
