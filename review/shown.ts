/** Values as reports show them: short, in one line, and never a secret. */
import { isSecretName, maskSecrets } from "../graph/mask.ts";
import { SECRET_TEXT, Secret, Unseen, type Value } from "../graph/model.ts";
import { parsePropertyPath } from "../graph/path.ts";
import { parseUrn } from "../graph/urn.ts";

/** Characters of a value that are shown. */
const MOST = 200;

/** Characters of a name or URN; engines take longer ones, people do not write them. */
const MOST_OF_A_NAME = 1000;

/** Entries of a list or object that are shown. */
const MOST_ENTRIES = 8;

const BLIND = {
  secret: SECRET_TEXT,
  computed: "(known after the deployment)",
  elided: "(not in the source)",
} as const;

/**
 * @param path where it stands: what is named like a secret is one, whoever forgot to say so
 * @returns at most 200 characters
 */
export function shown(value: Value, path = ""): string {
  return clipped(maskSecrets(written(value, isSecretPath(path), 0)));
}

/** Characters of two long texts that are compared, and how many of them stand before the first difference. */
const MOST_COMPARED = 40_000;
const LEAD = 60;

/**
 * What stood somewhere, and what will: of long texts the part where they begin to differ, as their beginnings are often the same.
 * @returns each at most 200 characters
 */
export function shownBoth(
  before: Value,
  after: Value,
  path: string,
): { readonly before: string; readonly after: string } {
  const plain = { before: shown(before, path), after: shown(after, path) };
  if (plain.before !== plain.after) return plain;
  const hidden = { before: plain.before, after: `${clipped(plain.after, MOST - DIFFERS.length)}${DIFFERS}` };
  if (typeof before !== "string" || typeof after !== "string" || isSecretPath(path)) return hidden;
  // Masked as a whole: what a cut leaves of a secret is not known for one.
  const [old, next] = [before, after].map((text) => maskSecrets(text.slice(0, MOST_COMPARED))) as [string, string];
  const at = firstDifference(old, next);
  if (at === undefined || at > MOST_COMPARED - 10 * MOST) return hidden;
  const from = Math.max(0, at - LEAD);
  const part = (text: string) => clipped(`${from > 0 ? "… " : ""}${text.slice(from)}`);
  return { before: part(old), after: part(next) };
}

const DIFFERS = " (differs where it is not shown)";

function firstDifference(one: string, other: string): number | undefined {
  const most = Math.max(one.length, other.length);
  for (let at = 0; at < most; at++) if (one[at] !== other[at]) return at;
  return undefined;
}

/** Text of programs, for people: masked, on one line, not endless. */
export function sentence(text: string, most = 2000): string {
  return clipped(maskSecrets(text).replace(/\s+/g, " ").trim(), most);
}

/** A name or URN as reports show it: somebody may have put a key into one. The type in a URN is no secret, whatever it is called. */
export function nameShown(text: string): string {
  const own = parseUrn(text)?.name ?? text;
  return clipped(`${text.slice(0, text.length - own.length)}${maskSecrets(own)}`, MOST_OF_A_NAME);
}

/** A type token: `randomPassword:RandomPassword` only looks like a password. */
export function typeShown(type: string): string {
  return clipped(/^[\w:/.@-]*$/.test(type) ? type : maskSecrets(type), MOST_OF_A_NAME);
}

function isSecretPath(path: string): boolean {
  try {
    return parsePropertyPath(path).some((segment) => typeof segment === "string" && isSecretName(segment));
  } catch {
    return isSecretName(path);
  }
}

function written(value: Value, secret: boolean, depth: number): string {
  if (value instanceof Unseen) return BLIND[value.why];
  if (secret || value instanceof Secret) return SECRET_TEXT;
  // Long enough for what a secret's form takes to be told.
  if (typeof value === "string") return value.slice(0, 20 * MOST);
  if (typeof value !== "object" || value === null) return String(value);
  if (depth >= 3) return "…";
  if (Array.isArray(value)) {
    const items = value as readonly Value[];
    return `[${some(items.map((item) => () => written(item, false, depth + 1)))}]`;
  }
  const entries = Object.entries(value);
  return `{${some(
    entries.map(
      ([name, item]) =>
        () =>
          `${name}: ${written(item, isSecretName(name), depth + 1)}`,
    ),
  )}}`;
}

function some(parts: readonly (() => string)[]): string {
  const rest = parts.length - MOST_ENTRIES;
  return [...parts.slice(0, MOST_ENTRIES).map((part) => part()), ...(rest > 0 ? [`… ${rest} more`] : [])].join(", ");
}

function clipped(text: string, most = MOST): string {
  const line = text.replace(/[\r\n\t]+/g, " ");
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
