import { resolve } from "node:path";
import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import type { LoadBalancerTypeName } from "../catalogue/hetzner/load-balancer-types.ts";
import type { LocationName } from "../catalogue/hetzner/locations.ts";
import type { ServerTypeName } from "../catalogue/hetzner/server-types.ts";
import { AppServers } from "../components/app/app-servers.ts";
import { objectStorageCost, totalCost } from "../components/cost.ts";
import type { Host } from "../components/host/host.ts";
import type { Platform } from "../components/host/platform.ts";
import type { Certificate } from "../components/load-balancer/certificate.ts";
import { LoadBalancer } from "../components/load-balancer/load-balancer.ts";
import { Monitoring } from "../components/monitoring/monitoring.ts";
import type { MonitoredHost } from "../components/monitoring/topology.ts";
import type { SubnetRole } from "../components/network/plan.ts";
import { type BackupArgs, PostgresCluster } from "../components/postgres/cluster.ts";
import { Redis } from "../components/redis/redis.ts";
import type { StackConfig } from "./config/schema.ts";
import { foresee } from "./foresight.ts";
import { createPlatform, type StackPlatform } from "./platform.ts";
import { providerApi } from "./provider-api.ts";
import { receiversOf } from "./receivers.ts";
import { holdUntilServing } from "./serving.ts";
import { workloadOf } from "./workload.ts";

/** The repository: files of the configuration are relative to it. */
const root = resolve(import.meta.dirname, "..");

/** Backups run every few hours; one that is older than this is worth a look. */
const backupMaxAgeHours = 26;

/** The parts of a topology. */
export interface SingleRegion {
  readonly platform: StackPlatform;
  readonly zone: hcloud.Zone | undefined;
  readonly loadBalancer: LoadBalancer;
  readonly app: AppServers;
  readonly postgres: PostgresCluster;
  readonly redis: Redis;
  readonly monitoring: Monitoring;
  readonly hosts: readonly Host[];
}

/** Everything in one location: app servers, database, sessions and cache, entrance and monitoring. */
export function createSingleRegion(config: StackConfig, name: string): SingleRegion {
  const location = config.location as LocationName;
  const roles: readonly SubnetRole[] = [
    "load-balancer",
    "app",
    "postgres",
    "redis",
    "monitoring",
    ...((config.postgres.witness ?? config.postgres.nodes === 2) ? (["etcd"] as const) : []),
  ];
  const platform = createPlatform(config, name, {
    monitored: [location],
    roles: (place) => (place === location ? roles : []),
  });
  const postgres = createPostgres(config, platform);
  const redis = new Redis(`${name}-redis`, {
    platform,
    ...config.redis,
    serverType: config.redis.serverType as ServerTypeName,
  });
  const app = createAppServers(config, platform, postgres, redis);
  const zone = createZone(config, platform);
  const loadBalancer = new LoadBalancer(`${name}-load-balancer`, {
    platform,
    type: config.loadBalancer.type as LoadBalancerTypeName,
    algorithm: config.loadBalancer.algorithm,
    certificates: certificatesOf(config),
    targetSelector: app.labelSelector,
    // Servers that are being replaced stand beside their successors.
    maxTargets: 2 * app.maxServers,
    ...(config.dns
      ? { dns: { zone: zone?.name ?? config.dns.zone, names: [relativeName(config.domain, config.dns.zone)] } }
      : {}),
  });
  const others = [...app.hosts, ...postgres.hosts, ...redis.hosts];
  const monitoring = createMonitoring(config, platform, others);
  // App servers last: there, one more shifts no other in the outputs.
  return {
    platform,
    zone,
    loadBalancer,
    app,
    postgres,
    redis,
    monitoring,
    hosts: [...postgres.hosts, ...redis.hosts, monitoring.host, ...app.hosts],
  };
}

/** The stack's outputs. */
export async function singleRegion(config: StackConfig): Promise<Record<string, unknown>> {
  await lookAhead(config);
  const { platform, zone, loadBalancer, app, hosts, monitoring } = createSingleRegion(config, pulumi.getStack());
  const unknown = platform.exceptionProblems();
  if (unknown.length) throw new pulumi.RunError(unknown.join("\n"));
  await holdUntilServing(loadBalancer, app, config.app.waitMinutes);
  const costs = [
    ...loadBalancer.costs,
    ...hosts.flatMap((host) => host.costs),
    ...(config.postgres.backup ? [objectStorageCost(config.postgres.backup.bucket)] : []),
  ];
  const pending = hosts.map((host) => host.rolloutPending.apply((behind) => (behind ? [host.hostname] : [])));
  return {
    url: `${config.loadBalancer.certificate.kind === "none" ? "http" : "https"}://${config.domain}`,
    loadBalancer: { ipv4: loadBalancer.ipv4, ipv6: loadBalancer.ipv6 },
    ...(zone ? { nameServers: zone.authoritativeNameservers.apply((servers) => servers.assigneds) } : {}),
    hosts: hosts.map((host) => ({
      name: host.hostname,
      role: host.role,
      serverType: host.serverType,
      privateAddress: host.privateAddress,
      publicAddress: host.server.ipv4Address,
    })),
    monitoring: { prometheus: monitoring.prometheusUrl, alertmanager: monitoring.alertmanagerUrl },
    ...(monitoring.grafanaPassword ? { grafanaPassword: monitoring.grafanaPassword } : {}),
    monthlyCost: totalCost(costs),
    pendingRollouts: pulumi.all(pending).apply((names) => names.flat()),
  };
}

