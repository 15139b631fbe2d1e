import { secretToken } from "../host/secret-token.ts";
import { ports } from "../ports.ts";
import { type PostgresClientSpec, type PostgresLogin, pooledDatabases } from "../postgres/client.ts";
import { type RedisClientSpec, redisInstances, redisSecrets, redisUsers } from "../redis/client.ts";
import { instancePorts } from "../redis/spec.ts";
import { replicationUrl } from "./appd.ts";
import type { Workload } from "./workload.ts";

export interface EnvironmentSpec {
  readonly workload: Workload;
  readonly postgres?: PostgresClientSpec | undefined;
  readonly redis?: RedisClientSpec | undefined;
}

/** Name of the secret token with the value of a variable. One to one: variables have no lower case and no hyphen. */
export function environmentSecret(variable: string): string {
  return `env.${variable.toLowerCase().replaceAll("_", "-")}`;
}

/** A value as it stands between the double quotes of a file that systemd's `EnvironmentFile=` reads. */
export function quoteEnvironment(value: string): string {
  if (value.includes("\0")) throw new Error("the value of an environment variable cannot hold a NUL character");
  return value.replace(/[\\"`$]/g, "\\$&");
}

function databaseVariables(postgres: PostgresClientSpec, migrations: boolean): [string, string][] {
  const names = pooledDatabases(postgres);
  const url = (login: PostgresLogin, database: string) =>
    `postgresql://${login.name}:${secretToken(login.passwordSecret)}@127.0.0.1:${ports.pgbouncer}/${database}?sslmode=disable`;
  return [
    ["DATABASE_URL", url(postgres.user, names.readWrite)],
    ["DATABASE_READ_URL", url(postgres.user, names.readOnly)],
    ["DATABASE_LAG_URL", replicationUrl],
    ...(migrations ? [["DATABASE_OWNER_URL", url(postgres.owner, names.readWrite)] as [string, string]] : []),
  ];
}

/**
 * Variables of the workload, by name, values unquoted. Addresses are on loopback: PgBouncer and HAProxy of the same
 * server lead on, over TLS.
 */
export function workloadEnvironment({ workload, postgres, redis }: EnvironmentSpec): [string, string][] {
  return [
    ["HOST", "127.0.0.1"],
    ["PORT", String(workload.port ?? ports.workload)],
    ...(postgres ? databaseVariables(postgres, workload.migrations ?? false) : []),
    ...(redis
      ? redisInstances.map((instance): [string, string] => [
          `REDIS_${instance.toUpperCase()}_URL`,
          `redis://${redisUsers.application}:${secretToken(redisSecrets[instance])}@127.0.0.1:${instancePorts[instance]}/0`,
        ])
      : []),
    ...Object.entries(workload.env ?? {}),
  ];
}

/** The workload's environment file. Values of `secretEnv` are put in already quoted (see `quoteEnvironment`). */
export function renderEnvironmentFile(spec: EnvironmentSpec): string {
  const lines = workloadEnvironment(spec).map(([name, value]) => `${name}="${quoteEnvironment(value)}"\n`);
  const secrets = (spec.workload.secretEnv ?? []).map((name) => `${name}="${secretToken(environmentSecret(name))}"\n`);
  return [...lines, ...secrets].join("");
}

/** Names of all variables, for a container that is to see nothing else of its unit's environment. */
export function variableNames(spec: EnvironmentSpec): string[] {
  return [...workloadEnvironment(spec).map(([name]) => name), ...(spec.workload.secretEnv ?? [])];
}
