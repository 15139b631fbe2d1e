/** The last look at a finished review, whoever wrote the text. */
import { maskSecrets } from "../graph/mask.ts";
import { nameShown, typeShown } from "./shown.ts";

/** Fields that hold URNs, of which only the name may be a secret, and type tokens, of which `RandomPassword` is one. */
const OWN: Readonly<Record<string, (text: string) => string>> = {
  urn: nameShown,
  from: nameShown,
  to: nameShown,
  parent: nameShown,
  previously: nameShown,
  resources: nameShown,
  type: typeShown,
};

/** One word too short for any form of a key, of which a review has hundreds of thousands. */
const HARMLESS = /^[\w.-]{0,13}$/;

/** The same without what looks like a secret in any of its texts. What holds nothing of the kind is not copied. */
export function masked<T>(review: T): T {
  // By field, as the same text may come to something else in another.
  const known = new Map<string, Map<string, string>>();
  const text = (value: string, field: string): string => {
    if (HARMLESS.test(value)) return value;
    const mask = OWN[field];
    const texts = known.get(mask ? field : "") ?? new Map<string, string>();
    known.set(mask ? field : "", texts);
    let result = texts.get(value);
    if (result === undefined) {
      result = mask ? mask(value) : maskSecrets(value);
      texts.set(value, result);
    }
    return result;
  };
  const walk = (value: unknown, field: string): unknown => {
    if (typeof value === "string") return text(value, field);
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) {
      const items = value.map((item) => walk(item, field));
      return items.some((item, index) => item !== value[index]) ? items : value;
    }
    let copy: Record<string, unknown> | undefined;
    for (const [name, own] of Object.entries(value)) {
      const next = walk(own, name);
      if (next === own) continue;
      copy ??= { ...value };
      copy[name] = next;
    }
    return copy ?? value;
  };
  return walk(review, "") as T;
}
