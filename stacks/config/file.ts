/** Reads a stack's configuration file without the engine: what can be known before anything is decrypted. */
import { LineCounter, parseDocument } from "yaml";
import { explainSecretInClear, isClipped, renderPath, secretsIn } from "./explain.ts";
import { parseStackConfig } from "./parse.ts";

export type CheckedFile =
  /** The text is no YAML file of a stack; `line` and `column` count from 1. */
  | { readonly kind: "unreadable"; readonly message: string; readonly line: number; readonly column: number }
  | { readonly kind: "checked"; readonly problems: readonly string[]; readonly encrypted: readonly string[] };

const NAMESPACE = "sovereign:";

/** Larger files are none of a stack; the check is bounded. */
const LIMIT_BYTES = 1024 * 1024;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isEncrypted = (value: unknown): boolean =>
  isRecord(value) && Object.keys(value).length === 1 && typeof value.secure === "string";

/** Stands in for a text that only the engine can decrypt. */
const HIDDEN = "[encrypted]";

/** No configuration is as deep; files that are would exhaust the stack of whatever walks them. */
const LIMIT_DEPTH = 50;
const TOO_DEEP = `is nested more than ${LIMIT_DEPTH} levels deep`;

/**
 * A value with each encrypted part replaced; their paths are collected.
 * @throws RangeError for one that is too deep, or contains itself
 */
function hide(value: unknown, path: readonly PropertyKey[], found: PropertyKey[][]): unknown {
  if (path.length > LIMIT_DEPTH) throw new RangeError(TOO_DEEP);
  if (isEncrypted(value)) {
    found.push([...path]);
    return HIDDEN;
  }
  if (Array.isArray(value)) return value.map((item, i) => hide(item, [...path, i], found));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hide(item, [...path, key], found)]));
}

/** The project's own keys: with its namespace, or with none, which the engine takes for the same. */
function ownKeys(config: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(NAMESPACE) || !key.includes(":"))
      .map(([key, value]) => [key.startsWith(NAMESPACE) ? key.slice(NAMESPACE.length) : key, value]),
  );
}

interface ReadFile {
  readonly kind: "read";
  /** The project's own keys, each encrypted part replaced. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly encrypted: readonly PropertyKey[][];
}

function readStackFile(text: string): ReadFile | Extract<CheckedFile, { kind: "unreadable" }> {
  if (Buffer.byteLength(text) > LIMIT_BYTES) return unreadable(`is larger than ${LIMIT_BYTES} bytes`, 1, 1);
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const [error] = document.errors;
    if (error) {
      const { line, col } = lines.linePos(error.pos[0]);
      // The parser catches its own overflow.
      const tooDeep = error.message.startsWith("Maximum call stack");
      return unreadable(tooDeep ? TOO_DEEP : withoutSource(error.message), line, col);
    }
    const content: unknown = document.toJS({ maxAliasCount: 100 });
    const config = isRecord(content) ? content.config : undefined;
    if (!isRecord(config)) return unreadable('has no "config:" with keys such as sovereign:topology below it', 1, 1);
    const encrypted: PropertyKey[][] = [];
    return { kind: "read", input: hide(ownKeys(config), [], encrypted) as Record<string, unknown>, encrypted };
  } catch (failure) {
    const message = failure instanceof Error ? withoutSource(failure.message) : "cannot be read";
    return unreadable(failure instanceof RangeError ? TOO_DEEP : message, 1, 1);
  }
}

const explainInClear = ({ input, encrypted }: ReadFile): string[] => {
  const exact = new Set(encrypted.map((path) => JSON.stringify(path)));
  return secretsIn(input)
    .filter((path) => !exact.has(JSON.stringify(path)))
    .map(explainSecretInClear);
};

/** A line for each secret that the text of a `Pulumi.<stack>.yaml` holds in clear; none for a text that is no such file. */
export function secretsInClear(text: string): readonly string[] {
  const file = readStackFile(text);
  return file.kind === "read" ? explainInClear(file) : [];
}

/** Every problem of the text of a `Pulumi.<stack>.yaml`. Never throws. */
export function checkStackFile(text: string): CheckedFile {
  const file = readStackFile(text);
  if (file.kind === "unreadable") return file;
  const parsed = parseStackConfig(file.input);
  // What is encrypted may well be right: only the engine can tell. A key that cannot be shown is wrong all the same.
  const opaque = file.encrypted.filter((path) => !isClipped(path)).map(renderPath);
  const problems = (parsed.ok ? [] : parsed.problems).filter((line) => !opaque.some((path) => isAbout(line, path)));
  return {
    kind: "checked",
    problems: [...problems, ...explainInClear(file)],
    encrypted: file.encrypted.map(renderPath),
  };
}

/** The parser's complaint without the piece of the file that it ends with: that may be a secret. */
const withoutSource = (message: string): string => message.replace(/[:"\n].*$/s, "").trim();

const isAbout = (problem: string, path: string): boolean => problem.startsWith(`${path}:`);

function unreadable(message: string, line: number, column: number): Extract<CheckedFile, { kind: "unreadable" }> {
  return { kind: "unreadable", message, line, column };
}
