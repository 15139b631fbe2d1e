import type { RedisEngine, RedisInstance } from "./client.ts";

/** Names that Debian 13 gives to an engine's programs, units and places. */
export interface EngineFacts {
  readonly packages: readonly string[];
  readonly sentinelPackage: string;
  readonly server: string;
  readonly sentinel: string;
  readonly cli: string;
  /** Environment variable from which the command line client takes a password. */
  readonly cliPasswordVariable: string;
  /** Owner of the processes and of their data; user and group alike. */
  readonly user: string;
  /** Home of the user: the directory on the data volume, and the only one that the units may write to. */
  readonly dataDirectory: string;
  /** The instance that the package starts by itself. */
  readonly defaultUnit: string;
  readonly sentinelUnit: string;
  unit(instance: RedisInstance): string;
}

function facts(name: "valkey" | "redis"): EngineFacts {
  return {
    packages: [`${name}-server`, `${name}-tools`],
    sentinelPackage: `${name}-sentinel`,
    server: `/usr/bin/${name}-server`,
    sentinel: `/usr/bin/${name}-sentinel`,
    cli: `/usr/bin/${name}-cli`,
    cliPasswordVariable: "REDISCLI_AUTH",
    user: name,
    dataDirectory: `/var/lib/${name}`,
    defaultUnit: `${name}-server.service`,
    sentinelUnit: `${name}-sentinel.service`,
    unit: (instance) => `${name}-server@${instance}.service`,
  };
}

export const engines: Readonly<Record<RedisEngine, EngineFacts>> = { valkey: facts("valkey"), redis: facts("redis") };
