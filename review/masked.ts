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

/** The same without what looks like a secret in any of its texts. What holds nothing of the kind is not copied. */
export function masked<T>(review: T): T {
  const known = new Map<string, string>();
  const text = (value: string, field: string): string => {
    // Both fields may hold the same text, and come to something else.
    const mask = OWN[field];
    const key = mask ? `${field}\0${value}` : value;
    let result = known.get(key);
    if (result === undefined) {
      result = mask ? mask(value) : maskSecrets(value);
      known.set(key, result);
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
