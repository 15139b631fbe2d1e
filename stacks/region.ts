import { resolve } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { LoadBalancerTypeName } from "../catalogue/hetzner/load-balancer-types.ts";
import type { LocationName } from "../catalogue/hetzner/locations.ts";
import type { ServerTypeName } from "../catalogue/hetzner/server-types.ts";
import { AppServers } from "../components/app/app-servers.ts";
import type { Host } from "../components/host/host.ts";
import type { Certificate } from "../components/load-balancer/certificate.ts";
import { LoadBalancer } from "../components/load-balancer/load-balancer.ts";
import { Monitoring } from "../components/monitoring/monitoring.ts";
import type { MonitoredHost } from "../components/monitoring/topology.ts";
import type { PostgresCluster } from "../components/postgres/cluster.ts";
import { totalNodes } from "../components/postgres/members.ts";
import { Redis } from "../components/redis/redis.ts";
import { uploadedCertificate } from "./certificates.ts";
import type { StackConfig } from "./config/schema.ts";
import type { Places } from "./places.ts";
import type { StackPlatform } from "./platform.ts";
import { receiversOf } from "./receivers.ts";
import { workloadOf } from "./workload.ts";

/** The repository: files of the configuration are relative to it. */
const root = resolve(import.meta.dirname, "..");

/** Backups run every few hours; one that is older than this is worth a look. */
const backupMaxAgeHours = 26;

/** What one location has of its own. Postgres is not in it: that spans them. */
export interface Region {
  readonly location: LocationName;
  readonly redis: Redis;
  /** Undefined in a location that is only retained. */
  readonly app: AppServers | undefined;
  /** Of a retained location: leads who still comes to the primary location's app servers, over the private network. */
  readonly loadBalancer: LoadBalancer;
}

/**
 * Sessions, cache and entrance of a location, and its app servers if it serves.
 * @param zone made by this stack: managed certificates are proven in it
 * @param primary region of the primary location; undefined for that one itself
 */
export function createRegion(
  config: StackConfig,
  places: Places,
  platform: StackPlatform,
  postgres: PostgresCluster,
  zone: pulumi.Input<string> | undefined,
  primary: Region | undefined,
): Region {
  const { location } = platform;
  const { nodes, engine, generation, serverType } = config.redis;
  const redis = new Redis(`${platform.name}-redis-${location}`, {
    platform,
    nodes,
    engine,
    generation,
    serverType: serverType as ServerTypeName,
  });
  const app = places.serving.includes(location)
    ? createAppServers(config, places, platform, postgres, redis)
    : undefined;
  const targets = app ?? primary!.app!;
  const loadBalancer = new LoadBalancer(`${platform.name}-load-balancer-${location}`, {
    platform,
    type: config.loadBalancer.type as LoadBalancerTypeName,
    algorithm: config.loadBalancer.algorithm,
    certificates: certificatesOf(config),
    targetSelector: targets.labelSelector,
    // Servers that are being replaced stand beside their successors.
    maxTargets: 2 * targets.maxServers,
    ...(zone === undefined ? {} : { zone }),
  });
  return { location, redis, app, loadBalancer };
}

/** Least app servers of a location before an alert says so. */
const minServers = ({ app }: StackConfig): number => app.minServers ?? Math.min(2, app.servers);
/** The most app servers of a location. */
const maxServers = ({ app }: StackConfig): number => app.maxServers ?? Math.max(4, app.servers);

function createAppServers(
  config: StackConfig,
  { serving }: Places,
  platform: StackPlatform,
  postgres: PostgresCluster,
  redis: Redis,
): AppServers {
  const { app } = config;
  return new AppServers(`${platform.name}-app-${platform.location}`, {
    platform,
    servers: app.servers,
    minServers: minServers(config),
    maxServers: maxServers(config),
    postgresClients: maxServers(config) * serving.length,
    serverType: app.serverType as ServerTypeName,
    workload: workloadOf(app.workload, root),
    secretEnv: app.workload.secretEnvironment,
    ...(app.workload.kind === "container" && app.workload.registryPassword
      ? { registryPassword: app.workload.registryPassword }
      : {}),
    postgres,
    redis,
  });
}

function certificatesOf(config: StackConfig): readonly Certificate[] | "none" {
  const { certificate } = config.loadBalancer;
  switch (certificate.kind) {
    case "managed":
      return [{ kind: "managed", domainNames: [config.domain] }];
    case "uploaded":
      return [
        { kind: "uploaded", ...uploadedCertificate(certificate, "loadBalancer.certificate", "ENTRANCE_CERTIFICATE") },
      ];
    case "none":
      return "none";
  }
}

/**
 * The monitoring of a location.
 * @param hosts what it looks after: the location's own machines, and Postgres wherever it is, so that the loss of the primary's location
 *   is told by the others
 */
export function createMonitoring(
  config: StackConfig,
  { nodes, serving }: Places,
  platform: StackPlatform,
  hosts: readonly Host[],
): Monitoring {
  const { monitoring, postgres, redis } = config;
  return new Monitoring(`${platform.name}-monitoring-${platform.location}`, {
    platform,
    hosts: hosts.map(
      (host): MonitoredHost => ({
        name: host.hostname,
        role: host.role,
        location: host.location,
        address: host.plannedAddress,
        scrape: host.machine.scrape,
      }),
    ),
    minAppServers: serving.includes(platform.location) ? minServers(config) : 0,
    postgres: {
      members: totalNodes(nodes),
      zeroLoss: postgres.durability === "zero-loss",
      backupMaxAgeHours,
    },
    redis: { nodes: redis.nodes },
    serverType: monitoring.serverType as ServerTypeName,
    storageGb: monitoring.storageGb,
    retentionDays: monitoring.retentionDays,
    receivers: receiversOf(config),
    watchedFrom: platform.watchedFrom,
    probes: monitoring.probes,
    ...(monitoring.grafanaImage ? { grafanaImage: monitoring.grafanaImage } : {}),
    generation: monitoring.generation,
  });
}
