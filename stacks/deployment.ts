import type * as hcloud from "@pulumi/hcloud";
import type { LocationName } from "../catalogue/hetzner/locations.ts";
import type { Host } from "../components/host/host.ts";
import type { Monitoring } from "../components/monitoring/monitoring.ts";
import type { SubnetRole } from "../components/network/plan.ts";
import type { PostgresCluster } from "../components/postgres/cluster.ts";
import type { StackConfig } from "./config/schema.ts";
import { type Places, placesOf } from "./places.ts";
import { createPlatform, type Ground, type StackPlatform } from "./platform.ts";
import { createPostgres } from "./postgres.ts";
import { createMonitoring, createRegion, type Region } from "./region.ts";
import { createTraffic, createZone, type Traffic } from "./traffic.ts";

/** The parts of a stack, whatever its topology. */
export interface Deployment {
  readonly places: Places;
  readonly platform: StackPlatform;
  readonly postgres: PostgresCluster;
  /** The primary location's first. */
  readonly regions: readonly [Region, ...Region[]];
  /** In the order of `regions`. */
  readonly monitoring: readonly [Monitoring, ...Monitoring[]];
  /** At the provider, where this stack makes it. */
  readonly zone: hcloud.Zone | undefined;
  readonly traffic: Traffic;
  readonly hosts: readonly Host[];
}

const kept: readonly SubnetRole[] = ["load-balancer", "postgres", "redis", "monitoring"];

/** Which subnets there are. One that is there already is kept while its location is. */
function groundOf({ serving, retained, all, witness }: Places, hasNameServers: boolean): Ground {
  return {
    monitored: all,
    roles: (location) => [
      ...(serving.includes(location) ? (["app", ...kept] as const) : []),
      ...(retained.includes(location) ? kept : []),
      ...(hasNameServers && all.includes(location) ? (["gateway"] as const) : []),
      ...(witness === location ? (["etcd"] as const) : []),
    ],
  };
}

/** Everything that a configuration leads to, but for sites at the edge. */
export function createDeployment(config: StackConfig, name: string): Deployment {
  const places = placesOf(config);
  const platform = createPlatform(config, name, groundOf(places, config.dns?.servers === "own"));
  const postgres = createPostgres(config, places, platform);
  // Before the load balancers: a managed certificate is proven in it.
  const zone = createZone(config, platform);
  const region = (location: LocationName, first?: Region) =>
    createRegion(config, places, platform.at(location), postgres, zone?.name, first);
  const primary = region(places.primary);
  const others = places.all.slice(1).map((location) => region(location, primary));
  const regions: [Region, ...Region[]] = [primary, ...others];
  const traffic = createTraffic(config, places, platform, zone, regions);
  const gateways = traffic.gateways.map(({ host }) => host);
  const watchOver = (region: Region) =>
    createMonitoring(config, places, platform.at(region.location), [
      ...(region.app?.hosts ?? []),
      ...postgres.hosts,
      ...region.redis.hosts,
      ...gateways.filter(({ location }) => location === region.location),
    ]);
  const monitoring: [Monitoring, ...Monitoring[]] = [watchOver(regions[0]), ...regions.slice(1).map(watchOver)];
  return {
    places,
    platform,
    postgres,
    regions,
    monitoring,
    zone,
    traffic,
    // App servers last: there, one more shifts no other in the outputs.
    hosts: [
      ...postgres.hosts,
      ...regions.flatMap(({ redis }) => redis.hosts),
      ...monitoring.map(({ host }) => host),
      ...gateways,
      ...regions.flatMap(({ app }) => app?.hosts ?? []),
    ],
  };
}
