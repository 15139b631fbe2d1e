import type { LocationName } from "../../catalogue/hetzner/locations.ts";

/** A machine that holds the data. Which of them is the primary changes over time: HAProxy asks Patroni. */
export interface PostgresNode {
  /** Host name, unique in the stack. */
  readonly name: string;
  /** Planned private IPv4 address. */
  readonly address: string;
  readonly location: LocationName;
}

/** A login and the name under which its password is found among the secrets (see `secretToken`). */
export interface PostgresLogin {
  readonly name: string;
  readonly passwordSecret: string;
}

/** What a machine has to know to use a cluster: no secret values, so that files can be rendered from it by pure functions. */
export interface PostgresClientSpec {
  /** Every data node, in order of ordinals. */
  readonly nodes: readonly PostgresNode[];
  /** Application database. */
  readonly database: string;
  /** What the workload logs in as: reads and writes rows, cannot change the schema. */
  readonly user: PostgresLogin;
  /** Owner of the database and its schema: for migrations. */
  readonly owner: PostgresLogin;
  /** PostgreSQL's `max_connections` on each node: pools are cut from it. */
  readonly maxConnections: number;
}

/** Names of the two databases that PgBouncer offers to the workload. */
export function pooledDatabases(client: Pick<PostgresClientSpec, "database">): { readWrite: string; readOnly: string } {
  return { readWrite: client.database, readOnly: `${client.database}_ro` };
}

/** Server connections that one app server's PgBouncer may open, by database. */
export interface PoolSizes {
  readonly readWrite: number;
  readonly readOnly: number;
}

/** Connections that pools never take: superusers, Patroni, replication checks, exporter, an operator at work. */
const reservedConnections = 20;
/** Of an app server's share, what goes to the primary; the rest to the replicas. */
const readWriteShare = 2 / 3;

/** A release creates every successor before it deletes the first old server: for that time there are twice as many. */
const serversInRelease = 2;

/**
 * Pool sizes for `appServers` app servers (the most there can be), of which a release makes twice as many. Both pools are cut from
 * one `max_connections`, since after a failover a single node may have to carry both.
 * @throws when there are more app servers than connections
 */
export function poolSizes(maxConnections: number, appServers: number): PoolSizes {
  const share = Math.floor((maxConnections - reservedConnections) / (serversInRelease * appServers));
  const readWrite = Math.round(share * readWriteShare);
  const sizes = { readWrite, readOnly: share - readWrite };
  if (!(sizes.readWrite >= 1 && sizes.readOnly >= 1)) {
    throw new Error(
      `${appServers} app servers and max_connections ${maxConnections}: ${reservedConnections} connections are reserved and each server needs at least 2, with twice as many servers during a release; use a larger Postgres server type, raise max_connections, or lower app.maxServers`,
    );
  }
  return sizes;
}
