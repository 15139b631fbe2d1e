import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Kind, readGraph, readSource, readText } from "./read.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "read-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fixture = (name: string) => join(import.meta.dirname, "fixtures", name);

function file(content: string | Buffer, name = "file"): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const PROGRAM = "name: a\nruntime: yaml\nresources: { r: { type: 'x:Y' } }\n";
const MANIFEST = "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\n";

test.each([
  ["change.jsonl", "events"],
  ["up-with-preview.jsonl", "events"],
  ["plain-preview.json", "preview"],
  ["state.json", "state"],
])("%s is recognised as %s by its content, from a file and from a text", async (name, kind) => {
  expect((await readGraph(fixture(name))).source.kind).toBe(kind);
  expect((await readText(readFileSync(fixture(name), "utf8"), "text")).graph.source.kind).toBe(kind);
});

test("programs, manifests and folders of them", async () => {
  expect((await readGraph(file(PROGRAM))).source.kind).toBe("program");
  expect((await readGraph(file(MANIFEST, "a.yaml"))).source.kind).toBe("manifests");
  rmSync(join(folder, "file"));
  expect((await readGraph(folder)).resources).toHaveLength(1);
});

test("a stream and a preview come with all they tell", async () => {
  expect((await readSource(fixture("change-with-pack.jsonl"))).events?.policyEvents).toHaveLength(3);
  expect((await readSource(fixture("plain-preview.json"))).preview?.changes.replace).toBe(2);
});

test("what Windows makes of a file is read too", async () => {
  const text = readFileSync(fixture("state.json"), "utf8");
  expect((await readGraph(file(`\uFEFF${text.replaceAll("\n", "\r\n")}`))).resources).toHaveLength(15);
  expect((await readGraph(file(Buffer.from(`\uFEFF${text}`, "utf16le")))).resources).toHaveLength(15);
  const stream = readFileSync(fixture("change.jsonl"), "utf8").replaceAll("\n", "\r\n");
  expect((await readGraph(file(Buffer.from(`\uFEFF${stream}`, "utf16le")))).resources).toHaveLength(14);
  expect((await readGraph(file(`\uFEFF${stream}`))).resources).toHaveLength(14);
});

test.each<[Kind, string, string]>([
  ["state", "change.jsonl", "this is an event stream, not a state"],
  ["events", "state.json", "this is a state, not an event stream"],
  ["manifests", "plain-preview.json", "this is a plain preview, not Kubernetes manifests"],
])("who asks for %s and gives %s is told", async (kind, name, message) => {
  await expect(readGraph(fixture(name), kind)).rejects.toThrow(message);
});

test("a plain preview is taken for events", async () => {
  expect((await readGraph(fixture("plain-preview.json"), "events")).source.kind).toBe("preview");
});

test.each<[string, string | Buffer, string]>([
  ["nothing", "", "it is empty"],
  [
    "a stream after a message",
    'warning: new version\n{"sequence":0,"preludeEvent":{}}\n',
    "line 1: this line is none of the event stream",
  ],
  ["prose", "Dear reader,\n", "this is nothing that can be read"],
  ["some JSON", "[1]", "this is nothing that can be read"],
  ["a cut state", '{\n "version": 3,\n "deployment": {\n', "line 3: no valid JSON"],
  ["a cut preview", '{\n "config": {},\n "steps": [\n', "line 3: no valid JSON"],
  ["a state of Terraform", '{"version":4,"terraform_version":"1.9.0"}', "a file of Terraform"],
  ["CloudFormation", "AWSTemplateFormatVersion: 2010-09-09\nResources: {}\n", "a CloudFormation template"],
  ["a project file", "name: a\nruntime: nodejs\n", "a Pulumi project without resources of its own"],
  ["gzip", gzipSync("a"), "compressed (gzip): unpack it first"],
  ["binary", Buffer.from([1, 0, 2]), "this is no text"],
])("%s is no deployment", async (_, content, message) => {
  await expect(readGraph(file(content))).rejects.toThrow(message);
});

test("a file that is not there", async () => {
  await expect(readGraph(join(folder, "none"))).rejects.toThrow("there is no such file or folder");
});

test("a folder where one file is meant", async () => {
  await expect(readGraph(folder, "program")).rejects.toThrow(
    "this is a folder, not a Pulumi YAML program: name the file",
  );
});
