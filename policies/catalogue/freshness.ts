/** How old the catalogue's facts are. Pure. */
import type { AddressRange, Catalogue, Provenance, Provider, Region, Vendor } from "./types.ts";

/** After this many days an entry is to be read again: companies are bought, and regions open. */
export const OLD_AFTER_DAYS = 365;

const DAY_MS = 86_400_000;

/** Days from one day to another, both YYYY-MM-DD. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}

/** Where a fact is from, and how old that is. */
export interface Origin {
  readonly what: string;
  readonly source: string;
  readonly read: string;
  /** `recalled`: the source was not opened that day. */
  readonly confidence: "read" | "recalled";
  readonly days: number;
  readonly old: boolean;
}

export function originOf(what: string, { source, read, confidence = "read" }: Provenance, today: string): Origin {
  const days = daysBetween(read, today);
  return { what, source, read, confidence, days, old: days > OLD_AFTER_DAYS };
}

/** A region's own source, or that of its provider. */
export function regionOrigin(provider: Provider, region: Region, today: string): Origin {
  const { source = provider.source, read = provider.read, confidence = provider.confidence } = region;
  return originOf(`region ${provider.package}/${region.name}`, { source, read, confidence }, today);
}

export const vendorOrigin = (vendor: Vendor, today: string): Origin => originOf(`vendor ${vendor.id}`, vendor, today);
export const providerOrigin = (provider: Provider, today: string): Origin =>
  originOf(`provider ${provider.package}`, provider, today);
export const rangeOrigin = (range: AddressRange, today: string): Origin =>
  originOf(`address ${range.cidr}`, range, today);

/** Every entry's origin. Regions count where they have a source or a day of their own. */
export function allOrigins(catalogue: Catalogue, today: string): Origin[] {
  return [
    ...[...catalogue.vendors.values()].map((vendor) => vendorOrigin(vendor, today)),
    ...[...catalogue.providers.values()].flatMap((provider) => [
      providerOrigin(provider, today),
      ...provider.regions
        .filter(({ source, read, confidence }) => source ?? read ?? confidence)
        .map((region) => regionOrigin(provider, region, today)),
    ]),
    ...catalogue.addresses.map((range) => rangeOrigin(range, today)),
  ];
}
