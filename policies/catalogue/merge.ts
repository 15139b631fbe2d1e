/** Puts files of one's own over the catalogue's data. Pure. */

import { regionKey } from "./check.ts";
import type { ProviderAddition } from "./schema.ts";
import type { CatalogueData, Provider, Region, Vendor } from "./types.ts";

/** Vendors and address ranges take the place of those of the same id or network; a domain belongs to who names it last. */
export function mergeData(base: CatalogueData, added: CatalogueData): CatalogueData {
  const claimed = new Set(added.vendors.flatMap(({ domains }) => domains.map(({ name }) => name)));
  const release = (vendor: Vendor): Vendor =>
    vendor.domains.some(({ name }) => claimed.has(name))
      ? { ...vendor, domains: vendor.domains.filter(({ name }) => !claimed.has(name)) }
      : vendor;
  return {
    vendors: replace(base.vendors.map(release), added.vendors, ({ id }) => id),
    providers: replace(base.providers, added.providers, (provider) => provider.package),
    addresses: replace(base.addresses, added.addresses, ({ cidr }) => cidr),
  };
}

function replace<T>(base: readonly T[], added: readonly T[], keyOf: (entry: T) => string): T[] {
  return [...new Map([...base, ...added].map((entry) => [keyOf(entry), entry])).values()];
}

/** A listed provider with what a file of one's own says of it: regions of the same name are replaced, the rest is added. */
export function extendProvider(provider: Provider, addition: ProviderAddition): Provider {
  const { regions = [], regionProperties = [], zones = [], global = [], source, read, confidence, ...rest } = addition;
  const names = new Set(regions.flatMap(({ name, aliases = [] }) => [name, ...aliases]).map(regionKey));
  const kept = provider.regions.filter(({ name }) => !names.has(regionKey(name)));
  return {
    ...provider,
    ...rest,
    regions: [
      ...kept.map((region) => withoutAliases(region, names)),
      ...regions.map((region) => ({ source, read, ...(confidence && { confidence }), ...region })),
    ],
    regionProperties: replace(provider.regionProperties, regionProperties, ({ type }) => type),
    zones: [...zones, ...provider.zones],
    global: replace(provider.global, global, ({ type }) => type),
  };
}

function withoutAliases(region: Region, taken: ReadonlySet<string>): Region {
  return region.aliases?.some((alias) => taken.has(regionKey(alias)))
    ? { ...region, aliases: region.aliases.filter((alias) => !taken.has(regionKey(alias))) }
    : region;
}
