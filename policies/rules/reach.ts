import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import type { ApprovedService } from "../../register/register.ts";
import type { AddressFacts, Catalogue, HostFacts, Standing, Vendor } from "../catalogue/types.ts";
import type { Context } from "../core/types.ts";
import type { Endpoint } from "../endpoints/types.ts";
import { perGraph } from "./graph-index.ts";
import { isAnywhere } from "./ingress.ts";
import { isAccepted } from "./standing.ts";

/** What becomes of an endpoint. */
export type Reach =
  /** Not outside at all: own domains and networks, private names and addresses, the platform that the deployment runs on. */
  | { readonly kind: "own" }
  | { readonly kind: "approved"; readonly service: ApprovedService }
  /** In the register, but the catalogue knows an owner or a region outside, or another jurisdiction than the register says. */
  | { readonly kind: "contradicted"; readonly service: ApprovedService; readonly facts: Facts }
  | { readonly kind: "blocked"; readonly facts: Facts }
  /** Nothing is wrong with its owner; nobody has approved it. */
  | { readonly kind: "unregistered"; readonly facts: Facts }
  /** Neither the catalogue nor the register knows it. */
  | { readonly kind: "unknown" };

export interface Facts {
  readonly owners: readonly Vendor[];
  readonly standing: Standing;
  readonly jurisdiction?: string;
  readonly purpose?: string;
  /** Where the host itself says where it is: `eu-west-1` in `s3.eu-west-1.amazonaws.com`. */
  readonly region?: { readonly name: string; readonly standing: Standing };
}

/** Decides on one endpoint. Order: own, then register, then catalogue; an owner outside is never approved by the register alone. */
export function reach(endpoint: Endpoint, context: Context): Reach {
  const { host, kind } = endpoint;
  const { register } = context;
  if (kind === "name" ? isOwnName(host, context) : isOwnAddress(host, context)) return { kind: "own" };
  const facts =
    kind === "name" ? ofName(context.catalogue.host(host), context) : ofAddress(context.catalogue.address(host));
  const service = register.find(host);
  if (service)
    return contradicts(service, facts, context)
      ? { kind: "contradicted", service, facts: facts ?? NOTHING }
      : { kind: "approved", service };
  if (!facts) return { kind: "unknown" };
  if (!acceptable(facts, context)) return { kind: "blocked", facts };
  return isPlatform(facts, context) ? { kind: "own" } : { kind: "unregistered", facts };
}

/** What is known of an endpoint that the catalogue does not have. */
const NOTHING: Facts = { owners: [], standing: "unknown" };

function acceptable({ standing, region }: Facts, { settings }: Context): boolean {
  return isAccepted(standing, settings) && (region === undefined || isAccepted(region.standing, settings));
}

function contradicts({ jurisdiction }: ApprovedService, facts: Facts | undefined, context: Context): boolean {
  if (!isAccepted(context.catalogue.standing(jurisdiction), context.settings)) return true;
  return facts !== undefined && !acceptable(facts, context);
}

function ofName(
  { vendor, purpose: own, owners, standing, jurisdiction, region }: HostFacts,
  { catalogue }: Context,
): Facts | undefined {
  if (!vendor) return undefined;
  const purpose = own ?? vendor.purposes[0];
  return {
    owners,
    standing,
    ...(jurisdiction && { jurisdiction }),
    ...(purpose && { purpose }),
    ...(region && { region: { name: region.name, standing: catalogue.regionStanding(region) } }),
  };
}

function ofAddress({ owners, standing, purpose, country }: AddressFacts): Facts | undefined {
  if (owners.length === 0) return undefined;
  return { owners, standing, ...(country && { jurisdiction: country }), ...(purpose && { purpose }) };
}

/** Names that resolve nowhere outside: RFC 6761, 6762, 8375, 9476, ICANN's `.internal`, and what clusters use. */
const PRIVATE_SUFFIXES = [
  "localhost",
  "local",
  "internal",
  "intranet",
  "lan",
  "home.arpa",
  "test",
  "invalid",
  "example",
  "example.com",
  "example.net",
  "example.org",
  "cluster.local",
  "svc",
  "alt",
  "onion",
  "arpa",
  "localdomain",
  "corp",
  "private",
];

function isOwnName(host: string, { settings }: Context): boolean {
  // A single label is a name on the same network: a container, a service, a machine.
  if (!host.includes(".")) return true;
  return [...PRIVATE_SUFFIXES, ...settings.ownDomains].some((domain) => isBelow(host, domain.toLowerCase()));
}

export function isBelow(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(domain) && host[host.length - domain.length - 1] === ".");
}

/** Everything but unicast means no particular machine outside: private, loopback, link-local, multicast, documentation, unspecified ... */
function isOwnAddress(text: string, { settings }: Context): boolean {
  const literal = text.split("/")[0]!;
  if (!isIP(literal)) return false;
  const address = ipaddr.process(literal);
  // The internet or a good part of it, as firewalls write it, is nobody in particular.
  if (isAnywhere(text) || address.range() !== "unicast") return true;
  return settings.ownNetworks.some((network) => {
    const [base, length] = ipaddr.parseCIDR(network);
    return base.kind() === address.kind() && address.match(base, length);
  });
}

/** The deployment stands on this vendor's machines already: a mirror, a resolver, a bucket of the same company is no further party. */
function isPlatform({ owners }: Facts, context: Context): boolean {
  const [vendor] = owners;
  return vendor !== undefined && platformVendors(context).has(vendor.id);
}

/** Whether a deployment may stand on this vendor's machines: it has a provider that makes resources there. */
export function isOfCloud({ owners }: Facts, { providers }: Catalogue): boolean {
  const [vendor] = owners;
  return vendor !== undefined && [...providers.values()].some((provider) => provider.vendor === vendor.id);
}

const platforms = perGraph<Set<string>, Catalogue>(
  () => new Set(),
  (vendors, { type }, catalogue) => {
    const vendor = catalogue.provider(type)?.vendor;
    if (vendor !== undefined) vendors.add(vendor);
  },
);

function platformVendors({ graph, catalogue }: Context): ReadonlySet<string> {
  return platforms(graph, catalogue);
}
