/** Kubernetes manifests: YAML or JSON documents, in a file or in a folder with all that is below it. */
import { type Dirent, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, extname, join, relative } from "node:path";
import { isObject, type RawObject } from "./checks.ts";
import { InputError } from "./errors.ts";
import { cannotRead } from "./lines.ts";
import { type Graph, type Properties, type Resource, Secret, type Value } from "./model.ts";
import { MAX_DEPTH, type Place } from "./values.ts";
import { MAX_YAML_LENGTH, parseYaml } from "./yaml.ts";

/** Bounds of a folder. */
const MAX_FILES = 20_000;
const MAX_TOTAL = 512 * 1024 * 1024;
const MAX_OBJECTS = 500_000;
/** Lists in lists; `kubectl` makes one level. */
const MAX_LISTS = 8;

const FORMATS: ReadonlySet<string> = new Set([".yaml", ".yml", ".json"]);

/**
 * Reads manifests from a file, a folder, or several of them.
 * @throws {InputError} for the first file that is no manifest: none is skipped, as what is skipped is not checked.
 */
export function readManifests(paths: string | readonly string[]): Graph {
  const list = typeof paths === "string" ? [paths] : paths;
  const collector = new Collector(list.join(", "));
  for (const path of list) readPath(path, collector);
  return collector.graph();
}

/** The same of one text that holds any number of documents. */
export function readManifestText(text: string, name: string): Graph {
  const collector = new Collector(name);
  collector.add(text, name);
  return collector.graph();
}

function readPath(path: string, collector: Collector): void {
  if (onDisk(path, () => statSync(path)).isDirectory()) {
    for (const file of filesBelow(path, collector)) readOne(file, relative(path, file), collector);
  } else {
    readOne(path, basename(path), collector);
  }
}

function readOne(file: string, name: string, collector: Collector): void {
  const { size } = onDisk(file, () => statSync(file));
  if (size > 4 * MAX_YAML_LENGTH) throw new InputError(name, "too big: no manifest is");
  collector.add(
    onDisk(file, () => readFileSync(file, "utf8")),
    name,
  );
}

function onDisk<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw cannotRead(path, error);
  }
}

/** Files in order of their paths. Hidden folders (`.git`) and links to folders are told as limits. */
function filesBelow(folder: string, collector: Collector): string[] {
  const files: string[] = [];
  const open = [folder];
  for (let current = open.pop(); current !== undefined; current = open.pop()) {
    const here = current;
    const entries: Dirent[] = onDisk(here, () => readdirSync(here, { withFileTypes: true }));
    for (const entry of entries) {
      const path = join(here, entry.name);
      if (entry.isDirectory() && !entry.name.startsWith(".")) open.push(path);
      else if (entry.isFile() || (entry.isSymbolicLink() && onDisk(path, () => statSync(path)).isFile()))
        files.push(path);
      else collector.leaveOut(relative(folder, path));
    }
    if (files.length > MAX_FILES) throw new InputError(folder, `more than ${MAX_FILES} files`);
  }
  const manifests = files.filter((file) => FORMATS.has(extname(file).toLowerCase()));
  for (const file of files) if (!manifests.includes(file)) collector.leaveOut(relative(folder, file));
  return manifests.sort((a, b) => (a < b ? -1 : 1));
}

class Collector {
  private readonly name: string;
  private readonly resources: Resource[] = [];
  private readonly uses = new Map<string, number>();
  private readonly leftOut: string[] = [];
  private total = 0;

  constructor(name: string) {
    this.name = name;
  }

  leaveOut(name: string): void {
    this.leftOut.push(name);
  }

  add(text: string, name: string): void {
    this.total += text.length;
    if (this.total > MAX_TOTAL) throw new InputError(name, `more than ${MAX_TOTAL / 1024 / 1024} MB of manifests`);
    const documents = parseManifests(text, name);
    documents.forEach(({ value, line }, index) => {
      if (value === undefined) return;
      const origin = documents.length > 1 ? `${name}, document ${index + 1}` : name;
      this.take(value, origin, { source: name, line }, undefined, 0);
    });
  }

  graph(): Graph {
    return {
      source: { kind: "manifests", name: this.name },
      resources: this.resources,
      settings: {},
      limits: [
        "manifests do not tell where the cluster is that they are for",
        ...(this.leftOut.length ? [`no manifests, not read: ${listed(this.leftOut)}`] : []),
      ],
    };
  }

