/** What a rollout reads from and writes into a stack's configuration file: the rest of it, comments included, stays as it is. */
import { readFileSync } from "node:fs";
import { Document, isMap, isScalar, isSeq, type Node, Pair, parseDocument, type Scalar, type YAMLMap } from "yaml";
import { writeWholeFile } from "../../lab/session/whole-file.ts";
import { CommandError } from "../output.ts";

const NAMESPACE = "sovereign:";

/** What the file says of machines with data. */
export interface RolloutConfig {
  /** `protection.except`: names that may be replaced or deleted. */
  readonly exceptions: readonly string[];
  /** `generations`: by name of the machine, in place of its part's. */
  readonly generations: Readonly<Record<string, number>>;
  /** `generation` of the part: a number, or a list with one for each machine. */
  readonly part: number | readonly number[];
  /** Whether commits wait for a second machine. */
  readonly isZeroLoss: boolean;
}

/** What a rollout changes. */
export interface ConfigChange {
  readonly except?: { readonly add?: readonly string[]; readonly remove?: readonly string[] };
  /** Generation by name of the machine; undefined takes the entry out. */
  readonly generations?: Readonly<Record<string, number | undefined>>;
}

function documentOf(text: string, file: string): Document {
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem) throw new CommandError(`${file} is no YAML: ${problem.message.split("\n")[0]}`, 2);
  if (!isMap(document.get("config"))) throw new CommandError(`${file} has no "config:": which stack is meant?`, 2);
  return document;
}

/** The key as the file writes it: with the project's namespace, or with none, which the engine takes for the same. */
function keyOf(document: Document, key: string): string {
  return !document.hasIn(["config", NAMESPACE + key]) && document.hasIn(["config", key]) ? key : NAMESPACE + key;
}

const settingOf = (document: Document, ...path: readonly [string, ...string[]]): unknown => {
  const [key, ...rest] = path;
  const node = document.getIn(["config", keyOf(document, key), ...rest], true) as { toJS?(d: Document): unknown };
  return typeof node?.toJS === "function" ? node.toJS(document) : node;
};

const isGeneration = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0;

/**
 * @param part key of the part with its generation
 * @throws CommandError for a file that is none of a stack
 */
export function readConfig(text: string, file: string, part: string): RolloutConfig {
  const document = documentOf(text, file);
  const generation = settingOf(document, part, "generation");
  const exceptions = settingOf(document, "protection", "except");
  const own = settingOf(document, "generations");
  return {
    exceptions: Array.isArray(exceptions) ? exceptions.filter((name) => typeof name === "string") : [],
    generations: Object.fromEntries(
      Object.entries(typeof own === "object" && own !== null ? own : {}).filter(([, value]) => isGeneration(value)),
    ),
    part: Array.isArray(generation) || isGeneration(generation) ? generation : 1,
    isZeroLoss: (settingOf(document, "postgres", "durability") ?? "zero-loss") === "zero-loss",
  };
}

/** The generation that the configuration wants a machine to have: its own, or its part's. */
export function wantedGeneration(
  { generations, part }: RolloutConfig,
  { name, index }: { name: string; index: number },
): number {
  return generations[name] ?? (typeof part === "number" ? part : part[index]) ?? 1;
}

/** The text with a change made: what is not about it stays letter by letter. */
export function changedText(text: string, file: string, { except, generations = {} }: ConfigChange): string {
  const document = documentOf(text, file);
  const keys = ["protection", "generations"].map((key) => keyOf(document, key));
  const before = keys.map((key) => JSON.stringify(document.getIn(["config", key])));
  if (except) changeExceptions(document, except);
  for (const [name, generation] of Object.entries(generations)) {
    const key = ["config", keyOf(document, "generations")];
    if (generation !== undefined) setIn(document, [...key, name], generation);
    else if (document.hasIn([...key, name])) {
      document.deleteIn([...key, name]);
      dropEmpty(document, key);
    }
  }
  const changed = keys.filter((key, i) => JSON.stringify(document.getIn(["config", key])) !== before[i]);
  return changed.reduce((now, key) => replaceKey(now, document, key), text);
}

const layout = { lineWidth: 0, flowCollectionPadding: false } as const;

