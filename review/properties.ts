/** What differs in a resource, as reports show it. */
import {
  HIDDEN,
  type Properties,
  type PropertyChange,
  type Resource,
  Secret,
  Unseen,
  type Value,
} from "../graph/model.ts";
import { type PathSegment, parsePropertyPath } from "../graph/path.ts";
import type { PropertyShown } from "./model.ts";
import { nameShown, shown, shownBoth } from "./shown.ts";

export function propertiesOf({ change, inputs, outputs }: Resource): PropertyShown[] {
  if (!change) return [];
  const paths = new Map(change.diff.map((entry) => [entry.path, entry]));
  for (const path of change.replaceKeys)
    if (![...paths.keys()].some((known) => topOf(known) === topOf(path)))
      paths.set(path, { path, kind: "update", forcesReplacement: true, inputDiff: true });
  const forcing = new Set(change.replaceKeys);
  return [...paths.values()]
    .map((entry): PropertyShown => {
      const before = first(entry, change.before, change.outputsBefore);
      const after = first(entry, inputs, outputs);
      return {
        path: nameShown(entry.path),
        ...valuesOf(entry, before, after),
        forcesReplacement: entry.forcesReplacement || forcing.has(entry.path) || forcing.has(topOf(entry.path)),
      };
    })
    .sort((a, b) => Number(b.forcesReplacement) - Number(a.forcesReplacement));
}

function valuesOf({ kind, path }: PropertyChange, before: Value | undefined, after: Value | undefined) {
  const old = kind === "add" ? undefined : before;
  const next = kind === "delete" ? undefined : after;
  if (old !== undefined && next !== undefined) return shownBoth(old, next, path);
  return {
    ...(old !== undefined && { before: shown(old, path) }),
    ...(next !== undefined && { after: shown(next, path) }),
  };
}

/** `labels` of `labels.tier`. */
export function topOf(path: string): string {
  return /^[^.[]*/.exec(path)![0];
}

function first({ path }: PropertyChange, ...from: readonly (Properties | undefined)[]): Value | undefined {
  const segments = segmentsOf(path);
  return from.map((properties) => properties && visibleAt(properties, segments)).find((value) => value !== undefined);
}

/** What stands at a path; what is inside a secret is one. */
function visibleAt(properties: Properties, segments: readonly PathSegment[]): Value | undefined {
  let value: Value = properties;
  for (const segment of segments) {
    if (value instanceof Secret) return HIDDEN;
    if (value instanceof Unseen) return value;
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) return undefined;
    if (Array.isArray(value) && typeof segment !== "number") return undefined;
    value = (value as Properties)[segment]!;
  }
  return value;
}

/** Providers' bridges may write paths that are none: then they are one name. */
function segmentsOf(path: string): readonly PathSegment[] {
  try {
    return parsePropertyPath(path);
  } catch {
    return [path];
  }
}

/** Top-level properties that differ. */
export function changedNames({ change }: Resource): string[] {
  return [...new Set((change?.diff ?? []).map(({ path }) => String(segmentsOf(path)[0] ?? "")))];
}
