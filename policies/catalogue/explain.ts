/** What the catalogue knows of something that a person asks about. Pure. */
import { countryName } from "../../catalogue/countries.ts";
import { readNetwork } from "./addresses.ts";
import { alternativesTo } from "./alternatives.ts";
import { type Origin, providerOrigin, rangeOrigin, regionOrigin, vendorOrigin } from "./freshness.ts";
import type { Catalogue, Provider, Region, Standing, Vendor } from "./types.ts";

export interface Explanation {
  readonly query: string;
  readonly kind: "host" | "address" | "region" | "provider" | "vendor";
  /** Whether anything is known. */
  readonly known: boolean;
  /** Where its owner stands. */
  readonly owner?: { readonly standing: Standing; readonly jurisdiction?: string; readonly country?: string };
  /** From the vendor to the end of its chain. */
  readonly owners: readonly Company[];
  readonly purposes: readonly string[];
  /** The domain or network that matched. */
  readonly matched?: string;
  readonly registrable?: string;
  /** Set for private addresses and their like. */
  readonly special?: string;
  readonly places: readonly Place[];
  readonly alternatives: readonly Company[];
  readonly notes: readonly string[];
  readonly origins: readonly Origin[];
}

export interface Company {
  readonly id: string;
  readonly name: string;
  readonly seat: string;
}

export interface Place {
  readonly provider: string;
  readonly region: string;
  readonly city?: string;
  readonly countries: readonly string[];
  readonly standing: Standing;
}

/** How many alternatives are told. */
const SHOWN = 8;

const nothing = { owners: [], purposes: [], places: [], alternatives: [], notes: [] } as const;

/**
 * @param query a host name or URL, an address or network, `aws/eu-west-1`, the name of a provider, a vendor or a region
 * @param today YYYY-MM-DD, for the age of what is known
 */
export function explain(catalogue: Catalogue, query: string, today: string): Explanation {
  const text = query.trim();
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) && URL.canParse(text) ? new URL(text).hostname : undefined;
  const subject = url ?? text;
  if (readNetwork(subject)) return ofAddress(catalogue, query, subject, today);
  if (url === undefined) {
    const [name = "", ...rest] = subject.split("/");
    const provider = catalogue.providers.get(name);
    if (provider && rest.length > 0) return ofRegions(catalogue, query, [provider], rest.join("/"), today);
    if (provider) return ofProvider(catalogue, query, provider, today);
    const vendor = catalogue.vendors.get(subject);
    if (vendor) return ofVendor(catalogue, query, vendor, today);
    const regions = catalogue.regionsNamed(subject);
    if (regions.length > 0) {
      return ofRegions(
        catalogue,
        query,
        regions.map(({ provider }) => provider),
        subject,
        today,
      );
    }
  }
  return ofHost(catalogue, query, subject, today);
}

function ofHost(catalogue: Catalogue, query: string, name: string, today: string): Explanation {
  const { vendor, domain, purpose, region, registrable } = catalogue.host(name);
  const about = { query, kind: "host", registrable } as const;
  if (!vendor || !domain) return { ...nothing, ...about, known: false, origins: [] };
  const provider = region && [...catalogue.providers.values()].find(({ regions }) => regions.includes(region));
  return {
    ...companyFacts(catalogue, vendor, purpose, today),
    ...about,
    matched: domain.name,
    ...(region && provider && placeFacts(catalogue, [{ provider, region }])),
  };
}

function ofVendor(catalogue: Catalogue, query: string, vendor: Vendor, today: string): Explanation {
  return { ...companyFacts(catalogue, vendor, undefined, today), query, kind: "vendor" };
}

function ofAddress(catalogue: Catalogue, query: string, literal: string, today: string): Explanation {
  const { vendor, range, special, purpose } = catalogue.address(literal);
  return {
    ...nothing,
    ...(vendor && companyFacts(catalogue, vendor, purpose, today)),
    query,
    kind: "address",
    known: range !== undefined || special !== undefined,
    special,
    matched: range?.cidr,
    purposes: range ? [range.purpose] : [],
    notes: range?.note ? [range.note] : [],
    origins: [
      ...(range ? [rangeOrigin(range, today)] : []),
      ...(vendor ? catalogue.owners(vendor.id).map((owner) => vendorOrigin(owner, today)) : []),
    ],
  };
}

function ofProvider(catalogue: Catalogue, query: string, provider: Provider, today: string): Explanation {
  const vendor = provider.vendor === undefined ? undefined : catalogue.vendors.get(provider.vendor);
  const places = provider.regions.map((region) => ({ provider, region }));
  return {
    ...nothing,
    ...(vendor && companyFacts(catalogue, vendor, undefined, today)),
    query,
    kind: "provider",
    known: true,
    places: placeFacts(catalogue, places).places,
    notes: [`without a region: ${provider.unset.note}`],
    origins: [
      providerOrigin(provider, today),
      ...(vendor ? catalogue.owners(vendor.id).map((owner) => vendorOrigin(owner, today)) : []),
    ],
  };
}

function ofRegions(
  catalogue: Catalogue,
  query: string,
  providers: readonly Provider[],
  name: string,
  today: string,
): Explanation {
  const found = providers.flatMap((provider) => {
    const region = catalogue.region(provider, name);
    return region ? [{ provider, region }] : [];
  });
  const [only] = providers.length === 1 ? providers : [];
  const vendor = only?.vendor === undefined ? undefined : catalogue.vendors.get(only.vendor);
  const company = vendor && companyFacts(catalogue, vendor, undefined, today);
  return {
    ...nothing,
    ...company,
    query,
    kind: "region",
    known: found.length > 0,
    ...placeFacts(catalogue, found),
    origins: [
      ...found.map(({ provider, region }) => regionOrigin(provider, region, today)),
      ...(company?.origins ?? []),
    ],
  };
}

function companyFacts(catalogue: Catalogue, vendor: Vendor, purpose: string | undefined, today: string) {
  const owners = catalogue.owners(vendor.id);
  const { standing, jurisdiction } = catalogue.ownerStanding(vendor.id);
  const purposes = purpose ? [purpose] : vendor.purposes;
  return {
    ...nothing,
    known: true,
    owner: { standing, jurisdiction, country: jurisdiction && countryName(jurisdiction) },
    owners: owners.map(company),
    purposes,
    alternatives: alternativesTo(vendor, catalogue, purpose).slice(0, SHOWN).map(company),
    notes: owners.flatMap(({ note }) => note ?? []),
    origins: owners.map((owner) => vendorOrigin(owner, today)),
  };
}

function company({ id, name, seat }: Vendor): Company {
  return { id, name, seat };
}

function placeFacts(
  catalogue: Catalogue,
  found: readonly { readonly provider: Provider; readonly region: Region }[],
): Pick<Explanation, "places" | "notes"> {
  return {
    places: found.map(({ provider, region }) => ({
      provider: provider.package,
      region: region.name,
      city: region.city,
      countries: region.countries,
      standing: catalogue.regionStanding(region),
    })),
    notes: [...new Set(found.flatMap(({ region }) => region.note ?? []))],
  };
}
