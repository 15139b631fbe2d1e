import * as pulumi from "@pulumi/pulumi";
import { limits } from "../../catalogue/hetzner/limits.ts";
import { findServerType, type ServerTypeName } from "../../catalogue/hetzner/server-types.ts";
import { Host, type HostArgs } from "../host/host.ts";
import { PlacementGroups } from "../host/placement.ts";
import { hostName, type Platform } from "../host/platform.ts";
import { type PostgresClientSpec, poolSizes } from "../postgres/client.ts";
import type { RedisClientSpec } from "../redis/client.ts";
import { environmentSecret, quoteEnvironment } from "./environment.ts";
import type { NginxSpec } from "./nginx.ts";
import { type AppServerSpec, appServerRoles } from "./roles.ts";
import { type Workload, workloadProblems } from "./workload.ts";
import { registryAuthSecret } from "./workload-role.ts";

/** A part with data, as its component shows itself to clients. */
interface ClientOf<Spec> {
  readonly client: Spec;
  /** Values of the secrets that `client` names. */
  readonly clientSecrets: Readonly<Record<string, pulumi.Input<string>>>;
}

export interface AppServersArgs {
  readonly platform: Platform;
  /** Servers now, 1 to 40. A change adds or removes the last ones, in place for the others. @default 2 */
  readonly servers?: number;
  /** Fewer healthy ones raise an alert. @default 2, or `servers` if that is less */
  readonly minServers?: number;
  /** The most there will be: Postgres' connections are divided by it, so a change replaces every server. @default 4, or `servers` if that is more */
  readonly maxServers?: number;
  /** App servers in all locations that Postgres' connections are divided by. A change replaces every server. @default maxServers */
  readonly postgresClients?: number;
  /**
   * Changed in place, with a power-off of all servers at once. Together with a change that replaces them (a release), the new
   * servers are made first, with the new type. @default "cpx32"
   */
  readonly serverType?: ServerTypeName;
  /** What runs. A change replaces every server: the new ones are created before the old ones are drained and deleted. */
  readonly workload: Workload;
  /** Values of environment variables that are secrets. A change replaces every server. @default none */
  readonly secretEnv?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Password of `workload.registryUser`. */
  readonly registryPassword?: pulumi.Input<string>;
  /** Leads to its primary and replicas by DATABASE_URL and DATABASE_READ_URL. @default none */
  readonly postgres?: ClientOf<PostgresClientSpec>;
  /** Leads to its masters by REDIS_SESSIONS_URL and REDIS_CACHE_URL. @default none */
  readonly redis?: ClientOf<RedisClientSpec>;
  /** Largest request body, MB. Replaces the servers. @default 10 */
  readonly maxBodyMb?: number;
  /** Longest time until the workload begins to answer, s. Replaces the servers. @default 60 */
  readonly requestTimeoutSeconds?: number;
  /** From /healthz saying 503 to the first thing that stops, s; longer than the load balancer needs to notice. Replaces the servers. @default 15 */
  readonly drainSeconds?: number;
  /** Files that nginx serves itself, below a path such as /assets. Replaces the servers. @default none */
  readonly staticFiles?: NginxSpec["staticFiles"];
  readonly labels?: Readonly<Record<string, string>>;
  readonly transform?: HostArgs["transform"];
}

/** While all are replaced there are twice as many (`serversInRelease`), and a network takes 100 with what else is in it. */
const mostServers = 40;
const serversInRelease = 2;
const plainPath = /^(\/[\w.-]+)+$/;

/** The arguments with their defaults, as far as the machines' files are made from them. */
export function appServerSpec(args: AppServersArgs, loadBalancerRanges: readonly string[]): AppServerSpec {
  const servers = args.servers ?? 2;
  return {
    workload: { ...args.workload, secretEnv: Object.keys(args.secretEnv ?? {}).sort() },
    postgres: args.postgres?.client,
    redis: args.redis?.client,
    loadBalancerRanges,
    maxServers: args.maxServers ?? Math.max(4, servers),
    postgresClients: args.postgresClients ?? args.maxServers ?? Math.max(4, servers),
    location: args.platform.location,
    maxBodyMb: args.maxBodyMb ?? 10,
    requestTimeoutSeconds: args.requestTimeoutSeconds ?? 60,
    drainSeconds: args.drainSeconds ?? 15,
    staticFiles: args.staticFiles,
  };
}

function rangeProblems(
  values: Readonly<Record<string, readonly [value: number, least: number, most: number]>>,
): string[] {
  return Object.entries(values)
    .filter(([, [value, least, most]]) => !(Number.isInteger(value) && value >= least && value <= most))
    .map(([name, [value, least, most]]) => `${name}: ${value} is not a whole number from ${least} to ${most}`);
}

