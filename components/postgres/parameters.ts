import { tlsPaths } from "../pki/paths.ts";
import { sizeFor } from "./sizing.ts";
import { type ParameterValue, type PostgresSpec, postgresPaths, stanza } from "./spec.ts";

/**
 * Parameters that the machine's size decides. They stand in each machine's own configuration, so that machines of two sizes can stand
 * side by side while a change is rolled out; all others are the cluster's, kept in etcd.
 */
const localParameters = new Set([
  "shared_buffers",
  "effective_cache_size",
  "work_mem",
  "maintenance_work_mem",
  "max_parallel_workers",
  "max_parallel_workers_per_gather",
  "max_parallel_maintenance_workers",
]);

/** Not to be overridden: durability, failover, encryption and backups rest on them. */
const fixedParameters: Readonly<Record<string, string>> = {
  archive_command: "backup",
  archive_mode: "backup",
  cluster_name: "",
  data_directory: "",
  fsync: "",
  full_page_writes: "",
  hba_file: "",
  hot_standby: "",
  ident_file: "",
  listen_addresses: "",
  password_encryption: "",
  port: "",
  primary_conninfo: "",
  restore_command: "backup",
  ssl: "",
  ssl_ca_file: "",
  ssl_cert_file: "",
  ssl_key_file: "",
  ssl_min_protocol_version: "",
  synchronous_commit: "durability",
  synchronous_standby_names: "durability",
  unix_socket_directories: "",
  wal_level: "",
  wal_log_hints: "",
};

const memory = (mb: number): string => (mb % 1024 === 0 ? `${mb / 1024}GB` : `${mb}MB`);
const gb = 1024;

/** Why overrides cannot be taken, one message each. */
export function parameterProblems(parameters: Readonly<Record<string, ParameterValue>>): string[] {
  return Object.entries(parameters).flatMap(([name, value]) => {
    if (!/^[a-z][a-z0-9_.]*$/.test(name))
      return [`parameters: ${JSON.stringify(name)} is not a name of a PostgreSQL parameter`];
    const instead = fixedParameters[name];
    if (instead !== undefined) {
      return [
        `parameters.${name} is set by the cluster${instead ? `: use "${instead}" instead` : " and cannot be overridden"}`,
      ];
    }
    if (name === "max_connections" && !(Number.isInteger(value) && Number(value) >= 25 && Number(value) <= 10_000)) {
      return ["parameters.max_connections: expected a whole number from 25 to 10000"];
    }
    const text = String(value);
    if (text.length > 1000 || /[^\x20-\x7e]/.test(text)) {
      return [`parameters.${name}: expected at most 1000 printable ASCII characters on one line`];
    }
    return [];
  });
}

function defaults(spec: PostgresSpec): Record<string, ParameterValue> {
  const size = sizeFor(spec.machine);
  const storageMb = spec.storageGb * gb;
  const maxWalMb = Math.max(gb, Math.min(16 * gb, Math.floor(storageMb / 10)));
  return {
    shared_buffers: memory(size.sharedBuffersMb),
    effective_cache_size: memory(size.effectiveCacheSizeMb),
    work_mem: memory(size.workMemMb),
    maintenance_work_mem: memory(size.maintenanceWorkMemMb),
    max_parallel_workers: size.maxParallelWorkers,
    max_parallel_workers_per_gather: size.maxParallelWorkersPerGather,
    max_parallel_maintenance_workers: size.maxParallelMaintenanceWorkers,

    max_connections: size.maxConnections,
    max_worker_processes: size.maxWorkerProcesses,
    max_wal_senders: 16,
    max_replication_slots: 16,
    wal_level: "replica",
    wal_log_hints: true,
    wal_compression: true,
    // A lost primary is rewound from the last checkpoint both had, usually not further back: with less the segments it needs are gone.
    wal_keep_size: spec.parameters?.max_wal_size ?? memory(maxWalMb),
    // A replica that stays away must not fill the primary's volume; it is copied anew when it comes back.
    max_slot_wal_keep_size: memory(Math.floor(storageMb / 4)),
    wal_sender_timeout: "5s",
    wal_receiver_timeout: "5s",
    // With zero-loss no write is confirmed before a standby streams from the new primary: 5 s is the default between two tries.
    wal_retrieve_retry_interval: "500ms",
    hot_standby: true,
    max_wal_size: memory(maxWalMb),
    min_wal_size: memory(Math.floor(maxWalMb / 4)),
    checkpoint_timeout: "15min",
    checkpoint_completion_target: 0.9,
    random_page_cost: 1.1,
    effective_io_concurrency: 200,
    shared_preload_libraries: "pg_stat_statements",
    track_io_timing: true,

    password_encryption: "scram-sha-256",
    ssl: true,
    ssl_ca_file: tlsPaths.ca,
    ssl_cert_file: tlsPaths.certificate,
    ssl_key_file: tlsPaths.key,
    ssl_min_protocol_version: "TLSv1.3",
    unix_socket_directories: postgresPaths.socket,
    tcp_keepalives_idle: 30,
    tcp_keepalives_interval: 5,
    tcp_keepalives_count: 3,
    idle_in_transaction_session_timeout: "5min",

    logging_collector: false,
    log_destination: "stderr",
    log_line_prefix: "%q%u@%d %h ",
    log_checkpoints: true,
    log_lock_waits: true,
    log_autovacuum_min_duration: "10s",
    log_min_duration_statement: "1s",
    // Values bound to statements are people's data: they stay out of the journal.
    log_parameter_max_length: 0,
    log_parameter_max_length_on_error: 0,
    log_timezone: "UTC",
    timezone: "UTC",

    archive_mode: spec.backup !== undefined,
    ...(spec.backup
      ? { archive_command: `pgbackrest --stanza=${stanza} archive-push "%p"`, archive_timeout: "60s" }
      : {}),
  };
}

/** postgresql.conf in two parts: what each machine decides, and what the cluster shares. */
export function postgresParameters(spec: PostgresSpec): {
  local: Record<string, ParameterValue>;
  shared: Record<string, ParameterValue>;
} {
  const all = Object.entries({ ...defaults(spec), ...spec.parameters });
  const pick = (local: boolean) => Object.fromEntries(all.filter(([name]) => localParameters.has(name) === local));
  return { local: pick(true), shared: pick(false) };
}

/** `max_connections` in force, overrides included: what pools are cut from. */
export function maxConnections(spec: Pick<PostgresSpec, "machine" | "parameters">): number {
  return Number(spec.parameters?.max_connections ?? sizeFor(spec.machine).maxConnections);
}
