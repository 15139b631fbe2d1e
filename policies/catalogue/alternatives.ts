import type { Catalogue, Vendor } from "./types.ts";

/**
 * Vendors in the EU that do the same, best first: those that the entry names; then, where one purpose is asked for, others that serve it, before
 * all those that do so first of all. Where there is none at all, everyone that the entry names.
 *
 * @param purpose what is used of the vendor: of the domain that was met. @default all that people use the vendor for
 */
export function alternativesTo(vendor: Vendor, catalogue: Catalogue, purpose?: string): readonly Vendor[] {
  const ofCatalogue = known.get(catalogue) ?? new Map<string, readonly Vendor[]>();
  known.set(catalogue, ofCatalogue);
  const key = `${vendor.id}\0${purpose ?? ""}`;
  const before = ofCatalogue.get(key);
  if (before) return before;
  const found = find(vendor, catalogue, purpose);
  ofCatalogue.set(key, found);
  return found;
}

/** By vendor and purpose, of which a catalogue has so many. */
const known = new WeakMap<Catalogue, Map<string, readonly Vendor[]>>();

function find(vendor: Vendor, catalogue: Catalogue, purpose: string | undefined): readonly Vendor[] {
  const purposes = purpose === undefined ? vendor.purposes : [purpose];
  const named = vendor.alternatives.flatMap((id) => catalogue.vendors.get(id) ?? []);
  // Google's alternatives do maps, mail and search; of its fonts, only those for fonts are of use.
  const fitting = named.filter((other) => serves(other, purposes));
  if (purpose === undefined && fitting.length > 0) return fitting;
  const others = [...catalogue.vendors.values()]
    .filter((other) => serves(other, purposes) && catalogue.ownerStanding(other.id).standing === "eu")
    .sort((a, b) => rank(a, purposes) - rank(b, purposes));
  const found = [...new Set([...fitting, ...others])].filter(({ id }) => id !== vendor.id);
  return found.length > 0 ? found : named;
}

function serves(vendor: Vendor, purposes: readonly string[]): boolean {
  return rank(vendor, purposes) >= 0;
}

/** How far down in what a vendor is used for the first of the purposes stands; -1: it serves none. */
function rank({ purposes: own }: Vendor, purposes: readonly string[]): number {
  return own.findIndex((purpose) => purposes.includes(purpose));
}
