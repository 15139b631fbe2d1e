/** Lookups over the catalogue's data. Pure: neither files nor clock. */
import { domainToASCII } from "node:url";
import { getDomain } from "tldts";
import { standingOf, worstStanding } from "../../catalogue/countries.ts";
import { createRangeIndex, readNetwork, specialRange } from "./addresses.ts";
import { ownerChain } from "./check.ts";
import { memoised } from "./memoised.ts";
import { createRegionIndex } from "./regions.ts";
import type {
  AddressFacts,
  Catalogue,
  CatalogueData,
  Domain,
  HostFacts,
  Provider,
  Region,
  Standing,
  Vendor,
} from "./types.ts";

interface Owned {
  readonly owners: readonly Vendor[];
  readonly standing: Standing;
  readonly jurisdiction?: string;
}

/**
 * @param data checked data: {@link loadCatalogue} gives it
 * @param options.today YYYY-MM-DD: adequacy decisions that ended before do not count. @default all are taken to hold
 */
export function createCatalogue(data: CatalogueData, options: { readonly today?: string } = {}): Catalogue {
  const vendors = new Map(data.vendors.map((vendor) => [vendor.id, vendor]));
  const providers = new Map(data.providers.map((provider) => [provider.package, provider]));
  const standing = (country: string) => standingOf(country, options.today);
  const owned = memoised((id) => ownership(ownerChain(vendors, id), standing));
  const indexOf = memoisedBy(createRegionIndex);
  const domains = domainIndex(data.vendors);
  const findRange = createRangeIndex(data.addresses);

  const providerOf = memoised((type) => {
    const [first = "", second, third = ""] = type.split(":");
    const name = first === "pulumi" && second === "providers" ? third : first;
    // Generated SDKs of one API version: `azure-native_storage_v20240101`.
    return providers.get(name) ?? providers.get(name.replace(/_.*$/, ""));
  });

  function regionInHost(host: string, domain: Domain, owners: readonly Vendor[]): Region | undefined {
    if (domain.region === undefined) return undefined;
    const name = patternOf(domain.region).exec(host)?.groups?.region;
    if (name === undefined) return undefined;
    for (const provider of data.providers) {
      if (!owners.some(({ id }) => id === provider.vendor)) continue;
      const region = indexOf(provider).find(name);
      if (region) return region;
    }
    return undefined;
  }

  const hostFacts = memoised((host): HostFacts => {
    if (host.length > LONGEST_HOST) return { host, owners: [], standing: "unknown" };
    const registrable = getDomain(host, { allowPrivateDomains: true }) ?? undefined;
    const match = domains(host);
    if (!match) return { host, registrable, owners: [], standing: "unknown" };
    const ownership = owned(match.vendor.id);
    const purpose = servicePurpose(host, match.domain) ?? match.domain.purpose;
    const region = regionInHost(host, match.domain, ownership.owners);
    return { host, registrable, ...match, ...ownership, ...(purpose && { purpose }), region };
  });

  const addressFacts = memoised((literal): AddressFacts => {
    const network = readNetwork(literal);
    if (!network) return { owners: [], standing: "unknown" };
    const range = findRange(network);
    const special = specialRange(network);
    const found = { ...(special && { special }), ...(range && { range, purpose: range.purpose }) };
    if (range?.vendor === undefined) return { ...found, owners: [], standing: "unknown" };
    const { owners, standing, jurisdiction } = owned(range.vendor);
    return { ...found, vendor: vendors.get(range.vendor), owners, standing, country: jurisdiction };
  });

  return {
    vendors,
    providers,
    addresses: data.addresses,
    host: (name) => hostFacts(canonicalHost(name)),
    address: (literal) => addressFacts(literal.slice(0, LONGEST_HOST)),
    standing,
    owners: (vendor) => owned(vendor).owners,
    ownerStanding: (vendor) => {
      const { standing, jurisdiction } = owned(vendor);
      return { standing, jurisdiction };
    },
    provider: providerOf,
    region: (provider, name) => indexOf(provider).find(name),
    regionsNamed: (name) =>
      data.providers.flatMap((provider) => {
        const region = indexOf(provider).find(name);
        return region ? [{ provider, region }] : [];
      }),
    regionStanding: (region) => worstStanding(region.countries.map(standing)),
    regionProperties: memoised((type) => {
      const provider = providerOf(type);
      return provider ? indexOf(provider).properties(type) : [];
    }),
    needsRegion: memoised((type) => {
      const provider = providerOf(type);
      return provider !== undefined && indexOf(provider).needed(type);
    }),
    globalType: memoised((type) => {
      const provider = providerOf(type);
      return provider && indexOf(provider).global(type);
    }),
  };
}

/** Lower case, punycode, no trailing dot. What is no host name stays as it is and is found nowhere. */
function canonicalHost(name: string): string {
  if (name.length > 4 * LONGEST_HOST) return "";
  const bare = name.trim().replace(/\.$/, "");
  return domainToASCII(bare) || bare.toLowerCase();
}

/** The narrowest listed domain that a host lies in: by labels upwards, so `notamazonaws.com` is not `amazonaws.com`. */
function domainIndex(vendors: readonly Vendor[]) {
  const byName = new Map<string, { readonly vendor: Vendor; readonly domain: Domain }>();
  for (const vendor of vendors) for (const domain of vendor.domains) byName.set(domain.name, { vendor, domain });
  return (host: string) => {
    for (let at = 0; ; ) {
      const match = byName.get(host.slice(at));
      if (match) return match;
      const dot = host.indexOf(".", at);
      if (dot < 0) return undefined;
      at = dot + 1;
    }
  };
}

/** What the service that a host's labels name is for. A bucket may be called like another service: the label nearest the domain decides. */
function servicePurpose(host: string, { name, services }: Domain): string | undefined {
  if (services === undefined || host === name) return undefined;
  const known = Object.entries(services);
  const labels = host.slice(0, -name.length - 1).split(".");
  for (const label of labels.toReversed())
    for (const [service, purpose] of known) if (label === service || label.startsWith(`${service}-`)) return purpose;
  return undefined;
}

function ownership(owners: readonly Vendor[], standing: (country: string) => Standing): Owned {
  const worst = worstStanding(owners.map(({ seat }) => standing(seat)));
  return { owners, standing: worst, jurisdiction: owners.findLast(({ seat }) => standing(seat) === worst)?.seat };
}

/** RFC 1035. Unicode may be longer before it is punycode, but not by much. */
const LONGEST_HOST = 253;

function memoisedBy<V>(compute: (key: Provider) => V): (key: Provider) => V {
  const known = new WeakMap<Provider, V>();
  return (key) => {
    const value = known.get(key) ?? compute(key);
    known.set(key, value as V & object);
    return value;
  };
}

const patternOf = memoised((text) => new RegExp(text));
