/** Values at places that a pattern names. Pure. */
import { type Properties, Secret, Unseen, type Value } from "../../graph/model.ts";
import { extendPath } from "../../graph/path.ts";

export interface Selected {
  /** Where it is, as {@link extendPath} writes it. */
  readonly path: string;
  readonly value: Value;
}

type Step =
  | { readonly name: string }
  | { readonly every: true }
  /** Items of a list that have this value under this name. */
  | { readonly where: string; readonly is: string };

const token = /\.?([A-Za-z_$][\w$-]*)|\["([^"\]]+)"\]|\[(\*)\]|\[([A-Za-z]\w*)="([^"\]]+)"\]/y;

/** @throws Error if it is no pattern */
export function parsePattern(pattern: string): Step[] {
  const steps: Step[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < pattern.length) {
    const match = token.exec(pattern);
    if (!match) throw new Error(`no property path: ${pattern}`);
    const [, name, quoted, every, where, is] = match;
    if (every) steps.push({ every: true });
    else if (where !== undefined) steps.push({ where, is: is! });
    else steps.push({ name: name ?? quoted! });
  }
  return steps;
}

const parsed = new Map<string, readonly Step[]>();

function stepsOf(pattern: string): readonly Step[] {
  let steps = parsed.get(pattern);
  if (!steps) {
    steps = parsePattern(pattern);
    parsed.set(pattern, steps);
  }
  return steps;
}

/**
 * The values at `a.b`, `a["b.c"]`, `list[*].name` (every item) or `list[key="zone"].values` (items whose `key` is `zone`). A list
 * on the way stands for its items; one at the end is a value. Looks into secrets that can be seen; an unseen value on the way is the
 * answer for what is below it. Nothing there: no value.
 *
 * @param pattern from the catalogue or a rule, not from outside: each is kept parsed
 */
export function select(properties: Properties, pattern: string): Selected[] {
  const steps = stepsOf(pattern);
  // By far the most resources have none of what is asked for.
  const [first] = steps;
  if (first && "name" in first && isObject(properties) && !Object.hasOwn(properties, first.name)) return [];
  const start: Selected[] = [{ path: "", value: properties }];
  return steps
    .reduce((found, step) => found.flatMap((at) => follow(at, step)), start)
    .filter(({ value }) => value !== null);
}

/** The same with a list at the end standing for its items too. */
export function valuesAtPattern(properties: Properties, pattern: string): Selected[] {
  return select(properties, pattern)
    .flatMap(itemsOf)
    .filter(({ value }) => value !== null);
}

function follow({ path, value }: Selected, step: Step): Selected[] {
  if (value instanceof Unseen) return [{ path, value }];
  if (Array.isArray(value)) {
    const items = itemsOf({ path, value });
    if ("every" in step) return items;
    if ("where" in step) return items.filter((item) => fits(item.value, step));
    return items.flatMap((item) => follow(item, step));
  }
  if (!isObject(value)) return [];
  // Providers hand a block that may occur once as an object, and as a list of one in older versions.
  if ("every" in step) return [{ path, value }];
  if ("where" in step) return fits(value, step) ? [{ path, value }] : [];
  if (!Object.hasOwn(value, step.name)) return [];
  return [{ path: extendPath(path, step.name), value: open(value[step.name]) }];
}

/** Whether an item is meant; one whose key cannot be seen may be. */
function fits(item: Value, { where, is }: { readonly where: string; readonly is: string }): boolean {
  if (item instanceof Unseen) return true;
  if (!isObject(item)) return false;
  const key = open(item[where]);
  return key === is || key instanceof Unseen;
}

function itemsOf({ path, value }: Selected): Selected[] {
  if (!Array.isArray(value)) return [{ path, value }];
  return (value as readonly Value[]).map((item, index) => ({ path: extendPath(path, index), value: open(item) }));
}

function open(value: Value | undefined): Value {
  if (value === undefined) return null;
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
