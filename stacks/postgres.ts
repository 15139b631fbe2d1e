import * as pulumi from "@pulumi/pulumi";
import type { ServerTypeName } from "../catalogue/hetzner/server-types.ts";
import type { Platform } from "../components/host/platform.ts";
import { type BackupArgs, PostgresCluster } from "../components/postgres/cluster.ts";
import { totalNodes } from "../components/postgres/members.ts";
import type { StackConfig } from "./config/schema.ts";
import type { Places } from "./places.ts";

/** Postgres as the configuration has it, over all locations that have nodes. */
export function createPostgres(config: StackConfig, places: Places, platform: Platform): PostgresCluster {
  const { backup, restore, serverType, witness: _, nodes: __, classes: ___, ...rest } = config.postgres;
  const { [places.primary]: nodes, ...elsewhere } = places.nodes;
  return new PostgresCluster(`${platform.name}-postgres`, {
    platform,
    ...rest,
    nodes: nodes!,
    elsewhere,
    witness: places.witness ?? false,
    serverType: serverType as ServerTypeName,
    ...(backup ? { backup: backupArgs(backup) } : {}),
    ...(restore ? { restore: restore.target === undefined ? {} : { target: restore.target } } : {}),
  });
}

/** What the stack's outputs say of losing a machine or a location. */
export function durabilityOf({ postgres }: StackConfig, { nodes }: Places): { mode: string; rpo: string } {
  const { durability } = postgres;
  const places = Object.keys(nodes).length;
  const machines = totalNodes(nodes);
  if (machines === 1) return { mode: durability, rpo: "one machine: what is on its volume, else the last backup" };
  if (durability === "low-latency") {
    const rest = places > 1 ? "a lost machine or location" : "a lost machine";
    return {
      mode: durability,
      rpo: `${rest} takes what had not reached a replica: milliseconds of writes as a rule; at worst the last 2 s and 1 MB of WAL, since a replica further behind does not take over`,
    };
  }
  return {
    mode: durability,
    rpo:
      places > 1
        ? "0 for the loss of any one location: a commit is on disk in two locations before it is acknowledged"
        : "0 for the loss of any one machine: a commit is on disk on two machines before it is acknowledged; for that of the location: the last backup",
  };
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
