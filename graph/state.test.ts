import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { type Graph, HIDDEN, type Resource, Secret } from "./model.ts";
import { readState } from "./state.ts";

const text = (name: string) => readFileSync(`${import.meta.dirname}/fixtures/${name}`, "utf8");
const named = ({ resources }: Graph, name: string): Resource => resources.find((resource) => resource.name === name)!;
const PREFIX = "urn:pulumi:dev::web::x:index:Thing::";

function state(resources: readonly object[], rest: object = {}): string {
  const whole = resources.map((resource) => ({ urn: `${PREFIX}a`, type: "x:index:Thing", custom: true, ...resource }));
  return JSON.stringify({ version: 3, deployment: { resources: whole, ...rest } });
}

test("an exported state: dependencies, outputs, who keeps the secrets, but not what opens them", () => {
  const graph = readState(text("state.json"), "state.json");
  expect(graph.source).toEqual({ kind: "state", name: "state.json", stack: "dev", project: "web" });
  expect(graph.settings).toEqual({ secretsProvider: { type: "passphrase" } });
  const server = named(graph, "shop-srv");
  expect(server).toMatchObject({
    type: "hcloud:index/server:Server",
    custom: true,
    inputs: { serverType: "cpx22", userData: HIDDEN },
    outputs: { status: "running" },
    id: expect.stringMatching(/^\d+$/),
  });
  expect(server.dependencies).toContain(named(graph, "shop-subnet").urn);
  expect(server.propertyDependencies.firewallIds).toEqual([named(graph, "shop-fw").urn]);
  expect(server.change).toBeUndefined();
  expect(named(graph, "shop-kept").protect).toBe(true);
  expect(graph.resources.filter(({ type }) => type === "pulumi:providers:hcloud")).toHaveLength(2);
});

test("secrets that were exported in clear are secrets that rules may look into", () => {
  const graph = readState(text("state-shown.json"), "state");
  const { userData } = named(graph, "shop-srv").inputs;
  expect(userData).toBeInstanceOf(Secret);
  expect(named(graph, "shop").inputs.note).toEqual(new Secret("planted-note-secret"));
  const encrypted = inspect(readState(text("state.json"), "state"), { depth: 20 });
  expect(encrypted).not.toMatch(/ciphertext|planted-note-secret/);
});

test("a backend's file is read as an export is; an empty stack has no resources", () => {
  const { deployment } = JSON.parse(text("state.json"));
  const checkpoint = { stack: "organization/web/dev", latest: deployment };
  expect(readState(JSON.stringify({ version: 3, checkpoint }), "x").resources).toHaveLength(15);
  expect(readState(JSON.stringify({ version: 3, checkpoint: { latest: null } }), "x").resources).toEqual([]);
});

test("the key service is told, its encrypted key is not", () => {
  const secrets_providers = {
    type: "cloud",
    state: { url: "awskms://alias/x?region=us-east-1", encryptedkey: "QUJD" },
  };
  expect(readState(state([], { secrets_providers }), "x").settings).toEqual({
    secretsProvider: { type: "cloud", url: "awskms://alias/x?region=us-east-1" },
  });
});

test("what waits for its deletion is told, and looked at where nothing has taken its place", () => {
  const graph = readState(state([{ inputs: { n: 1 } }, { delete: true, id: "i-7", inputs: { n: 0 } }]), "x");
  expect(graph.resources).toMatchObject([{ inputs: { n: 1 } }]);
  expect(graph.limits).toContain("replaced, but not deleted yet, and not looked at: a (i-7)");
  expect(readState(state([{ delete: true, inputs: { n: 0 } }]), "x").resources).toMatchObject([{ inputs: { n: 0 } }]);
  const pending_operations = [{ type: "creating", resource: {} }];
  expect(readState(state([], { pending_operations }), "x").limits.at(-1)).toContain("1 operations were interrupted");
});

test.each<[string, string]>([
  ["", "x, line 1: no valid JSON"],
  ['{\n"version": 3,\n"deployment": {\n', "x, line 3: no valid JSON: is the file whole?"],
  ["[]", "x: a state must be an object"],
  ["{}", 'x: this is no state: it has neither "deployment" nor "checkpoint"'],
  ['{"version":1,"deployment":{}}', "x: a state of version 1 cannot be read"],
  ['{"version":3,"deployment":{"resources":{}}}', "x: deployment.resources must be a list"],
  ['{"version":3,"deployment":{"resources":[null]}}', "x: resources[0] must be an object"],
  [state([{ urn: "a" }]), "x: resources[0].urn must be a URN"],
  [state([{ type: null }]), "x: resources[0].type must be a text"],
  [state([{}, {}]), `x: resources[1] has the URN of one before it: ${PREFIX}a`],
])("%s is refused", (given, message) => {
  expect(() => readState(given, "x")).toThrow(message);
});
