import type { PostgresLogin, PostgresNode } from "./client.ts";
import type { MachineSize } from "./sizing.ts";

/**
 * What an acknowledged commit means when the primary's machine is lost.
 *
 * - `zero-loss`: a commit is acknowledged once a second machine has it on disk (Patroni's `synchronous_mode`:
 *   `quorum`, with four or more nodes `true`; strict), so a failover loses none (RPO 0). Each commit waits for one round trip to a standby,
 *   and writes stop while no standby is reachable: with two nodes, whenever one of them is down; with three or more, only
 *   when the primary is alone.
 * - `low-latency`: a commit is acknowledged once the primary has it on disk, and streamed at once. A failover loses what had not
 *   arrived yet: with a healthy replica milliseconds of writes, at worst what was written since Patroni last looked
 *   (2 s) plus 1 MB of WAL (`maximum_lag_on_failover`: a replica further behind is not promoted). Writes go on without replicas.
 *
 * With a single node both mean the same: commits are on the volume's disk when acknowledged.
 */
export type Durability = "zero-loss" | "low-latency";

/** A value that postgresql.conf can hold. */
export type ParameterValue = string | number | boolean;

/** Where and how pgBackRest keeps backups. Values of the secrets are not part of it. */
export interface BackupSpec {
  /** Host name of the S3-compatible store. Not an address: pgBackRest checks the certificate against the name. */
  readonly endpoint: string;
  /** @default 443 */
  readonly port?: number;
  readonly bucket: string;
  readonly region: string;
  /** `path` puts the bucket into the path, `host` into the host name. @default "path" */
  readonly uriStyle?: "path" | "host";
  /** PEM of the authority that signed the store's certificate, where the machine's own list does not have it. */
  readonly caCertificate?: string;
  /** Full backups kept, with everything that depends on them. @default 4 */
  readonly retentionFull?: number;
  /** Differential backups kept. @default 6 */
  readonly retentionDifferential?: number;
  readonly schedule?: BackupSchedule;
}

/** systemd calendar expressions, UTC. */
export interface BackupSchedule {
  /** @default "Sun *-*-* 01:30:00 UTC" */
  readonly full?: string;
  /** @default "Mon..Sat *-*-* 01:30:00 UTC" */
  readonly differential?: string;
  /** @default "*-*-* 00/4:00:00 UTC" */
  readonly incremental?: string;
}

/** Where a new cluster takes its data from, instead of starting empty. */
export interface RestoreSpec {
  /** Point in time to stop at, such as `2026-11-20 14:30:00+00`. @default the end of the archived WAL */
  readonly target?: string;
}

/** A cluster, as every file on its machines sees it. */
export interface PostgresSpec {
  /** Patroni's scope and the path in the backup store: the stack's name and role, never changed. */
  readonly cluster: string;
  readonly nodes: readonly PostgresNode[];
  /** Members of etcd: one with one node, three otherwise. Their nodes are those that confirm commits. */
  readonly etcd: readonly PostgresNode[];
  /** Name of the node that makes the cluster when there is none. */
  readonly founder: string;
  readonly machine: MachineSize;
  /** GB for PostgreSQL on the data volume. */
  readonly storageGb: number;
  readonly durability: Durability;
  readonly database: string;
  readonly user: PostgresLogin;
  readonly owner: PostgresLogin;
  /** Private ranges of the machines that log in to the application's database. */
  readonly appRanges: readonly string[];
  /** Private ranges of the nodes themselves. */
  readonly postgresRanges: readonly string[];
  /** Last word on postgresql.conf. */
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
  readonly backup?: BackupSpec;
  readonly restore?: RestoreSpec;
}

/** Logins of the cluster's own, made by Patroni or by `roles.sql`. */
export const systemLogins = {
  superuser: { name: "postgres", passwordSecret: "postgres.superuser" },
  replication: { name: "replicator", passwordSecret: "postgres.replication" },
  /** A failed primary cannot come back without it: it would stay on its own timeline and serve stale rows. */
  rewind: { name: "rewinder", passwordSecret: "postgres.rewind" },
  /** Writing calls of Patroni's REST API. */
  restApi: { name: "patroni", passwordSecret: "postgres.rest-api" },
} as const satisfies Record<string, PostgresLogin>;

/** The exporter logs in over the socket as its system user: no password. */
export const exporterLogin = "postgres_exporter";

/** Names of the secrets of backups. */
export const backupSecrets = {
  accessKey: "postgres.backup-access-key",
  secretKey: "postgres.backup-secret-key",
  cipher: "postgres.backup-cipher",
} as const;

export const defaultLogins = {
  user: { name: "app", passwordSecret: "postgres.app" },
  owner: { name: "app_owner", passwordSecret: "postgres.owner" },
} as const satisfies Record<string, PostgresLogin>;

/** Places on a machine, once. */
export const postgresPaths = {
  data: "/var/lib/postgresql",
  dataDirectory: "/var/lib/postgresql/17/main",
  binaries: "/usr/lib/postgresql/17/bin",
  socket: "/var/run/postgresql",
  patroniConfig: "/etc/patroni/config.yml",
  dynamicConfig: "/etc/patroni/dynamic.yml",
  rolesSql: "/etc/patroni/roles.sql",
  rolesSecrets: "/etc/patroni/roles.env",
  pgbackrestConfig: "/etc/pgbackrest/pgbackrest.conf",
  backupAuthority: "/etc/pgbackrest/store-ca.crt",
  etcdConfig: "/etc/etcd/etcd.yml",
  etcdData: "/var/lib/etcd",
  scripts: "/usr/local/lib/sovereign",
  restoreCommand: "/usr/local/sbin/sovereign-postgres-restore",
  restoreLock: "/run/sovereign-postgres-restore.lock",
} as const;

/** pgBackRest's name for the one database cluster on these machines. */
export const stanza = "main";
