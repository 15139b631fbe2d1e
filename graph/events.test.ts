import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { EventReader, readEvents, readEventsFile } from "./events.ts";
import { COMPUTED, ELIDED, type Graph, HIDDEN, type Resource, wanted } from "./model.ts";

// Recorded from the engine, with less of its debug messages.
const fixture = (name: string) => `${import.meta.dirname}/fixtures/${name}`;
const text = (name: string) => readFileSync(fixture(name), "utf8");
const named = ({ resources }: Graph, name: string): Resource => resources.find((resource) => resource.name === name)!;

const URN = "urn:pulumi:dev::web::x:index:Thing::a";
const SUMMARY = JSON.stringify({ summaryEvent: { isPreview: true, result: "succeeded", resourceChanges: {} } });

function pre(metadata: Record<string, unknown>, kind = "resourcePreEvent"): string {
  return JSON.stringify({ [kind]: { metadata: { op: "create", urn: URN, type: "x:index:Thing", ...metadata } } });
}

async function only(metadata: Record<string, unknown>): Promise<Resource> {
  const { graph } = await readEvents([pre(metadata), SUMMARY], "test");
  return graph.resources[0]!;
}

test("a preview of a change: what happens to each resource, and which property forces it", async () => {
  const { graph, summary, stack, ignored, failed, diagnostics } = await readEventsFile(
    fixture("change.jsonl"),
    "change",
  );
  const ops = Object.fromEntries(graph.resources.map(({ name, change }) => [name, change!.op]));
  expect(ops).toEqual({
    "web-dev": "same",
    eu: "same",
    seen: "read",
    zone: "same",
    taken: "import",
    shop: "same",
    db: "replace",
    "shop-kept": "update",
    "shop-net": "update",
    "shop-data": "replace",
    "shop-fw": "update",
    "shop-subnet": "same",
    "shop-srv-new": "update",
    "shop-spread": "delete",
  });
  expect(summary).toMatchObject({ isPreview: true, succeeded: true, changes: { replace: 2, delete: 1 } });
  expect(stack).toEqual({ name: "dev", project: "web" });
  expect(graph.source).toEqual({ kind: "events", name: "change", stack: "dev", project: "web" });
  expect(graph.settings).toEqual({ config: { "web:note": HIDDEN } });
  expect(ignored).toMatchObject({ cancelEvent: 1, "debug messages": expect.any(Number) });
  expect(diagnostics).toEqual([]);
  expect(failed).toEqual([]);
});

test("a replacement is one resource with its three steps", async () => {
  const { graph } = await readEventsFile(fixture("change.jsonl"));
  const volume = named(graph, "shop-data");
  expect(volume.inputs.location).toBe("nbg1");
  expect(volume.outputs?.location).toBe("nbg1");
  expect(volume.change).toMatchObject({
    op: "replace",
    before: { location: "fsn1", size: 10 },
    outputsBefore: { linuxDevice: expect.any(String) },
    replaceKeys: ["location"],
    diff: [{ path: "location", kind: "update", forcesReplacement: true, inputDiff: false }],
  });
  const steps = volume.change!.steps!;
  expect(steps.map(({ op }) => op)).toEqual(["create-replacement", "replace", "delete-replaced"]);
  expect(steps.map(({ line }) => line)).toEqual(steps.map(({ line }) => line).toSorted((a, b) => a - b));
  const half = await only({
    op: "create-replacement",
    old: { inputs: { a: 1 } },
    new: { inputs: { a: 2 } },
    keys: ["a"],
  });
  expect(half.change).toMatchObject({ op: "replace", before: { a: 1 }, replaceKeys: ["a"] });
  // Where the engine has no detailed diff, what changed is known by name.
  const forced = { path: "length", kind: "update", forcesReplacement: true, inputDiff: true };
  expect(named(graph, "db").change?.diff).toEqual([forced]);
});

test("a rename shows under which URN the state has it; a deletion wants nothing", async () => {
  const { graph } = await readEventsFile(fixture("change.jsonl"));
  const server = named(graph, "shop-srv-new");
  expect(server.aliases).toEqual([server.urn.replace("shop-srv-new", "shop-srv")]);
  expect(server.parent).toBe("urn:pulumi:dev::web::web:index:Web::shop");
  expect(server.provider).toBe("urn:pulumi:dev::web::pulumi:providers:hcloud::eu");
  const gone = named(graph, "shop-spread");
  expect(gone).toMatchObject({ inputs: {}, change: { before: { type: "spread" } } });
  expect(gone.outputs).toBeUndefined();
  expect(wanted(graph)).not.toContain(gone);
  expect(named(graph, "seen").external).toBe(true);
  expect(named(graph, "shop-kept").protect).toBe(true);
});

test("what cannot be seen is marked, and what bridges note for themselves is gone", async () => {
  const { graph } = await readEventsFile(fixture("create.jsonl"));
  const server = named(graph, "shop-srv");
  expect(server.inputs.userData).toBe(HIDDEN);
  expect(server.outputs?.ipv4Address).toBe(COMPUTED);
  expect(server.id).toBeUndefined();
  expect(named(graph, "zone").inputs.keepers).toEqual({ "dotted.key": "x", secret: HIDDEN });
  expect(inspect(graph, { depth: 20 })).not.toMatch(/__defaults|__meta|raw_state|04da6b54|4dabf181|ciphertext/);
});

