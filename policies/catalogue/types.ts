/** What the catalogue knows. The data are YAML files beside this one; `load.ts` reads and checks them. */

/** Where a fact was read, and when (YYYY-MM-DD). */
export interface Provenance {
  readonly source: string;
  readonly read: string;
}

/** Where a country stands in European law. `unknown` is a result of its own: nothing unknown passes. */
export type Standing = "eu" | "eea" | "adequate" | "outside" | "unknown";

/** A company, and who owns it. */
export interface Vendor extends Provenance {
  /** Key in the catalogue: lower-case words with hyphens. */
  readonly id: string;
  readonly name: string;
  /** Country of its seat: ISO 3166-1 alpha-2. */
  readonly seat: string;
  /** Id of the company that controls it, absent for the end of the chain. */
  readonly parent?: string;
  /** What people use it for: `error tracking`, `e-mail delivery`, `CDN` ... (a closed list in schema.ts). */
  readonly purposes: readonly string[];
  /** Domains that are its own: registrable domains, or host names below a shared one. A domain covers what is below it. */
  readonly domains: readonly Domain[];
  /** Ids of vendors in the EU that do the same. */
  readonly alternatives: readonly string[];
  /** Whether it is on the Data Privacy Framework's list, as read on `read`. */
  readonly dpf?: boolean;
  readonly note?: string;
}

export interface Domain {
  /** Lower case, punycode, no trailing dot. `amazonaws.com` covers `s3.eu-west-1.amazonaws.com`. */
  readonly name: string;
  /** Where it differs from the vendor's: `registry`, `resolver`, `NTP`, `fonts`. */
  readonly purpose?: string;
  /** How a region is read from host names below this domain: a regular expression with a group `region`. */
  readonly region?: string;
}

/** A cloud whose resources Pulumi programs make. */
export interface Provider extends Provenance {
  /** Pulumi package: `aws`, `azure-native`, `hcloud`. */
  readonly package: string;
  readonly name: string;
  /** Id of the vendor that runs it. */
  readonly vendor: string;
  readonly regions: readonly Region[];
  /** Which properties hold a region, by resource type pattern (`*` at the end): `["location", "zone"]`. Dots go into objects. */
  readonly regionProperties: readonly RegionProperty[];
  /** Resource types without a place of their own (IAM, DNS zones ...), with what is known of where they are. */
  readonly global: readonly { readonly type: string; readonly standing: Standing; readonly note: string }[];
}

export interface Region {
  readonly name: string;
  /** Country codes of the region; more than one for multi-regions. Empty: not known. */
  readonly countries: readonly string[];
  readonly city?: string;
  /** For spellings that mean the same: `westeurope`, `West Europe`. */
  readonly aliases?: readonly string[];
  /** Set where data can be processed outside the named place (multi-regions, global SKUs). */
  readonly note?: string;
}

export interface RegionProperty {
  readonly type: string;
  readonly properties: readonly string[];
  /** How the value names a region: itself, a zone (`eu-west-1a` -> `eu-west-1`) or a path that ends in one. @default "region" */
  readonly form?: "region" | "zone" | "path";
}

/** A range of addresses with a meaning of its own: public resolvers, cloud metadata, time servers. */
export interface AddressRange extends Provenance {
  readonly cidr: string;
  readonly vendor?: string;
  readonly purpose: string;
}

/** What the catalogue answers about a host name. */
export interface HostFacts {
  readonly host: string;
  /** Registrable domain by the public suffix list, undefined for names without one. */
  readonly registrable?: string;
  readonly vendor?: Vendor;
  /** The entry that matched. */
  readonly domain?: Domain;
  /** From the vendor to the end of its chain, the vendor first. */
  readonly owners: readonly Vendor[];
  /** Seat at the end of the chain. */
  readonly jurisdiction?: string;
  readonly standing: Standing;
  /** Region read from the host name, where the domain says how. */
  readonly region?: Region;
}

/** Lookups over the loaded data. All pure; built once per run by `createCatalogue(data)`. */
export interface Catalogue {
  readonly vendors: ReadonlyMap<string, Vendor>;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly addresses: readonly AddressRange[];
  host(name: string): HostFacts;
  /** IPv4 or IPv6 literal: special ranges, vendors' ranges; country where the data has it. */
  address(literal: string): {
    readonly vendor?: Vendor;
    readonly purpose?: string;
    readonly country?: string;
    readonly standing: Standing;
  };
  standing(country: string): Standing;
  /** From the vendor to the end of its chain; never endless: cycles are refused when the data is loaded. */
  owners(vendor: string): readonly Vendor[];
  /** The provider of a type token: `aws:s3/bucket:Bucket` -> aws. */
  provider(type: string): Provider | undefined;
  region(provider: Provider, name: string): Region | undefined;
}
