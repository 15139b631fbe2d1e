import type { Role } from "../host/role.ts";
import { secretToken } from "../host/secret-token.ts";
import { tlsPaths } from "../pki/paths.ts";
import { ports } from "../ports.ts";
import { type PoolSizes, type PostgresClientSpec, pooledDatabases, poolSizes } from "./client.ts";

/** Clients of one app server's PgBouncer: they queue for server connections, so this may be far larger than the pools. */
const maxClients = 2000;

/** `/etc/pgbouncer/pgbouncer.ini` of an app server: HAProxy on the same machine leads to the primary and to the replicas. */
export function renderPgbouncer(client: PostgresClientSpec, pool: PoolSizes): string {
  const names = pooledDatabases(client);
  const database = (name: string, port: number, size: number) =>
    `${name} = host=127.0.0.1 port=${port} dbname=${client.database} pool_size=${size} max_db_connections=${size} application_name=pgbouncer`;
  return `[databases]
${database(names.readWrite, ports.localPrimary, pool.readWrite)}
${database(names.readOnly, ports.localReplicas, pool.readOnly)}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${ports.pgbouncer}
unix_socket_dir = /var/run/postgresql
auth_type = scram-sha-256
auth_file = /etc/pgbouncer/userlist.txt

pool_mode = transaction
max_prepared_statements = 200
max_client_conn = ${maxClients}
min_pool_size = 0
query_wait_timeout = 15
client_idle_timeout = 0
server_idle_timeout = 300
server_lifetime = 1800
# A connection from before a failover is tried before it is lent, and a failed login is tried again after a second.
server_check_delay = 5
server_check_query = select 1
server_login_retry = 1
server_connect_timeout = 5
server_fast_close = 1
tcp_keepalive = 1
tcp_keepidle = 30
tcp_keepintvl = 5
tcp_keepcnt = 3
ignore_startup_parameters = extra_float_digits

# HAProxy passes TLS through to PostgreSQL; its address is not in the server's certificate, so the authority is checked, not the name.
server_tls_sslmode = verify-ca
server_tls_ca_file = ${tlsPaths.ca}
server_tls_protocols = secure

log_connections = 0
log_disconnections = 0
log_pooler_errors = 1
stats_period = 60
`;
}

/** Logins that PgBouncer takes and passes on. */
export function renderPgbouncerUsers(client: PostgresClientSpec): string {
  return [client.user, client.owner].map((l) => `"${l.name}" "${secretToken(l.passwordSecret)}"\n`).join("");
}

/** The exporter runs as PgBouncer's own system user, which its console lets in over the socket without a password. */
export function renderPgbouncerExporterDefaults(): string {
  return `ARGS="--pgBouncer.connectionString=postgres://pgbouncer:@:${ports.pgbouncer}/pgbouncer?host=/var/run/postgresql&sslmode=disable"
`;
}

export interface PgbouncerSpec {
  readonly client: PostgresClientSpec;
  /** The most app servers that there can be: pools of all of them together fit into `max_connections`. */
  readonly appServers: number;
}

/** PgBouncer and its exporter on an app server. HAProxy on `localPrimary` and `localReplicas` is the app role's own. */
export function pgbouncerRole({ client, appServers }: PgbouncerSpec): Role {
  const pool = poolSizes(client.maxConnections, appServers);
  const restart = "[Unit]\nStartLimitIntervalSec=0\n\n[Service]\nRestart=always\nRestartSec=1\n";
  return {
    name: "pgbouncer",
    packages: ["pgbouncer", "prometheus-pgbouncer-exporter"],
    files: [
      { path: "/etc/pgbouncer/pgbouncer.ini", content: renderPgbouncer(client, pool) },
      {
        path: "/etc/pgbouncer/userlist.txt",
        content: renderPgbouncerUsers(client),
        mode: "0600",
        owner: "postgres:postgres",
      },
      { path: "/etc/default/prometheus-pgbouncer-exporter", content: renderPgbouncerExporterDefaults() },
    ],
    units: [
      {
        name: "pgbouncer.service",
        dropIn: `${restart}LimitNOFILE=8192\nSupplementaryGroups=${tlsPaths.group}\n`,
      },
      { name: "prometheus-pgbouncer-exporter.service", dropIn: restart.replace("RestartSec=1", "RestartSec=5") },
    ],
    openings: [],
    scrape: [{ job: "pgbouncer", port: ports.pgbouncerExporter }],
  };
}