test("policy results stand beside the resources", async () => {
  const { policyEvents, summary, graph } = await readEventsFile(fixture("change-with-pack.jsonl"));
  expect(policyEvents.map(({ policy, level }) => `${policy} ${level}`)).toEqual([
    "no-x advisory",
    "no-x advisory",
    "no-servers mandatory",
  ]);
  expect(policyEvents[2]).toMatchObject({ pack: "trivial", version: "0.0.1", urn: named(graph, "shop-srv-new").urn });
  expect(summary.policyPacks).toEqual({ trivial: "0.0.1" });
  expect(summary.succeeded).toBe(false);
});

test("an update's stream is read like a preview's, also after the preview that the CLI prints before it", async () => {
  const up = await readEventsFile(fixture("up.jsonl"));
  expect(up.summary).toMatchObject({ isPreview: false, succeeded: true });
  expect(named(up.graph, "shop-srv")).toMatchObject({
    id: expect.stringMatching(/^\d+$/),
    outputs: { status: "running" },
  });
  const both = await readEventsFile(fixture("up-with-preview.jsonl"));
  expect(both.graph.resources).toHaveLength(14);
  expect(both.summary.isPreview).toBe(false);
});

test("a run that fails says so, and what it said has no secret", async () => {
  const { graph, summary, diagnostics } = await readEventsFile(fixture("destroy-refused.jsonl"));
  expect(summary.succeeded).toBe(false);
  expect(graph.limits).toContain("the run failed: what it did not get to is not in the stream");
  expect(diagnostics[0]).toMatchObject({ severity: "error", message: expect.stringContaining("cannot be deleted") });
});

test("no secret of a recorded stream reaches what was read", async () => {
  expect(text("create.jsonl")).toContain("b".repeat(64));
  for (const name of ["create.jsonl", "change.jsonl", "up.jsonl", "change-with-pack.jsonl"]) {
    const shown = inspect(await readEventsFile(fixture(name)), { depth: 20, maxStringLength: null });
    expect(shown).not.toContain("b".repeat(64));
    expect(shown).not.toContain("planted-note-secret");
  }
});

test("a provider's token that nobody marked secret is masked in messages", async () => {
  const provider = { urn: "urn:pulumi:dev::web::pulumi:providers:x::x", type: "pulumi:providers:x" };
  const message = { diagnosticEvent: { severity: "error", message: "login with planted-123 failed" } };
  const lines = [pre({ ...provider, new: { inputs: { token: "planted-123" } } }), JSON.stringify(message), SUMMARY];
  const { diagnostics } = await readEvents(lines, "test");
  expect(diagnostics[0]?.message).toBe("login with [secret] failed");
});

test("the engine's marks: unknowns, secrets in clear, outputs, references, assets", async () => {
  const mark = (signature: string, rest: object) => ({ "4dabf18193072939515e22adb298388d": signature, ...rest });
  const secret = "1b47061264138c4ac30d75fd1eb44270";
  const { inputs } = await only({
    new: {
      inputs: {
        unknown: ["1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", "dd056dcd-154b-4c76-9bd3-c8f88648b5ff"],
        plain: "[secret]",
        inside: "https://[secret]@x",
        shown: mark(secret, { plaintext: '{"a":["x"]}' }),
        hidden: mark(secret, { ciphertext: "v1:x:y" }),
        unknownSecret: mark(secret, { plaintext: '"04da6b54-80e4-46f7-96ec-b56ff0331ba9"' }),
        output: mark("d0e6a833031e9bbcd3f4e8bde6ca49a4", { value: 1, secret: true }),
        noOutput: mark("d0e6a833031e9bbcd3f4e8bde6ca49a4", { dependencies: [] }),
        reference: mark("5cf8f73096256a8f31e491e813e4eb8e", { urn: URN, id: "" }),
        code: mark("c44067f5952c0a294b673a41bacd8c17", { hash: "0", text: "<contents elided>" }),
        file: mark("c44067f5952c0a294b673a41bacd8c17", { hash: "0", path: "./a.sh" }),
        zip: mark("0def7320c3a5731c473e5ecbe6d01bc7", {
          hash: "0",
          assets: { "a.sh": mark("c44067f5952c0a294b673a41bacd8c17", { text: "curl x" }) },
        }),
        foreign: mark("no signature", { value: "seen" }),
        __defaults: ["name"],
        rules: [{ __defaults: [], port: 1 }],
        own: { __defaults: ["https://leak.example.com/"] },
      },
    },
  });
  expect(inputs).toMatchObject({
    unknown: [COMPUTED, COMPUTED],
    plain: HIDDEN,
    inside: "https://[secret]@x",
    shown: { value: { a: ["x"] } },
    hidden: HIDDEN,
    unknownSecret: COMPUTED,
    output: { value: 1 },
    noOutput: COMPUTED,
    reference: { urn: URN, id: "" },
    code: { text: ELIDED },
    file: { path: "./a.sh" },
    zip: { assets: { "a.sh": { text: "curl x" } } },
    foreign: { value: "seen" },
    rules: [{ port: 1 }],
    own: { __defaults: ["https://leak.example.com/"] },
  });
  expect(inputs).not.toHaveProperty("__defaults");
});

