/** What the catalogue knows. The data are YAML files beside this one; `load.ts` reads and checks them. */
import type { Standing } from "../../catalogue/countries.ts";

export type { Standing };

/** Where a fact was read, and when (YYYY-MM-DD). */
export interface Provenance {
  /** URL of the page, file or record. */
  readonly source: string;
  readonly read: string;
  /** `recalled`: from general knowledge; `source` is where to check it, but was not opened that day. @default "read" */
  readonly confidence?: "read" | "recalled";
}

/** A company, and who owns it. */
export interface Vendor extends Provenance {
  /** Key in the catalogue: lower-case words with hyphens. */
  readonly id: string;
  readonly name: string;
  /** Country of its seat: ISO 3166-1 alpha-2. */
  readonly seat: string;
  /** Id of the company that controls it, absent for the end of the chain. */
  readonly parent?: string;
  /** What people use it for: `error tracking`, `e-mail delivery`, `CDN` ... (a closed list: purposes.ts). */
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
  /**
   * Purposes of what is below it by the label that names the service, wherever the label stands: `s3` in `bucket.s3.eu-west-1.amazonaws.com`. A
   * label that goes on after a hyphen (`s3-website`) is the same; of several the one nearest the domain counts.
   */
  readonly services?: Readonly<Record<string, string>>;
}

/** A cloud whose resources Pulumi programs make. */
export interface Provider extends Provenance {
  /** Pulumi package: `aws`, `azure-native`, `hcloud`. */
  readonly package: string;
  readonly name: string;
  /** Id of the vendor that runs it; absent for Kubernetes, which runs anywhere. */
  readonly vendor?: string;
  readonly regions: readonly Region[];
  /** How zones name their region: regular expressions with a group `region`, tried in order after names and aliases. */
  readonly zones: readonly string[];
  /** What holds for a resource that names no region, where its provider's settings name none either. */
  readonly unset: { readonly region?: string; readonly note: string };
  /** Which properties hold a region, by resource type pattern (`*` at the end): `["location", "zone"]`. Dots go into objects. */
  readonly regionProperties: readonly RegionProperty[];
  /** Resource types without a place of their own (IAM, DNS zones ...), with what is known of where they are. The longest pattern that fits decides. */
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
  /** Only where they differ from the provider's. */
  readonly source?: string;
  readonly read?: string;
  readonly confidence?: Provenance["confidence"];
}

/** Where a resource's properties name regions. Every value goes through {@link Catalogue.region}: name, alias, zone or path. */
export interface RegionProperty {
  /** Type token, or the start of one and `*`. All entries that fit a type count together. */
  readonly type: string;
  /**
   * Property paths as `valuesAtPattern` (select.ts) reads them: `placement.availabilityZone`, `replicas[*].regionName` (every
   * item), `nodeSelector["topology.kubernetes.io/zone"]`, `terms[key="topology.kubernetes.io/zone"].values`. A list stands
   * for its items.
   */
  readonly properties: readonly string[];
  /** Types that fit may also name none (children, settings): then nothing is missing. @default false */
  readonly optional?: boolean;
}

/** A range of addresses with a meaning of its own: public resolvers, cloud metadata, time servers. */
export interface AddressRange extends Provenance {
  readonly cidr: string;
  readonly vendor?: string;
  readonly purpose: string;
  readonly note?: string;
}

/** What the catalogue answers about a host name. */
export interface HostFacts {
  readonly host: string;
  /** Registrable domain by the public suffix list, undefined for names without one. */
  readonly registrable?: string;
  readonly vendor?: Vendor;
  /** The entry that matched. */
  readonly domain?: Domain;
  /** What this host is for, where its entry says so: else the vendor's purposes are what is known. */
  readonly purpose?: string;
  /** From the vendor to the end of its chain, the vendor first. */
  readonly owners: readonly Vendor[];
  /** Seat that {@link HostFacts.standing} comes from: the end of the chain, unless a company before it stands worse. */
  readonly jurisdiction?: string;
  /** The worst along the chain: a parent in the EU does not take a US company out of US law. `unknown` without a vendor. */
  readonly standing: Standing;
  /** Region read from the host name, where the domain says how. */
  readonly region?: Region;
}

/** What the catalogue answers about an address. */
export interface AddressFacts {
  /** Private, loopback, link-local ... (ipaddr.js' names): reachable only from near by, so nobody's and in no country. */
  readonly special?: string;
  readonly vendor?: Vendor;
  /** The entry that matched: the narrowest. */
  readonly range?: AddressRange;
  readonly purpose?: string;
  /** The seat that the standing comes from. Where the machine stands is not in the data. */
  readonly country?: string;
  readonly owners: readonly Vendor[];
  readonly standing: Standing;
}

/** What stands in the files, checked. */
export interface CatalogueData {
  readonly vendors: readonly Vendor[];
  readonly providers: readonly Provider[];
  readonly addresses: readonly AddressRange[];
}

/** Lookups over the loaded data. All pure; built once per run by `createCatalogue(data)`. */
export interface Catalogue {
  readonly vendors: ReadonlyMap<string, Vendor>;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly addresses: readonly AddressRange[];
  /** Takes any spelling: upper case, trailing dot, Unicode. */
  host(name: string): HostFacts;
  /** IPv4 or IPv6 literal or CIDR, with or without brackets. A CIDR is found in ranges that hold all of it. */
  address(literal: string): AddressFacts;
  standing(country: string): Standing;
  /** From the vendor to the end of its chain; never endless: cycles are refused when the data is loaded. */
  owners(vendor: string): readonly Vendor[];
  /** The worst standing along a vendor's chain, and the seat it comes from; `unknown` for a vendor that is not listed. */
  ownerStanding(vendor: string): { readonly standing: Standing; readonly jurisdiction?: string };
  /** The provider of a type token: `aws:s3/bucket:Bucket` -> aws, `pulumi:providers:aws` -> aws. */
  provider(type: string): Provider | undefined;
  /** Takes names, aliases, zones (`eu-west-1a`) and paths (`projects/p/zones/europe-west1-b`). */
  region(provider: Provider, name: string): Region | undefined;
  /** The same name at every provider that has it: for Kubernetes' topology labels, which do not say whose region it is. */
  regionsNamed(name: string): readonly { readonly provider: Provider; readonly region: Region }[];
  /** The worst standing of a region's countries; `unknown` without any. */
  regionStanding(region: Region): Standing;
  /** Which properties of this type hold regions; empty for types that the provider's data does not name. */
  regionProperties(type: string): readonly string[];
  /** Whether a resource of this type that names no region lacks one (its provider, or what it is attached to, may have it). */
  needsRegion(type: string): boolean;
  /** Set for types without a place of their own. */
  globalType(type: string): Provider["global"][number] | undefined;
}
