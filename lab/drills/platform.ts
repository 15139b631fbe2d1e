/** What drills know of the machines: the same names that the components give them (a test compares the two). */

export const ports = {
  postgres: 5432,
  pgbouncer: 6432,
  patroni: 8008,
  etcdClient: 2379,
  etcdPeer: 2380,
  redisSessions: 6379,
  sentinel: 26379,
  prometheus: 9090,
} as const;

export const paths = {
  authority: "/etc/sovereign/tls/ca.crt",
  certificate: "/etc/sovereign/tls/host.crt",
  key: "/etc/sovereign/tls/host.key",
  etcdConfig: "/etc/etcd/etcd.yml",
  etcdData: "/var/lib/etcd",
  workloadEnvironment: "/etc/sovereign/workload.env",
  postgresSocket: "/var/run/postgresql",
  postgresVolume: "/var/lib/postgresql",
  dataDirectory: "/var/lib/postgresql/17/main",
  patroniConfig: "/etc/patroni/config.yml",
  switchover: "/usr/local/sbin/sovereign-postgres-switchover",
  pgbackrestConfig: "/etc/pgbackrest/pgbackrest.conf",
  redisSettings: "/etc/sovereign/redis",
  haproxySocket: "/run/haproxy/stats.sock",
  drainingMarker: "/run/sovereign-draining",
  dataVolume: "/var/lib/sovereign",
  nginxConfig: "/etc/nginx/nginx.conf",
  /** What the folders of copies at an edge site begin with. */
  edgeCache: "/var/cache/sovereign-edge-",
} as const;

export const units = {
  etcd: "etcd.service",
  patroni: "patroni.service",
  backup: (kind: "full" | "diff" | "incr") => `sovereign-postgres-backup@${kind}.service`,
} as const;

/** Login that a former primary is rewound with. */
export const rewindLogin = "rewinder";
/** User of Redis that may read and write the application's data. */
export const redisUser = "app";
/** Login of the workload in Postgres. */
export const workloadLogin = "app";
/** pgBackRest's name for the database cluster. */
export const stanza = "main";
