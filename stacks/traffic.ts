import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import type { LocationName } from "../catalogue/hetzner/locations.ts";
import type { ServerTypeName } from "../catalogue/hetzner/server-types.ts";
import { NameServerAddresses } from "../components/gateway/addresses.ts";
import { Gateway } from "../components/gateway/gateway.ts";
import { relativeName } from "../components/gateway/names.ts";
import type { DnsRecord } from "../components/gateway/records.ts";
import { DnsRecords } from "../components/load-balancer/dns-records.ts";
import type { StackConfig } from "./config/schema.ts";
import type { Places } from "./places.ts";
import type { StackPlatform } from "./platform.ts";
import type { Region } from "./region.ts";

/** How visitors find the entrances. */
export interface Traffic {
  /** The stack's own name servers. */
  readonly gateways: readonly Gateway[];
  /** For the registrar; undefined where the zone was there before. */
  readonly nameServers: pulumi.Output<readonly unknown[]> | undefined;
}

const none: Traffic = { gateways: [], nameServers: undefined };

/** The zone at the provider, before anything that a managed certificate proves in it. It outlives mistakes: with it go the records of everything else. */
export function createZone({ dns }: StackConfig, platform: StackPlatform): hcloud.Zone | undefined {
  if (!dns?.create || dns.servers === "own") return undefined;
  const protect = platform.isProtected(dns.zone);
  return new hcloud.Zone(
    `${platform.name}-zone`,
    { name: dns.zone, mode: "primary", labels: { ...platform.labels }, deleteProtection: protect },
    { protect },
  );
}

/** Address records of the domain: the provider's zone lists all entrances that are not drained; the stack's own name servers those that are well. */
export function createTraffic(
  config: StackConfig,
  places: Places,
  platform: StackPlatform,
  zone: hcloud.Zone | undefined,
  regions: readonly Region[],
): Traffic {
  const { dns, domain } = config;
  if (!dns) return none;
  const entrances = regions.map(({ location, app, loadBalancer: { ipv4, ipv6 } }) => ({
    location,
    ipv4,
    ipv6,
    drained: app === undefined || (dns.drained as readonly LocationName[]).includes(location),
  }));
  if (dns.servers === "provider") {
    new DnsRecords(`${platform.name}-dns`, {
      zone: zone?.name ?? dns.zone,
      // Within the zone: the configuration was checked for it.
      names: [relativeName(domain, dns.zone)!],
      entrances: entrances.filter(({ drained }) => !drained),
      labels: platform.labels,
    });
    return { gateways: [], nameServers: zone?.authoritativeNameservers.apply((servers) => servers.assigneds) };
  }
  const addresses = new NameServerAddresses(`${platform.name}-name-servers`, {
    platform,
    zone: dns.zone,
    locations: nameServerLocations(places),
  });
  const gateways = addresses.nameServers.map(
    ({ location }) =>
      new Gateway(`${platform.name}-gateway-${location}`, {
        platform: platform.at(location),
        addresses,
        servedNames: [domain],
        entrances,
        near: dns.near.map(({ location: place, networks }) => ({ location: place as LocationName, networks })),
        records: dns.records as readonly DnsRecord[],
        ...(dns.healthUrl === undefined ? {} : { healthUrl: dns.healthUrl }),
        ttlSeconds: dns.ttlSeconds,
        serverType: dns.serverType as ServerTypeName,
        generation: dns.generation,
      }),
  );
  const nameServers = pulumi.output(addresses.nameServers.map(({ name, ipv4, ipv6 }) => ({ name, ipv4, ipv6 })));
  return { gateways, nameServers };
}

/** In the provider's order, whichever is the primary: the registrar's list does not change with it. */
export const nameServerLocations = ({ all }: Places): LocationName[] => [...all].sort();