/** Everything wrong with the arguments, each with the field; empty when nothing is. */
export function appServersProblems(args: AppServersArgs, hostsPerSubnet: number): string[] {
  const { servers = 2, serverType = "cpx32", staticFiles } = args;
  const spec = appServerSpec(args, []);
  const most = Math.min(mostServers, Math.floor(hostsPerSubnet / serversInRelease));
  const problems = rangeProblems({
    servers: [servers, 1, most],
    minServers: [args.minServers ?? Math.min(2, servers), 1, servers],
    maxServers: [spec.maxServers, servers, most],
    maxBodyMb: [spec.maxBodyMb, 1, 10_000],
    requestTimeoutSeconds: [spec.requestTimeoutSeconds, 1, 3600],
    drainSeconds: [spec.drainSeconds, 0, 120],
  });
  if (most < mostServers && spec.maxServers > most) {
    problems.push(
      `the app servers' subnet has ${hostsPerSubnet} addresses, and a release needs ${serversInRelease} for each server: ${most} servers are the most; use a larger network range, or lower servers and maxServers`,
    );
  }
  if (!findServerType(serverType)) problems.push(`serverType: ${JSON.stringify(serverType)} is not known`);
  for (const [field, value] of Object.entries(staticFiles ?? {})) {
    if (!plainPath.test(value) || value.split("/").includes("..")) {
      problems.push(`staticFiles.${field}: ${JSON.stringify(value)} is not a plain path such as /assets`);
    }
  }
  for (const name of args.workload.secretEnv ?? []) {
    if (!(name in (args.secretEnv ?? {}))) problems.push(`workload.secretEnv: ${name} has no value in secretEnv`);
  }
  const registryUser = args.workload.kind === "container" && args.workload.registryUser !== undefined;
  if (registryUser !== (args.registryPassword !== undefined)) {
    problems.push("registryPassword: goes together with workload.registryUser");
  }
  if (args.postgres && problems.length === 0) {
    try {
      poolSizes(args.postgres.client.maxConnections, spec.postgresClients);
    } catch (error) {
      problems.push(`maxServers: ${(error as Error).message}`);
    }
  }
  return [...problems, ...workloadProblems(spec.workload).map((problem) => `workload.${problem}`)];
}

/**
 * Stateless servers that run the workload behind nginx, each with its own PgBouncer and HAProxy that lead to Postgres
 * and Redis: nothing single stands between the workload and its data.
 *
 * Cost: the server type and 0.50 EUR for IPv4, each month, for each server.
 *
 * @throws RunError with every problem of the arguments
 */
export class AppServers extends pulumi.ComponentResource {
  readonly hosts: readonly Host[];
  readonly minServers: number;
  readonly maxServers: number;
  /** Selects these servers, those being replaced and their successors included: for the load balancer. */
  readonly labelSelector: string;

  constructor(name: string, args: AppServersArgs, opts?: pulumi.ComponentResourceOptions) {
    const { platform, servers = 2, serverType = "cpx32" } = args;
    const problems = appServersProblems(args, platform.network.plan.hostsPerSubnet);
    if (problems.length) throw new pulumi.RunError(`${name}: ${problems.join("; ")}`);
    super("sovereign:app:AppServers", name, {}, opts);

    const spec = appServerSpec(args, platform.network.ranges("load-balancer"));
    this.minServers = args.minServers ?? Math.min(2, servers);
    this.maxServers = spec.maxServers;
    const selected = { ...platform.labels, role: "app", location: platform.location };
    this.labelSelector = Object.entries(selected)
      .map(([key, value]) => `${key}=${value}`)
      .join(",");
    const roles = appServerRoles(spec);
    const secrets = this.#secrets(args);
    const placement = new PlacementGroups(
      name,
      { count: servers, perGroup: limits.serversPerPlacementGroup / 2, labels: { ...platform.labels } },
      { parent: this },
    );
    this.hosts = Array.from({ length: servers }, (_, index) => {
      const ordinal = index + 1;
      return new Host(
        hostName(platform, "app", ordinal),
        {
          platform,
          role: "app",
          ordinal,
          serverType,
          state: { kind: "stateless" },
          roles,
          secrets,
          placementGroupId: placement.idFor(ordinal),
          labels: { ...args.labels, ...selected },
          ...(args.transform ? { transform: args.transform } : {}),
        },
        { parent: this },
      );
    });
    this.registerOutputs({ servers, labelSelector: this.labelSelector });
  }

  #secrets(args: AppServersArgs): Record<string, pulumi.Output<string>> {
    const { workload, secretEnv = {}, registryPassword } = args;
    const variables = Object.entries(secretEnv).map(([name, value]) => [
      environmentSecret(name),
      pulumi.secret(pulumi.output(value).apply(quoteEnvironment)),
    ]);
    const registry =
      workload.kind === "container" && registryPassword !== undefined
        ? pulumi.output(registryPassword).apply((p) => Buffer.from(`${workload.registryUser}:${p}`).toString("base64"))
        : undefined;
    return {
      ...Object.fromEntries(variables),
      ...Object.fromEntries(
        Object.entries({ ...args.postgres?.clientSecrets, ...args.redis?.clientSecrets }).map(([name, value]) => [
          name,
          pulumi.secret(value),
        ]),
      ),
      ...(registry ? { [registryAuthSecret]: pulumi.secret(registry) } : {}),
    };
  }
}
