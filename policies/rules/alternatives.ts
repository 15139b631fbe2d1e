import { alternativesTo } from "../catalogue/alternatives.ts";
import type { Catalogue, Vendor } from "../catalogue/types.ts";

/** How many alternatives a finding names. */
const SHOWN = 4;

/** As a finding names them: `Scaleway (FR)`. */
export function alternativesInWords(vendor: Vendor, catalogue: Catalogue, purpose?: string): string[] {
  return alternativesTo(vendor, catalogue, purpose)
    .slice(0, SHOWN)
    .map(({ name, seat }) => `${name} (${seat})`);
}