/** @throws RunError before anything is touched, when the provider would refuse half way */
async function lookAhead({ app, postgres, redis, monitoring, location }: StackConfig): Promise<void> {
  const wanted = new Map(
    Object.entries({ app, postgres, redis, monitoring }).map(([role, { serverType }]) => [role, serverType]),
  );
  const { problems, warnings } = await foresee(providerApi(), pulumi.getStack(), location, wanted);
  for (const warning of warnings) await pulumi.log.warn(warning);
  if (problems.length) throw new pulumi.RunError(problems.join("\n"));
}

function createPostgres(config: StackConfig, platform: Platform): PostgresCluster {
  const { backup, restore, serverType, witness, ...rest } = config.postgres;
  return new PostgresCluster(`${platform.name}-postgres`, {
    platform,
    ...rest,
    serverType: serverType as ServerTypeName,
    ...(witness === undefined ? {} : { witness }),
    ...(backup ? { backup: backupArgs(backup) } : {}),
    ...(restore ? { restore: restore.target === undefined ? {} : { target: restore.target } } : {}),
  });
}

/** Where the config has no keys of the store, the environment has: a CI job's secrets, for instance. */
function backupArgs(backup: Exclude<StackConfig["postgres"]["backup"], false>): BackupArgs {
  const key = (configured: string | undefined, setting: string, variable: string): pulumi.Output<string> => {
    const value = configured ?? process.env[variable];
    if (value) return pulumi.secret(value);
    throw new pulumi.RunError(
      `postgres.backup.${setting}: is missing; set it with: pulumi config set --secret --path 'sovereign:postgres.backup.${setting}' (or in the environment variable ${variable}), or turn backups off with: backup: false`,
    );
  };
  const [endpoint, port] = backup.endpoint.split(":");
  return {
    endpoint: endpoint!,
    ...(port === undefined ? {} : { port: Number(port) }),
    region: backup.region,
    bucket: backup.bucket,
    retentionFull: backup.fullBackups,
    ...(backup.authority === undefined ? {} : { caCertificate: backup.authority }),
    accessKey: key(backup.accessKey, "accessKey", "BACKUP_ACCESS_KEY"),
    secretKey: key(backup.secretKey, "secretKey", "BACKUP_SECRET_KEY"),
  };
}

/** The zone outlives mistakes: with it go the records of everything else in it. */
function createZone({ dns }: StackConfig, platform: Platform): hcloud.Zone | undefined {
  if (!dns?.create) return undefined;
  const protect = platform.isProtected(dns.zone);
  return new hcloud.Zone(
    `${platform.name}-zone`,
    { name: dns.zone, mode: "primary", labels: { ...platform.labels }, deleteProtection: protect },
    { protect },
  );
}

/** A name as it stands in its zone: `@` for the zone itself. */
const relativeName = (domain: string, zone: string): string =>
  domain === zone ? "@" : domain.slice(0, -zone.length - 1);

function certificatesOf(config: StackConfig): readonly Certificate[] | "none" {
  const { certificate } = config.loadBalancer;
  switch (certificate.kind) {
    case "managed":
      return [{ kind: "managed", domainNames: [config.domain] }];
    case "uploaded":
      return [certificate];
    case "none":
      return "none";
  }
}

const minServers = ({ app }: StackConfig): number => app.minServers ?? Math.min(2, app.servers);
const maxServers = ({ app }: StackConfig): number => app.maxServers ?? Math.max(4, app.servers);

function createAppServers(
  config: StackConfig,
  platform: Platform,
  postgres: PostgresCluster,
  redis: Redis,
): AppServers {
  const { app } = config;
  return new AppServers(`${platform.name}-app`, {
    platform,
    servers: app.servers,
    minServers: minServers(config),
    maxServers: maxServers(config),
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

function createMonitoring(config: StackConfig, platform: StackPlatform, hosts: readonly Host[]): Monitoring {
  const { monitoring, postgres, redis } = config;
  return new Monitoring(`${platform.name}-monitoring`, {
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
    minAppServers: minServers(config),
    postgres: { members: postgres.nodes, zeroLoss: postgres.durability === "zero-loss", backupMaxAgeHours },
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
