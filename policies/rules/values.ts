import { type Properties, Secret, Unseen, type Value } from "../../graph/model.ts";

/** A value under a path: where it is and what is there. */
export interface At {
  readonly path: string;
  readonly value: Value;
}

/** Looks into a secret that can be seen. */
export function open(value: Value | undefined): Value | undefined {
  return value instanceof Secret ? open(value.value) : value;
}

export function isObject(value: Value | undefined): value is Properties {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Unseen) &&
    !(value instanceof Secret)
  );
}

/**
 * The values at a path with dots; lists on the way stand for each of their entries. An unseen value on the way is the answer for
 * whatever is below it. Nothing there: no value.
 */
export function valuesAt(properties: Properties, path: string): At[] {
  return path
    .replaceAll("[*]", "")
    .split(".")
    .reduce<At[]>(
      (found, name) =>
        found.flatMap((at) =>
          entriesOf(at).flatMap(({ path, value }): At[] => {
            if (value instanceof Unseen) return [{ path, value }];
            if (!isObject(value) || !Object.hasOwn(value, name)) return [];
            const next = open(value[name]);
            return next === undefined || next === null
              ? []
              : [{ path: path === "" ? name : `${path}.${name}`, value: next }];
          }),
        ),
      [{ path: "", value: properties }],
    );
}

/** The entries of a list with their paths; anything else as it is. */
export function entriesOf({ path, value }: At): At[] {
  if (!Array.isArray(value)) return [{ path, value }];
  return (value as readonly Value[]).map((entry, index) => ({ path: `${path}[${index}]`, value: open(entry) ?? null }));
}
