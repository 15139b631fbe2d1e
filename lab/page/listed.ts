import type { Lab } from "../api/core/lab.ts";
import type { BaseRecord, Collection } from "../api/core/store.ts";
import type { Listed } from "./model.ts";

/** Rows of a kind that are shown at most: a page is for people. */
export const MAX_ROWS = 2000;

const collator = new Intl.Collator("en", { numeric: true });

/** Order of names as people count: shop-2 before shop-10. */
export const byName = (a: string, b: string): number => collator.compare(a, b);

/** The records of a kind by name. */
export function listed<T extends BaseRecord & { name: string }, V>(
  lab: Lab,
  of: Collection<T>,
  view: (record: T) => V,
): Listed<V> {
  const records = lab.store.all(of).sort((a, b) => byName(a.name, b.name) || a.id - b.id);
  return { total: records.length, rows: records.slice(0, MAX_ROWS).map(view) };
}

/** Items by a key, in the order of their first. */
export function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
