/** Expressions of Pulumi YAML: `${…}` in texts, and `fn::…`. */
import { isObject } from "./checks.ts";
import { InputError } from "./errors.ts";
import { COMPUTED, type Properties, Secret, Unseen, type Value } from "./model.ts";
import { type PathSegment, parsePropertyPath, valueAt } from "./path.ts";
import { MAX_DEPTH, type Place, secret } from "./values.ts";

/** Characters of a text that interpolation makes, and parts of a value that references repeat. */
const MAX_TEXT = 16 * 1024 * 1024;
const MAX_NODES = 1_000_000;

/** What names stand for. URNs of the resources that a value comes from are added to `used`. */
export interface Scope {
  lookUp(name: string, used: Set<string>): Value;
  propertyOf(name: string, property: PathSegment): Value | undefined;
}

export class Evaluator {
  private readonly scope: Scope;
  private readonly sizes = new WeakMap<object, number>();
  private readonly uses = new Map<string, Set<string>>();
  private nodes = 0;

  constructor(scope: Scope) {
    this.scope = scope;
  }

  /** The set in which the URNs are noted that a thing uses. */
  usedBy(thing: string): Set<string> {
    let set = this.uses.get(thing);
    if (!set) {
      set = new Set();
      this.uses.set(thing, set);
    }
    return set;
  }

  value(expression: unknown, place: Place, used: Set<string>, depth = 0): Value {
    if (depth > MAX_DEPTH) throw new InputError(place.source, `nested deeper than ${MAX_DEPTH} levels`, place.line);
    this.grow(1, place);
    if (typeof expression === "string") return this.text(expression, place, used);
    if (Array.isArray(expression)) return expression.map((item) => this.value(item, place, used, depth + 1));
    if (!isObject(expression)) return plainScalar(expression);
    const names = Object.keys(expression);
    if (names.length === 1 && /^fn::/i.test(names[0]!)) {
      const argument = this.value(expression[names[0]!], place, used, depth + 1);
      return this.bounded(call(names[0]!.slice(4), argument, place), place);
    }
    return Object.fromEntries(names.map((name) => [name, this.value(expression[name], place, used, depth + 1)]));
  }

  private text(text: string, place: Place, used: Set<string>): Value {
    const parts = interpolations(text);
    const values = parts.map((part) =>
      "literal" in part ? part.literal : this.reference(part.reference, place, used),
    );
    if (parts.length === 1) return values[0]!;
    return parts.length ? this.bounded(join(values, ""), place) : "";
  }

  private reference(reference: string, place: Place, used: Set<string>): Value {
    let segments: PathSegment[];
    try {
      segments = parsePropertyPath(reference.trim());
    } catch {
      throw new InputError(place.source, `\${${reference.slice(0, 60)}} is no reference`, place.line);
    }
    const [name, property, ...rest] = segments;
    if (typeof name !== "string") return COMPUTED;
    const whole = this.scope.lookUp(name, used);
    const own = property === undefined ? undefined : this.scope.propertyOf(name, property);
    const value = own === undefined ? at(whole, segments.slice(1)) : at(own, rest);
    this.grow(this.size(value), place);
    return value;
  }

  private size(value: Value): number {
    if (value instanceof Secret) return this.size(value.value);
    if (typeof value === "string") return weight(value);
    if (typeof value !== "object" || value === null || value instanceof Unseen) return 1;
    const known = this.sizes.get(value);
    if (known !== undefined) return known;
    const size = Object.values(value).reduce((sum: number, item) => sum + this.size(item as Value), 1);
    this.sizes.set(value, size);
    return size;
  }

  private grow(nodes: number, place: Place): void {
    this.nodes += nodes;
    if (this.nodes > MAX_NODES)
      throw new InputError(place.source, "the program's values are too big to be written out", place.line);
  }

  private bounded(value: Value, place: Place): Value {
    const text = value instanceof Secret ? value.value : value;
    if (typeof text === "string") this.grow(weight(text), place);
    if (typeof text === "string" && text.length > MAX_TEXT) {
      throw new InputError(place.source, "a text is too long to be written out", place.line);
    }
    return value;
  }
}

/** A thousand characters weigh as much as one part of a value. */
function weight(text: string): number {
  return 1 + Math.floor(text.length / 1000);
}

function plainScalar(value: unknown): Value {
  if (value === null || value === undefined) return null;
  return typeof value === "number" || typeof value === "boolean" ? value : String(value);
}

/** What stands at a path of a value; of a secret's part, a secret. */
function at(value: Value, segments: readonly PathSegment[]): Value {
  if (!segments.length || value instanceof Unseen) return value;
  const found = valueAt(value instanceof Secret ? ({ value: value.value } as Properties) : ({ value } as Properties), [
    "value",
    ...segments,
  ]);
  if (found === undefined) return COMPUTED;
  return value instanceof Secret ? secret(found) : found;
}

