import { type Properties, Secret, Unseen, type Value } from "../../graph/model.ts";
import { extendPath } from "../../graph/path.ts";

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

/** A step of a path: a name, or the entries of a list in which a name has a value. */
type Step = { readonly name: string } | { readonly where: string; readonly is: string };

const STEP = /\[\*\]|\[(?<where>\w+)="(?<is>[^"]*)"\]|\["(?<quoted>[^"]*)"\]|\.?(?<name>[^.[\]]+)/y;

const compiled = new Map<string, readonly Step[]>();

/** `a.b["c.d"].e[*].f[key="x"].g`, read once. `[*]` may stand where a list is expected, and changes nothing. */
function steps(path: string): readonly Step[] {
  let known = compiled.get(path);
  if (!known) {
    const found: Step[] = [];
    STEP.lastIndex = 0;
    for (let match = STEP.exec(path); match; match = STEP.exec(path)) {
      const { where, is, quoted, name } = match.groups!;
      if (where !== undefined) found.push({ where, is: is! });
      else if (quoted !== undefined || name !== undefined) found.push({ name: (quoted ?? name)! });
    }
    known = found;
    compiled.set(path, known);
  }
  return known;
}

/**
 * The values at a path as the catalogue writes them; lists on the way stand for each of their entries. An unseen value on the way is the
 * answer for whatever is below it. Nothing there: no value.
 */
export function valuesAt(properties: Properties, path: string): At[] {
  return steps(path).reduce<At[]>(
    (found, step) => found.flatMap((at) => entriesOf(at).flatMap((entry) => taken(entry, step))),
    [{ path: "", value: properties }],
  );
}

function taken(at: At, step: Step): At[] {
  const { path, value } = at;
  if (value instanceof Unseen) return [at];
  if (!isObject(value)) return [];
  if ("where" in step) return open(value[step.where]) === step.is ? [at] : [];
  if (!Object.hasOwn(value, step.name)) return [];
  const next = open(value[step.name]);
  return next === undefined || next === null ? [] : [{ path: extendPath(path, step.name), value: next }];
}

/** The entries of a list with their paths; anything else as it is. */
export function entriesOf({ path, value }: At): At[] {
  if (!Array.isArray(value)) return [{ path, value }];
  return (value as readonly Value[]).map((entry, index) => ({ path: `${path}[${index}]`, value: open(entry) ?? null }));
}
