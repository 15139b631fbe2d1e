import { type Properties, Secret, Unseen, type Value } from "./model.ts";

/** A property's name, or an index into a list. */
export type PathSegment = string | number;

const PLAIN = /^[A-Za-z0-9_]+$/;

function quoted(name: string): string {
  return `["${name.replaceAll('"', '\\"')}"]`;
}

/**
 * A path one step further, for walks: `extendPath("rules", 0)` is `rules[0]`. The path of the root is the empty text.
 */
export function extendPath(path: string, segment: PathSegment): string {
  if (typeof segment === "number") return `${path}[${segment}]`;
  if (!PLAIN.test(segment)) return path + quoted(segment);
  return path === "" ? segment : `${path}.${segment}`;
}

/**
 * A property path in the engine's notation, as detailed diffs have it: `rules[0].port`, `labels["app.kubernetes.io/name"]`. Names of
 * anything but ASCII letters, digits and `_` are quoted, and only `"` is escaped in them.
 */
export function propertyPath(segments: readonly PathSegment[]): string {
  return segments.reduce(extendPath, "");
}

/**
 * The segments of a path in the engine's notation. Lenient as the engine is: any characters up to the next `.` or `[` are a name, and
 * `.[` counts as `[`. `[*]` is the name `*`.
 * @throws {SyntaxError} for what the engine refuses too.
 */
export function parsePropertyPath(path: string): PathSegment[] {
  const segments: PathSegment[] = [];
  if (path.startsWith(".")) throw wrong(path, "starts with a dot");
  let at = 0;
  while (at < path.length) {
    if (path[at] === ".") {
      at++;
      if (at === path.length) throw wrong(path, "ends with a dot");
    } else if (path.startsWith('["', at)) {
      const { name, end } = quotedName(path, at + 2);
      segments.push(name);
      at = end;
    } else if (path[at] === "[") {
      const close = path.indexOf("]", at);
      if (close < 0) throw wrong(path, "has no closing bracket");
      segments.push(index(path, path.slice(at + 1, close)));
      at = close + 1;
    } else {
      const end = nameEnd(path, at);
      segments.push(path.slice(at, end));
      at = end;
    }
  }
  return segments;
}

function wrong(path: string, problem: string): SyntaxError {
  return new SyntaxError(`the property path ${JSON.stringify(path.slice(0, 100))} ${problem}`);
}

function nameEnd(path: string, start: number): number {
  let end = start;
  while (end < path.length && path[end] !== "." && path[end] !== "[") end++;
  return end;
}

function index(path: string, text: string): PathSegment {
  if (text === "*") return "*";
  if (!/^\d{1,9}$/.test(text)) throw wrong(path, "has an index that is no number");
  return Number(text);
}

function quotedName(path: string, start: number): { name: string; end: number } {
  let name = "";
  let from = start;
  for (let at = start; at < path.length; at++) {
    if (path[at] === "\\" && path[at + 1] === '"') {
      name += path.slice(from, at);
      from = ++at;
    } else if (path[at] === '"') {
      if (path[at + 1] !== "]") throw wrong(path, "has no closing bracket");
      return { name: name + path.slice(from, at), end: at + 2 };
    }
  }
  throw wrong(path, "has no closing quote");
}

/**
 * What stands at a path: looks through secrets that are shown, and gives the {@link Unseen} that it meets on the way. Undefined where
 * there is nothing, or where the path is no path.
 */
export function valueAt(properties: Properties, path: string | readonly PathSegment[]): Value | undefined {
  let value: Value | undefined = properties;
  for (const segment of typeof path === "string" ? segmentsOrNone(path) : path) {
    if (value instanceof Secret) value = value.value;
    if (value instanceof Unseen) return value;
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) return undefined;
    if (Array.isArray(value) && typeof segment !== "number") return undefined;
    value = (value as Properties)[segment];
  }
  return value;
}

function segmentsOrNone(path: string): readonly PathSegment[] {
  try {
    return parsePropertyPath(path);
  } catch {
    return [path];
  }
}
