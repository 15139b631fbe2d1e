/** Any deployment, whatever it was saved as. */
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { isObject } from "./checks.ts";
import { InputError } from "./errors.ts";
import { type EventStream, readEvents, readEventsFile } from "./events.ts";
import { MAX_JSON_LENGTH } from "./json.ts";
import { onDisk } from "./lines.ts";
import { readManifests, readManifestText } from "./manifests.ts";
import type { Graph } from "./model.ts";
import { type Preview, readPreview } from "./preview.ts";
import { readPulumiYaml } from "./pulumi-yaml.ts";
import { readState } from "./state.ts";
import { parseYaml } from "./yaml.ts";

/** What people say that a source is. `events` takes a plain preview too. */
export type Kind = "events" | "state" | "manifests" | "program";

/** What it is. */
type Found = Kind | "preview";

export interface Source {
  readonly graph: Graph;
  /** Where it is an event stream. */
  readonly events?: EventStream;
  /** Where it is a plain preview. */
  readonly preview?: Preview;
}

const NAMES: Readonly<Record<Found, string>> = {
  events: "an event stream",
  preview: "a plain preview",
  state: "a state",
  manifests: "Kubernetes manifests",
  program: "a Pulumi YAML program",
};

/**
 * Reads a file or folder as what its content says it is.
 * @param path `-` is the standard input.
 * @param kind what it must be.
 * @throws {InputError} for what cannot be read, what is none of these, and what is another one than the caller said.
 */
export async function readGraph(path: string, kind?: Kind): Promise<Graph> {
  return (await readSource(path, kind)).graph;
}

/** The same with all that the source tells. */
export async function readSource(path: string, kind?: Kind): Promise<Source> {
  if (path === "-") return readText(await standardInput(), "standard input", kind);
  if (onDisk(path, () => statSync(path)).isDirectory()) {
    if (kind !== undefined && kind !== "manifests")
      throw new InputError(path, `this is a folder, not ${NAMES[kind]}: name the file`);
    return { graph: readManifests(path) };
  }
  if (STREAM.test(head(path))) {
    demand("events", kind, path);
    return ofEvents(await readEventsFile(path));
  }
  if (onDisk(path, () => statSync(path)).size > MAX_JSON_LENGTH) throw tooBig(path);
  const bytes = onDisk(path, () => readFileSync(path));
  return readText(decode(bytes, path), path, kind);
}

/** The same of a text. */
export async function readText(text: string, name: string, kind?: Kind): Promise<Source> {
  const plain = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const found = recognise(plain, name);
  demand(found, kind, name);
  switch (found) {
    case "events":
      return ofEvents(await readEvents(plain, name));
    case "preview": {
      const preview = readPreview(plain, name);
      return { graph: preview.graph, preview };
    }
    case "state":
      return { graph: readState(plain, name) };
    case "manifests":
      return { graph: readManifestText(plain, name) };
    case "program":
      return { graph: readPulumiYaml(plain, name) };
  }
}

function ofEvents(events: EventStream): Source {
  return { graph: events.graph, events };
}

function demand(found: Found, kind: Kind | undefined, name: string): void {
  if (kind === undefined || kind === found || (kind === "events" && found === "preview")) return;
  throw new InputError(name, `this is ${NAMES[found]}, not ${NAMES[kind]}`);
}

