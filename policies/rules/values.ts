/** How rules look at properties; paths are read as those of the catalogue. */
import { Secret, type Value } from "../../graph/model.ts";
import type { Selected as At } from "../catalogue/select.ts";

export { isObject, type Selected as At, select as valuesAt } from "../catalogue/select.ts";

/** Looks into a secret that can be seen. */
export function open(value: Value | undefined): Value | undefined {
  return value instanceof Secret ? open(value.value) : value;
}

/** The entries of a list with their paths; anything else as it is. */
export function entriesOf({ path, value }: At): At[] {
  if (!Array.isArray(value)) return [{ path, value }];
  return (value as readonly Value[]).map((entry, index) => ({ path: `${path}[${index}]`, value: open(entry) ?? null }));
}
