/** YAML and JSON documents from outside: whole or an error with its line. */
import { type Document, isMap, isScalar, LineCounter, parseAllDocuments, type YAMLMap } from "yaml";
import { InputError } from "./errors.ts";

/** Characters of a YAML text. Programs and manifests are a hundredth of it; the parser takes 50 times as much memory. */
export const MAX_YAML_LENGTH = 16 * 1024 * 1024;

/** How often aliases may repeat what their anchors name, nested ones multiplied: what "billion laughs" is caught by. */
const MAX_ALIASES = 100;

export interface YamlDocument {
  /** As JSON would give it. Undefined for an empty document. */
  readonly value: unknown;
  /** Counted from 1 over the whole text. */
  readonly line: number;
  /** Line of what stands at a path. */
  lineOf(path: readonly (string | number)[]): number;
}

/**
 * Every document of a text.
 * @throws {InputError} for what is no YAML, with the line: also where only one document of many is broken.
 */
export function parseYaml(text: string, source: string): YamlDocument[] {
  if (text.length > MAX_YAML_LENGTH) {
    throw new InputError(source, `longer than ${MAX_YAML_LENGTH / 1024 / 1024} MB: no program or manifest is`);
  }
  const lineCounter = new LineCounter();
  const documents = guarded(source, 1, () =>
    parseAllDocuments(text, { lineCounter, merge: true, prettyErrors: false, logLevel: "silent" }),
  );
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => {
    const lineAt = (offset: number) => lineCounter.linePos(offset).line || 1;
    const line = lineAt(document.contents?.range?.[0] ?? document.range[0]);
    const error = document.errors[0];
    if (error) throw new InputError(source, `no valid YAML: ${error.message.split("\n")[0]}`, lineAt(error.pos[0]));
    return {
      value: guarded(source, line, () => document.toJS({ maxAliasCount: MAX_ALIASES }) ?? undefined),
      line,
      lineOf: (path) => lineAt(startOf(document, path) ?? document.range[0]),
    };
  });
}

/** Where a name stands, or an item of a list. */
function startOf(document: Document.Parsed, path: readonly (string | number)[]): number | undefined {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  if (isMap(parent)) return keysOf(parent).get(path.at(-1));
  return (document.getIn(path, true) as { range?: readonly number[] } | undefined)?.range?.[0];
}

const known = new WeakMap<object, ReadonlyMap<unknown, number>>();

/** Where the names of a map stand; kept, as a program may have any number of resources. */
function keysOf(map: YAMLMap): ReadonlyMap<unknown, number> {
  let keys = known.get(map);
  if (!keys) {
    const scalars = map.items.map(({ key }) => key).filter((key) => isScalar(key));
    keys = new Map(scalars.map((key) => [key.value, key.range?.[0] ?? 0]));
    known.set(map, keys);
  }
  return keys;
}

function guarded<T>(source: string, line: number, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof RangeError) throw new InputError(source, "nested too deep to be read", line);
    throw new InputError(source, `no valid YAML: ${(error as Error).message.split("\n")[0]}`, line);
  }
}
