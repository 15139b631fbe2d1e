/** What one entry cannot say of itself: whether entries fit together. Pure. */
import { standingOf, worstStanding } from "../../catalogue/countries.ts";
import type { AddressRange, CatalogueData, Provider, Vendor } from "./types.ts";

/** A problem of an entry, with the path inside it. */
export interface Problem {
  readonly entry: Vendor | Provider | AddressRange;
  readonly path: string;
  readonly message: string;
}

/** The way from a vendor to the end of its owners' chain; ends at the first company that is in it already. */
export function ownerChain(vendors: ReadonlyMap<string, Vendor>, id: string): Vendor[] {
  const chain = new Map<string, Vendor>();
  for (let vendor = vendors.get(id); vendor && !chain.has(vendor.id); ) {
    chain.set(vendor.id, vendor);
    vendor = vendor.parent === undefined ? undefined : vendors.get(vendor.parent);
  }
  return [...chain.values()];
}

/** Entries that say the same thing twice, within one set of files. */
export function* duplicates({ vendors, providers, addresses }: CatalogueData): Generator<Problem> {
  yield* twice(vendors, (vendor) => [["id", vendor.id]]);
  yield* twice(vendors, ({ domains }) => domains.map(({ name }, index) => [`domains[${index}]`, name]));
  yield* twice(providers, (provider) => [["package", provider.package]]);
  yield* twice(addresses, (range) => [["cidr", range.cidr]]);
  for (const provider of providers) yield* duplicateRegions(provider);
}

function* twice<T extends Problem["entry"]>(
  entries: readonly T[],
  keysOf: (entry: T) => (readonly [path: string, key: string])[],
): Generator<Problem> {
  const seen = new Set<string>();
  for (const entry of entries) {
    for (const [path, key] of keysOf(entry)) {
      if (seen.has(key)) yield { entry, path, message: `"${key}" is there already` };
      seen.add(key);
    }
  }
}

function* duplicateRegions(provider: Provider): Generator<Problem> {
  const seen = new Set<string>();
  for (const [index, region] of provider.regions.entries()) {
    for (const name of [region.name, ...(region.aliases ?? [])].map(regionKey)) {
      if (seen.has(name)) {
        yield { entry: provider, path: `regions[${index}]`, message: `a region "${name}" is there already` };
      }
      seen.add(name);
    }
  }
}

/** The one spelling under which a region is found: `West Europe` and `westeurope` are the same. */
export function regionKey(name: string): string {
  return name.toLowerCase().replace(/\s+/g, "");
}

/** What the entries of `added` refer to and is not in `all`. */
export function* brokenReferences(added: CatalogueData, all: CatalogueData): Generator<Problem> {
  const vendors = new Map(all.vendors.map((vendor) => [vendor.id, vendor]));
  for (const vendor of added.vendors) {
    if (vendor.parent !== undefined && !vendors.has(vendor.parent)) {
      yield { entry: vendor, path: "parent", message: `no vendor "${vendor.parent}"` };
    } else if (ownerChain(vendors, vendor.id).at(-1)?.parent !== undefined) {
      yield { entry: vendor, path: "parent", message: "the chain of owners does not end" };
    }
    for (const [index, id] of vendor.alternatives.entries()) {
      const message = alternativeProblem(vendors, id);
      if (message) yield { entry: vendor, path: `alternatives[${index}]`, message };
    }
  }
  for (const provider of added.providers) {
    if (provider.vendor !== undefined && !vendors.has(provider.vendor)) {
      yield { entry: provider, path: "vendor", message: `no vendor "${provider.vendor}"` };
    }
  }
  for (const range of added.addresses) {
    if (range.vendor !== undefined && !vendors.has(range.vendor)) {
      yield { entry: range, path: "vendor", message: `no vendor "${range.vendor}"` };
    }
  }
}

function alternativeProblem(vendors: ReadonlyMap<string, Vendor>, id: string): string | undefined {
  if (!vendors.has(id)) return `no vendor "${id}"`;
  const chain = ownerChain(vendors, id);
  if (worstStanding(chain.map(({ seat }) => standingOf(seat))) === "eu") return undefined;
  const seats = chain.map((vendor) => `${vendor.name} (${vendor.seat})`).join(", owned by ");
  return `not in the EU all the way up: ${seats}`;
}
