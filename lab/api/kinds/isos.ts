import type { Kind } from "../core/kind.ts";
import type { BaseRecord } from "../core/store.ts";

/** The lab has no ISOs: the list is empty. */
export const isos: Kind<BaseRecord> = {
  path: "isos",
  singular: "iso",
  all: () => [],
  render: (_, iso) => iso,
};
