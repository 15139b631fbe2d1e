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

/** A value with each encrypted part replaced; their paths are collected. */
function hide(value: unknown, path: readonly PropertyKey[], found: PropertyKey[][]): unknown {
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

/** Every problem of the text of a `Pulumi.<stack>.yaml`. Never throws. */
export function checkStackFile(text: string): CheckedFile {
  if (Buffer.byteLength(text) > LIMIT_BYTES) return unreadable(`is larger than ${LIMIT_BYTES} bytes`, 1, 1);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    return unreadable(withoutSource(error.message), line, col);
  }
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: 100 });
  } catch (failure) {
    return unreadable(withoutSource(failure instanceof Error ? failure.message : String(failure)), 1, 1);
  }
  const config = isRecord(content) ? content.config : undefined;
  if (!isRecord(config)) return unreadable('has no "config:" with keys such as sovereign:topology below it', 1, 1);
  const encrypted: PropertyKey[][] = [];
  const input = hide(ownKeys(config), [], encrypted);
  const parsed = parseStackConfig(input);
  const hidden = encrypted.map(renderPath);
  // What is encrypted may well be right: only the engine can tell. A key that cannot be shown is wrong all the same.
  const opaque = encrypted.filter((path) => !isClipped(path)).map(renderPath);
  const problems = (parsed.ok ? [] : parsed.problems).filter((line) => !opaque.some((path) => isAbout(line, path)));
  const exact = new Set(encrypted.map((path) => JSON.stringify(path)));
  const inClear = secretsIn(input).filter((path) => !exact.has(JSON.stringify(path)));
  return { kind: "checked", problems: [...problems, ...inClear.map(explainSecretInClear)], encrypted: hidden };
}

/** The parser's complaint without the piece of the file that it ends with: that may be a secret. */
const withoutSource = (message: string): string => message.replace(/[:"\n].*$/s, "").trim();

const isAbout = (problem: string, path: string): boolean => problem.startsWith(`${path}:`);

function unreadable(message: string, line: number, column: number): CheckedFile {
  return { kind: "unreadable", message, line, column };
}
