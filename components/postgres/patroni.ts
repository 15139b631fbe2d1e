import { secretToken } from "../host/secret-token.ts";
import { tlsPaths } from "../pki/paths.ts";
import { ports } from "../ports.ts";
import type { PostgresLogin, PostgresNode } from "./client.ts";
import { hbaLines, identMap } from "./hba.ts";
import { postgresParameters } from "./parameters.ts";
import { type PostgresSpec, postgresPaths, systemLogins } from "./spec.ts";
import { renderYaml } from "./yaml.ts";

/**
 * Seconds that a failover goes by. With them, and with strict synchronous replication, no acknowledged row was lost
 * in more than 70 drills (killed hosts, cut links, switchovers); the first write came 21 to 30 s after a host was lost. Patroni
 * raises a `ttl` under 20 to 20.
 */
export const failoverTiming = { ttl: 20, loop_wait: 2, retry_timeout: 4 } as const;

/**
 * Bytes of WAL that a successor may be behind. Where commits wait for a standby it has each confirmed row, and what is not confirmed, such as
 * a bulk load that streams still, must not leave the cluster without a primary: no bound. A single node that is growing confirms alone.
 */
const lagOnFailover = (synchronous: boolean): number => (synchronous ? Number.MAX_SAFE_INTEGER : 1_048_576);

/** A crashed primary process: at once to the standby that has everything, or first a try to restart where nothing could be lost. */
const primaryStartTimeout = { "zero-loss": 0, "low-latency": 60 } as const;

/**
 * Any of two standbys confirms commits, and the one that has most takes over once it has heard the other. Of more, a single one is told
 * to confirm: a successor would have to hear all of them, and another node lost along with the primary would leave none.
 */
function synchronousMode(spec: PostgresSpec): "quorum" | true {
  return spec.nodes.filter((node) => !nodeTags(spec, node).nosync).length <= 3 ? "quorum" : true;
}

/** The cluster's shared settings, kept in etcd: the same document at bootstrap and when the primary enforces it later. */
export function dynamicConfig(spec: PostgresSpec): Record<string, unknown> {
  const several = spec.nodes.length > 1;
  const synchronous = several && spec.durability === "zero-loss";
  return {
    ...failoverTiming,
    maximum_lag_on_failover: lagOnFailover(synchronous),
    // A member that stayed behind on an older timeline never takes over.
    check_timeline: true,
    primary_start_timeout: several ? primaryStartTimeout[spec.durability] : 300,
    synchronous_mode: synchronous && synchronousMode(spec),
    synchronous_mode_strict: synchronous,
    postgresql: { use_pg_rewind: true, use_slots: true, parameters: postgresParameters(spec).shared },
  };
}

export function renderDynamicConfig(spec: PostgresSpec): string {
  return renderYaml(dynamicConfig(spec));
}

/**
 * Over several locations only the first node of each may confirm commits and take over: another one beside the primary would be lost with
 * the primary's location, and what it alone had confirmed with it.
 */
function nodeTags({ nodes, durability }: PostgresSpec, node: PostgresNode): Record<string, boolean> {
  const isSpread = nodes.some(({ location }) => location !== node.location);
  const first = nodes.find(({ location }) => location === node.location);
  return isSpread && durability === "zero-loss" && node.name !== first?.name ? { nosync: true, nofailover: true } : {};
}

/**
 * Only the founder may create the cluster: a node without this section waits. So a second node that boots first, or one that
 * joins a cluster whose etcd was made anew, can never start an empty one beside the data.
 */
function bootstrap(spec: PostgresSpec): Record<string, unknown> {
  return {
    dcs: dynamicConfig(spec),
    ...(spec.restore
      ? {
          method: "pgbackrest",
          pgbackrest: {
            command: `${postgresPaths.scripts}/postgres-restore`,
            keep_existing_recovery_conf: true,
            no_params: true,
          },
        }
      : {}),
    initdb: [
      { encoding: "UTF8" },
      { "locale-provider": "builtin" },
      { locale: "C.UTF-8" },
      { "auth-host": "scram-sha-256" },
      { "auth-local": "peer" },
      "data-checksums",
    ],
    post_bootstrap: `${postgresPaths.scripts}/postgres-roles`,
  };
}

const login = ({ name, passwordSecret }: PostgresLogin) => ({
  username: name,
  password: secretToken(passwordSecret),
  sslmode: "verify-ca",
  sslrootcert: tlsPaths.ca,
  // For the WAL receiver; see the environment of patroni.service.
  channel_binding: "disable",
});

/** `/etc/patroni/config.yml` of the node with this ordinal (from 1). */
export function renderPatroni(spec: PostgresSpec, ordinal: number): string {
  const node = spec.nodes[ordinal - 1];
  if (!node) throw new Error(`node ${ordinal}: the cluster ${spec.cluster} has ${spec.nodes.length} nodes`);
  const { superuser, replication, rewind, restApi } = systemLogins;
  const tls = { certfile: tlsPaths.certificate, keyfile: tlsPaths.key };
  const config = {
    scope: spec.cluster,
    name: node.name,
    log: { level: "INFO" },
    restapi: {
      listen: `${node.address}:${ports.patroni}`,
      connect_address: `${node.address}:${ports.patroni}`,
      ...tls,
      authentication: { username: restApi.name, password: secretToken(restApi.passwordSecret) },
      allowlist: spec.postgresRanges,
      // While Patroni stops, HAProxy's checks fill a queue of 5 (its default): the successor, which asks whether the old primary still
      // lives, then waited 1.0 s for TCP to try again.
      request_queue_size: 128,
    },
    ctl: { ...tls, cacert: tlsPaths.ca },
    etcd3: {
      hosts: spec.etcd.map((member) => `${member.address}:${ports.etcdClient}`),
      protocol: "https",
      cacert: tlsPaths.ca,
      cert: tlsPaths.certificate,
      key: tlsPaths.key,
    },
    ...(node.name === spec.founder ? { bootstrap: bootstrap(spec) } : {}),
    postgresql: {
      listen: `${node.address},127.0.0.1:${ports.postgres}`,
      connect_address: `${node.address}:${ports.postgres}`,
      use_unix_socket: true,
      use_unix_socket_repl: true,
      bin_dir: postgresPaths.binaries,
      data_dir: postgresPaths.dataDirectory,
      pgpass: "/run/postgresql/patroni.pgpass",
      authentication: { superuser: login(superuser), replication: login(replication), rewind: login(rewind) },
      parameters: postgresParameters(spec).local,
      pg_hba: hbaLines(spec),
      pg_ident: [...identMap],
      basebackup: [{ checkpoint: "fast" }],
    },
    watchdog: { mode: "off" },
    tags: nodeTags(spec, node),
  };
  return renderYaml(config);
}
