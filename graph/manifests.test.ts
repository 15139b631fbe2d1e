import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readManifests, readManifestText } from "./manifests.ts";
import { Secret } from "./model.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "manifests-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

const pod = (name: string) => `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\n`;

test("each object is a resource of the type that Pulumi gives it", () => {
  const text = `${pod("a")}---\n# nothing here\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: { name: b, namespace: n }\nspec: { replicas: 2 }\n`;
  const { resources, source } = readManifestText(text, "all.yaml");
  expect(source).toEqual({ kind: "manifests", name: "all.yaml" });
  expect(resources).toMatchObject([
    { type: "kubernetes:core/v1:Pod", name: "a", origin: "all.yaml, document 1" },
    {
      urn: "urn:pulumi:manifests::kubernetes::kubernetes:apps/v1:Deployment::n/b",
      type: "kubernetes:apps/v1:Deployment",
      name: "b",
      inputs: { apiVersion: "apps/v1", metadata: { namespace: "n" }, spec: { replicas: 2 } },
      origin: "all.yaml, document 3",
    },
  ]);
});

test("lists are unpacked, typed lists too", () => {
  const list = {
    apiVersion: "v1",
    kind: "List",
    items: [{ apiVersion: "v1", kind: "PodList", items: [{ metadata: { name: "p" } }] }],
  };
  const { resources } = readManifestText(JSON.stringify(list), "list.json");
  expect(resources).toMatchObject([{ type: "kubernetes:core/v1:Pod", name: "p", origin: "list.json, item 1, item 1" }]);
});

test("the values of a Secret are secrets, and an engine's marks are texts like others", () => {
  const text = `apiVersion: v1\nkind: Secret\nmetadata: { name: "[secret]" }\ndata: { a: aHR0cHM= }\nstringData: { b: "https://x" }\n`;
  const [secret] = readManifestText(text, "x").resources;
  expect(secret!.inputs.data).toEqual({ a: new Secret("aHR0cHM=") });
  expect(secret!.inputs.stringData).toEqual({ b: new Secret("https://x") });
  expect(secret!.inputs.metadata).toEqual({ name: "[secret]" });
});

test("an object that stands twice is looked at twice", () => {
  const { resources } = readManifestText([pod("a"), pod("a"), pod('"a#2"')].join("---\n"), "x");
  expect(new Set(resources.map(({ urn }) => urn)).size).toBe(3);
  expect(resources.map(({ name }) => name)).toEqual(["a", "a", "a#2"]);
});

test("a folder is read with all that is below it, in order; what is no manifest is told", () => {
  write({
    "b/web.yml": pod("w"),
    "a.yaml": pod("a"),
    "c.json": '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"}}',
  });
  write({ "README.md": "#", ".git/x.yaml": pod("hidden") });
  symlinkSync(join(folder, "b"), join(folder, "loop"));
  const { resources, limits } = readManifests(folder);
  expect(resources.map(({ name, origin }) => `${name} ${origin}`)).toEqual(["a a.yaml", "w b/web.yml", "c c.json"]);
  expect(limits.at(-1)).toMatch(/^no manifests, not read: .*README\.md/);
  expect(limits.at(-1)).toMatch(/\.git.*|loop/);
  expect(readManifests([join(folder, "a.yaml"), join(folder, "c.json")]).resources).toHaveLength(2);
});

test.each<[string, string, string]>([
  ["broken.yaml", `${pod("a")}---\nb: [\n`, "broken.yaml, line 6: no valid YAML"],
  ["values.yaml", "image: x\n", "values.yaml, line 1: part of a Helm chart"],
  ["kustomization.yaml", "resources: [a.yaml]\n", "kustomization.yaml, line 1: a kustomization"],
  ["other.yaml", "a: 1\n", "other.yaml, line 1: no Kubernetes manifest: apiVersion and kind are missing"],
  ["list.yaml", "- 1\n", "list.yaml, line 1: no Kubernetes manifest: each document must be an object"],
  ["item.yaml", "apiVersion: v1\nkind: List\nitems: [null]\n", "item.yaml, line 1: no Kubernetes manifest"],
  [
    "web.yaml",
    "apiVersion: v1\nkind: Pod\n{{- if .Values.x }}\na: 1\n{{- end }}\n",
    "web.yaml, line 3: a Helm template",
  ],
  [
    "flow.yaml",
    "apiVersion: v1\nkind: Pod\nspec:\n  replicas: {{ .Values.n }}\n",
    "flow.yaml, line 1: a Helm template",
  ],
])("one broken file is the end of it: %s", (name, text, message) => {
  write({ "a.yaml": pod("a"), [name]: text });
  expect(() => readManifests(folder)).toThrow(message);
});

test("braces in texts are no template", () => {
  const rule = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { rule: "{{ $labels.instance }}" }\n';
  expect(readManifestText(rule, "x").resources[0]?.inputs.data).toEqual({ rule: "{{ $labels.instance }}" });
});

test("what is not there is said", () => {
  expect(() => readManifests(join(folder, "none"))).toThrow("cannot be read: there is no such file or folder");
});