/** How the first line of an event stream begins. */
const STREAM = /^\uFEFF?\s*\{\s*"(?:sequence|timestamp|\w{1,60}Event)"\s*:/;
/** Where the events begin after the preview that `pulumi up --json` prints. */
const LATER_STREAM = /^\{"(?:sequence|timestamp)":/m;

const NOT_ITS_BEGINNING =
  "this line is none of the event stream that follows: save the standard output of Pulumi alone, without messages (2>&1)";

function recognise(text: string, name: string): Found {
  if (text.trim() === "") throw new InputError(name, "it is empty");
  if (STREAM.test(text.slice(0, 1000))) return "events";
  const isJson = /^\s*[{[]/.test(text.slice(0, 1000));
  const root = isJson ? json(text) : undefined;
  if (root !== undefined) return recogniseJson(root, name);
  if (isJson && LATER_STREAM.test(text)) return "events";
  if (LATER_STREAM.test(text)) throw new InputError(name, NOT_ITS_BEGINNING, 1);
  if (isJson && /^\s*\{\s*"/.test(text.slice(0, 1000))) throw cutJson(text, name);
  return recogniseYaml(text, name);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Broken JSON: the reader that it is most likely for says where it breaks. */
function cutJson(text: string, name: string): InputError {
  try {
    if (/"(?:deployment|checkpoint)"\s*:/.test(text.slice(0, 100_000))) readState(text, name);
    readPreview(text, name);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  return new InputError(name, "no valid JSON");
}

function recogniseJson(root: unknown, name: string): Found {
  if (!isObject(root)) throw unknown(name);
  if ("deployment" in root || "checkpoint" in root) return "state";
  if ("steps" in root || "changeSummary" in root) return "preview";
  return recogniseObject(root, name);
}

function recogniseObject(root: Readonly<Record<string, unknown>>, name: string): Found {
  if ("terraform_version" in root) {
    throw new InputError(
      name,
      "this is a file of Terraform or OpenTofu: only what Pulumi writes, and manifests, can be read",
    );
  }
  if ("AWSTemplateFormatVersion" in root || isObject(root.Resources)) {
    throw new InputError(
      name,
      "this is a CloudFormation template: only what Pulumi writes, and manifests, can be read",
    );
  }
  if ("apiVersion" in root || "kind" in root) return "manifests";
  if (isObject(root.resources)) return "program";
  if ("runtime" in root && "name" in root) {
    throw new InputError(
      name,
      "this is a Pulumi project without resources of its own: its program is elsewhere; save its preview and give that",
    );
  }
  throw unknown(name);
}

function recogniseYaml(text: string, name: string): Found {
  // A program may hold whole manifests, and texts with braces.
  if (/^runtime\s*:/m.test(text) && /^resources\s*:/m.test(text)) return "program";
  // A broken document, and a template, are told by the reader of manifests with file and line.
  if (/^\s*kind\s*:/m.test(text) || text.includes("{{")) return "manifests";
  const first = documentsOf(text, name).find(({ value }) => value !== undefined);
  if (!isObject(first?.value)) throw unknown(name);
  return recogniseObject(first.value, name);
}

function documentsOf(text: string, name: string) {
  try {
    return parseYaml(text, name);
  } catch (error) {
    throw /\.ya?ml$/i.test(name) ? error : unknown(name);
  }
}

function unknown(name: string): InputError {
  return new InputError(
    name,
    "this is nothing that can be read: an event stream (PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true pulumi preview --json), a state " +
      "(pulumi stack export), Kubernetes manifests, or a Pulumi YAML program",
  );
}

function tooBig(name: string): InputError {
  return new InputError(name, `larger than ${MAX_JSON_LENGTH / 1024 / 1024} MB, and no event stream`);
}

function head(path: string): string {
  const buffer = Buffer.alloc(1000);
  const file = onDisk(path, () => openSync(path, "r"));
  try {
    return buffer
      .subarray(
        0,
        onDisk(path, () => readSync(file, buffer)),
      )
      .toString("utf8");
  } finally {
    closeSync(file);
  }
}

function decode(bytes: Buffer, name: string): string {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) throw new InputError(name, "this is compressed (gzip): unpack it first");
  // What PowerShell's ">" writes.
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString("utf16le");
  if (bytes.subarray(0, 1000).includes(0)) throw new InputError(name, "this is no text");
  return bytes.toString("utf8");
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_JSON_LENGTH) {
      throw new InputError("standard input", `more than ${MAX_JSON_LENGTH / 1024 / 1024} MB: give a file`);
    }
  }
  return decode(Buffer.concat(chunks), "standard input");
}
