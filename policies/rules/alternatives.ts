import type { Catalogue, Vendor } from "../catalogue/types.ts";

/** How many alternatives a finding names. */
const SHOWN = 4;

/** Vendors in the EU that do the same: those that the entry names, else others with the same purpose. */
export function alternativesTo(vendor: Vendor, catalogue: Catalogue): string[] {
  const named = vendor.alternatives.flatMap((id) => catalogue.vendors.get(id) ?? []);
  const found = named.length > 0 ? named : samePurpose(vendor, catalogue);
  return found.slice(0, SHOWN).map(({ name, seat }) => `${name} (${seat})`);
}

function samePurpose(vendor: Vendor, catalogue: Catalogue): Vendor[] {
  return [...catalogue.vendors.values()].filter(
    (other) =>
      other.purposes.some((purpose) => vendor.purposes.includes(purpose)) &&
      catalogue.owners(other.id).every(({ seat }) => catalogue.standing(seat) === "eu"),
  );
}