/** Puts a key below `config` into a text as a document has it, or takes it out. */
function replaceKey(text: string, document: Document, key: string): string {
  const config = parseDocument(text).get("config") as YAMLMap<Scalar<string>>;
  // All in one line, or none of it: there is no layout to keep.
  if (config.flow || config.items.length === 0) {
    const whole = parseDocument(text);
    const value = document.getIn(["config", key]);
    if (value === undefined) whole.deleteIn(["config", key]);
    else whole.setIn(["config", key], value);
    return whole.toString(layout);
  }
  const lines = text.split("\n");
  const startOf = (pair: (typeof config.items)[number]) => text.slice(0, pair.key.range![0]).split("\n").length - 1;
  const at = config.items.find((pair) => pair.key.value === key);
  const last = startOf(config.items.at(-1)!);
  const indent = /^ */.exec(lines[last]!)![0];
  const begin = at ? startOf(at) : endOfBlock(lines, last, indent);
  const end = at ? endOfBlock(lines, begin, indent) : begin;
  const block = renderKey(document, key).map((line) => (line === "" ? "" : indent + line));
  return [...lines.slice(0, begin), ...block, ...lines.slice(end)].join("\n");
}

/** The line after what belongs to the key in a line: what is further in, and empty lines between. */
function endOfBlock(lines: readonly string[], begin: number, indent: string): number {
  let end = begin + 1;
  for (let line = end; line < lines.length && /^\s*$|^ /.test(lines[line]!); line++) {
    if (/^\s*$/.test(lines[line]!)) continue;
    const isInside = lines[line]!.startsWith(`${indent} `) || lines[line]!.startsWith(`${indent}- `);
    if (!isInside) break;
    end = line + 1;
  }
  return end;
}

function renderKey(document: Document, key: string): string[] {
  const config = document.get("config") as YAMLMap<unknown>;
  // One that was put in has its key as it is.
  const pair = config.items.find((item) => (isScalar(item.key) ? item.key.value : item.key) === key);
  if (!pair) return [];
  const alone = new Document({});
  const value = pair.value as Node | null;
  (alone.contents as YAMLMap).add(new Pair(key, value));
  return alone.toString(layout).trimEnd().split("\n");
}

function changeExceptions(document: Document, { add = [], remove = [] }: NonNullable<ConfigChange["except"]>): void {
  const protection = ["config", keyOf(document, "protection")];
  const path = [...protection, "except"];
  const list = document.getIn(path);
  const before = settingOf(document, "protection", "except");
  const names = Array.isArray(before) ? before : [];
  const after = [...names.filter((name) => !remove.includes(name)), ...add.filter((name) => !names.includes(name))];
  if (after.length === names.length && after.every((name, i) => name === names[i])) return;
  if (after.length === 0) {
    document.deleteIn(path);
    dropEmpty(document, protection);
  } else if (isSeq(list)) {
    // One after another, so that the comments of the others stay.
    for (let i = names.length - 1; i >= 0; i--) if (remove.includes(names[i])) list.delete(i);
    for (const name of add) if (!names.includes(name)) list.add(document.createNode(name));
  } else setIn(document, path, after);
}

/** Where a value on the way is null (a key with nothing behind it), a map takes its place. */
function setIn(document: Document, path: readonly string[], value: unknown): void {
  for (let length = 2; length < path.length; length++) {
    if (!isMap(document.getIn(path.slice(0, length)))) document.setIn(path.slice(0, length), document.createNode({}));
  }
  document.setIn(path, document.createNode(value));
}

/** A key that a rollout made is taken out with its last entry. */
function dropEmpty(document: Document, path: readonly string[]): void {
  const map = document.getIn(path);
  if (isMap(map) && map.items.length === 0) document.deleteIn(path);
}

/** The file on disk. It is always whole, whenever this process ends; a link stays one. */
export class ConfigFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** @throws CommandError when it cannot be read */
  text(): string {
    try {
      return readFileSync(this.path, "utf8");
    } catch (error) {
      throw new CommandError(`${this.path} cannot be read: ${(error as Error).message}`, 2);
    }
  }

  read(part: string): RolloutConfig {
    return readConfig(this.text(), this.path, part);
  }

  /** @throws CommandError when it cannot be written */
  write(change: ConfigChange): void {
    const before = this.text();
    const after = changedText(before, this.path, change);
    if (after === before) return;
    try {
      writeWholeFile(this.path, after);
    } catch (error) {
      throw new CommandError(`${this.path} cannot be written: ${(error as Error).message}`);
    }
  }
}