type Part = { readonly literal: string } | { readonly reference: string };

/** `$${` is `${` itself. */
function interpolations(text: string): Part[] {
  const parts: Part[] = [];
  let literal = "";
  let from = 0;
  for (let open = text.indexOf("${"); open >= 0; open = text.indexOf("${", from)) {
    if (text[open - 1] === "$" && open > from) {
      literal += `${text.slice(from, open - 1)}\${`;
      from = open + 2;
      continue;
    }
    const close = text.indexOf("}", open);
    if (close < 0) break;
    literal += text.slice(from, open);
    if (literal) parts.push({ literal });
    literal = "";
    parts.push({ reference: text.slice(open + 2, close) });
    from = close + 1;
  }
  literal += text.slice(from);
  if (literal) parts.push({ literal });
  return parts;
}

/** Values as one text: unseen when a part of it is, a secret when a part of it is. */
function join(values: readonly Value[], separator: string): Value {
  return lift(values, (plain) => (plain as unknown[]).map(textOf).join(separator));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Applies a function to what can be seen of a value, and marks the result as the value is marked. */
function lift(value: Value, apply: (plain: unknown) => Value): Value {
  const found = { secret: false, unseen: undefined as Unseen | undefined };
  const plain = strip(value, found);
  if (found.unseen) return found.unseen;
  const result = apply(plain);
  return found.secret ? secret(result) : result;
}

function strip(value: Value, found: { secret: boolean; unseen: Unseen | undefined }): unknown {
  if (value instanceof Unseen) {
    found.unseen = value;
    return null;
  }
  if (value instanceof Secret) {
    found.secret = true;
    return strip(value.value, found);
  }
  if (Array.isArray(value)) return value.map((item) => strip(item, found));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, strip(item, found)]));
}

type Call = (argument: Value, wrong: (what: string) => never) => Value;

const base64 = (text: string) => Buffer.from(text, "utf8").toString("base64");

const FUNCTIONS: Readonly<Record<string, Call | undefined>> = Object.assign(Object.create(null), {
  secret: (argument) => secret(argument),
  tojson: (argument) => lift(argument, (plain) => JSON.stringify(plain)),
  tobase64: (argument) => lift(argument, (plain) => base64(textOf(plain))),
  frombase64: (argument) => lift(argument, (plain) => Buffer.from(textOf(plain), "base64").toString("utf8")),
  join: (argument, wrong) => {
    if (!Array.isArray(argument) || argument.length !== 2) return wrong("takes a separator and a list");
    const [separator, list] = argument as Value[];
    if (list instanceof Unseen || separator instanceof Unseen) return COMPUTED;
    return lift([separator!, list!], (plain) => {
      const [by, items] = plain as unknown[];
      return Array.isArray(items) ? items.map(textOf).join(String(by)) : wrong("takes a separator and a list");
    });
  },
  split: (argument, wrong) =>
    lift(argument, (plain) =>
      Array.isArray(plain) ? textOf(plain[1]).split(String(plain[0])) : wrong("takes a separator and a text"),
    ),
  select: (argument, wrong) => {
    const [index, list] = Array.isArray(argument) ? (argument as Value[]) : [];
    if (typeof index !== "number") return index instanceof Unseen ? COMPUTED : wrong("takes an index and a list");
    return list === undefined ? wrong("takes an index and a list") : at(list, [index]);
  },
  substring: (argument, wrong) =>
    lift(argument, (plain) => {
      const [text, start, length] = Array.isArray(plain) ? plain : [];
      if (typeof text !== "string" || typeof start !== "number") return wrong("takes a text, a start and a length");
      return text.slice(start, typeof length === "number" ? start + length : undefined);
    }),
  singleornone: (argument) => (Array.isArray(argument) ? ((argument as Value[])[0] ?? null) : argument),
  stringasset: (argument) => ({ text: argument }),
  fileasset: (argument) => ({ path: argument }),
  filearchive: (argument) => ({ path: argument }),
  remoteasset: (argument) => ({ uri: argument }),
  remotearchive: (argument) => ({ uri: argument }),
  assetarchive: (argument) => ({ assets: argument }),
} satisfies Record<string, Call>);

/** Functions that are not known, and those that ask a provider or a file, give what only a deployment tells. */
function call(name: string, argument: Value, place: Place): Value {
  const apply = FUNCTIONS[name.toLowerCase()];
  if (!apply) return COMPUTED;
  return apply(argument, (what) => {
    throw new InputError(place.source, `fn::${name} ${what}`, place.line);
  });
}