  private take(value: unknown, origin: string, place: Place, inherited: ObjectKind | undefined, depth: number): void {
    const object = manifest(value, inherited, place);
    const items = itemsOf(object);
    if (!items) {
      this.keep(object, origin, place);
      return;
    }
    if (depth >= MAX_LISTS) throw new InputError(place.source, `lists in lists, deeper than ${MAX_LISTS}`, place.line);
    const kind = object.kind === "List" ? undefined : { apiVersion: object.apiVersion, kind: object.kind.slice(0, -4) };
    items.forEach((item, index) => {
      this.take(item, `${origin}, item ${index + 1}`, place, kind, depth + 1);
    });
  }

  private keep(object: Manifest, origin: string, place: Place): void {
    if (this.resources.length >= MAX_OBJECTS) throw new InputError(place.source, `more than ${MAX_OBJECTS} objects`);
    const metadata = isObject(object.metadata) ? object.metadata : {};
    const name = [metadata.name, metadata.generateName].find((text) => typeof text === "string" && text !== "");
    const type = `kubernetes:${object.apiVersion.includes("/") ? "" : "core/"}${object.apiVersion}:${object.kind}`;
    const namespace = typeof metadata.namespace === "string" ? `${metadata.namespace}/` : "";
    this.resources.push({
      urn: this.unique(`urn:pulumi:manifests::kubernetes::${type}::${namespace}${name ?? "unnamed"}`),
      type,
      name: typeof name === "string" ? name : "unnamed",
      custom: true,
      inputs: properties(object, place),
      dependencies: [],
      propertyDependencies: {},
      protect: false,
      aliases: [],
      origin,
    });
  }

  /** The same object may stand in several files: overlays of one base. */
  private unique(urn: string): string {
    const use = (this.uses.get(urn) ?? 0) + 1;
    this.uses.set(urn, use);
    return use === 1 ? urn : this.unique(`${urn}#${use}`);
  }
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(", ");
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}

function parseManifests(text: string, name: string) {
  try {
    return parseYaml(text, name);
  } catch (error) {
    if (error instanceof InputError && text.includes("{{")) {
      throw new InputError(name, `${HELM}; or no valid YAML`, error.line);
    }
    throw error;
  }
}

const HELM = 'a Helm template, no manifest: render it first ("helm template …") and check what comes out';

interface ObjectKind {
  readonly apiVersion: string;
  readonly kind: string;
}

type Manifest = RawObject & ObjectKind;

function manifest(value: unknown, inherited: ObjectKind | undefined, { source, line }: Place): Manifest {
  if (!isObject(value)) throw new InputError(source, "no Kubernetes manifest: each document must be an object", line);
  const object = { ...inherited, ...value };
  const { apiVersion, kind } = object;
  if (typeof apiVersion !== "string" || typeof kind !== "string" || !apiVersion || !kind) {
    const file = basename(source);
    const hint = /^kustomization\.ya?ml$/.test(file)
      ? 'a kustomization: build it first ("kubectl kustomize …") and check what comes out'
      : /^(chart|values[\w.-]*)\.ya?ml$/i.test(file)
        ? 'part of a Helm chart: render it first ("helm template …") and check what comes out'
        : "no Kubernetes manifest: apiVersion and kind are missing";
    throw new InputError(source, hint, line);
  }
  return object as Manifest;
}

function itemsOf(object: Manifest): readonly unknown[] | undefined {
  return object.kind.endsWith("List") && Array.isArray(object.items) ? object.items : undefined;
}

function properties(object: Manifest, place: Place): Properties {
  const isSecret = object.kind === "Secret" && object.apiVersion === "v1";
  const result: Record<string, Value> = {};
  for (const [name, value] of Object.entries(object)) {
    const given = plain(value, place, 1);
    define(result, name, isSecret && (name === "data" || name === "stringData") ? secrets(given) : given);
  }
  return result;
}

/** Each value of a Secret is one. */
function secrets(data: Value): Value {
  if (!isObject(data)) return new Secret(data);
  const result: Record<string, Value> = {};
  for (const [name, value] of Object.entries(data)) define(result, name, new Secret(value as Value));
  return result;
}

function define(object: Record<string, Value>, name: string, value: Value): void {
  if (name === "__proto__")
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  else object[name] = value;
}

/** Manifests have none of the engine's marks: a text is that text. */
function plain(raw: unknown, place: Place, depth: number): Value {
  if (depth > MAX_DEPTH) throw new InputError(place.source, `nested deeper than ${MAX_DEPTH} levels`, place.line);
  if (Array.isArray(raw)) return raw.map((item) => plain(item, place, depth + 1));
  if (!isObject(raw)) return typeof raw === "object" || raw === undefined ? null : (raw as Value);
  const result: Record<string, Value> = {};
  for (const name of Object.keys(raw)) {
    // What Helm fills in reads as a map with a map for a name.
    if (name.startsWith("{ ")) throw new InputError(place.source, HELM, place.line);
    define(result, name, plain(raw[name], place, depth + 1));
  }
  return result;
}