test("a leftover of an earlier replacement does not make a living resource a deleted one", async () => {
  const lines = [
    pre({ op: "same", old: { inputs: { a: 1 } }, new: { inputs: { a: 1 } } }),
    pre({ op: "delete", old: { delete: true, inputs: { a: 0 } } }),
    SUMMARY,
  ];
  for (const order of [lines, [lines[1]!, lines[0]!, SUMMARY]]) {
    const { graph } = await readEvents(order, "test");
    expect(graph.resources).toHaveLength(1);
    expect(graph.resources[0]).toMatchObject({ inputs: { a: 1 }, change: { op: "same", before: { a: 1 } } });
  }
});

test("operations of future engines are read as others, and events of them are counted", async () => {
  const { graph, ignored } = await readEvents(
    [pre({ op: "teleport" }), '{"newEvent":{}}', '{"newEvent":{}}', SUMMARY],
    "t",
  );
  expect(graph.resources[0]?.change?.op).toBe("other");
  expect(ignored).toEqual({ newEvent: 2 });
});

test("of several runs in one file the last one counts", async () => {
  const prelude = JSON.stringify({ preludeEvent: { config: { "aws:region": "eu-central-1" } } });
  const first = [prelude, pre({ op: "create" }), SUMMARY];
  const { graph } = await readEvents([...first, prelude, pre({ op: "update" }), SUMMARY], "test");
  expect(graph.resources.map(({ change }) => change?.op)).toEqual(["update"]);
  expect(graph.limits).toContain("the file holds several runs: only the last one was read");
  await expect(readEvents([...first.slice(0, 2), ...first], "test")).rejects.toThrow(
    "test, line 3: a second run begins",
  );
});

test("a stream that is cut anywhere is no stream", async () => {
  const whole = text("change.jsonl");
  const lines = whole.trimEnd().split("\n");
  const summary = lines.findIndex((line) => line.includes('"summaryEvent"'));
  for (const count of [1, 2, 10, summary]) {
    await expect(readEvents(lines.slice(0, count).join("\n"), "cut")).rejects.toThrow(
      `cut, line ${count}: the stream ends`,
    );
  }
  for (let at = 7; at < whole.indexOf(lines[summary]!); at += 1999) {
    await expect(readEvents(whole.slice(0, at), "cut")).rejects.toThrow(/^cut, line \d+: /);
  }
  await expect(readEvents(lines.slice(5), "cut")).rejects.toThrow("cut, line 1: the stream's beginning is missing");
});

test("an engine that stopped tells why", async () => {
  const said = { severity: "error", message: "no stack named 'dev' found" };
  const lines = ['{"sequence":0,"preludeEvent":{}}', JSON.stringify({ diagnosticEvent: said }), '{"cancelEvent":{}}'];
  await expect(readEvents(lines, "x")).rejects.toThrow("the first thing it said: no stack named 'dev' found");
});

test.each<[string, string]>([
  ["", "x: this is no event stream: it is empty"],
  ["hello", "x, line 1: this is no event stream: its first line is no JSON"],
  ["[]", "x, line 1: the line is no event"],
  ['{"sequence":0}', "x, line 1: this is no event of the engine"],
  ['{"a":1}', "x: this is no event stream: there is no event of the engine in it"],
  ['{"resourcePreEvent":null}', "x, line 1: resourcePreEvent must be an object"],
  ['{"resourcePreEvent":{}}', "x, line 1: metadata must be an object"],
  [pre({ urn: 5 }), "x, line 1: metadata.urn must be a text"],
  [pre({ urn: "web" }), "x, line 1: metadata.urn must be a URN"],
  [pre({ op: "" }), "x, line 1: metadata.op must be a text"],
  [pre({ new: [] }), "x, line 1: metadata.new must be an object"],
  [pre({ new: { inputs: "a" } }), "x, line 1: metadata.new.inputs must be an object"],
  [pre({ keys: {} }), "x, line 1: metadata.keys must be a list"],
  [pre({ keys: [1] }), "x, line 1: metadata.keys must hold texts"],
  [pre({ detailedDiff: { a: "update" } }), "x, line 1: metadata.detailedDiff must tell each property's diffKind"],
  [`${pre({})}\n{`, "x, line 2: the line is no JSON: the stream was cut or edited here"],
  [pre({}, "resOutputsEvent"), `x, line 1: the outputs of ${URN} come before anything is said of it`],
])("%s is refused with its line", async (stream, message) => {
  await expect(readEvents(stream, "x")).rejects.toThrow(message);
});

test("events can be read as they come", () => {
  const reader = new EventReader("live");
  expect(reader.add("")).toBeUndefined();
  expect(reader.add(pre({}))).toHaveProperty("resourcePreEvent");
  reader.add(SUMMARY);
  expect(reader.finish().graph.resources).toHaveLength(1);
});
