/** Every port that the platform uses, once. Those of exporters are their packages' defaults. */
export const ports = {
  /** nginx on app servers, private network: what the load balancer targets. */
  appHttp: 80,
  /** Default of the workload behind nginx, loopback only. */
  workload: 8080,
  /** Deep readiness probe behind nginx, loopback only. */
  readiness: 9180,
  postgres: 5432,
  patroni: 8008,
  etcdClient: 2379,
  etcdPeer: 2380,
  /** On app servers, loopback: PgBouncer, then HAProxy's ways to the primary and to the replicas. */
  pgbouncer: 6432,
  localPrimary: 5000,
  localReplicas: 5001,
  /** Sessions and cache are separate instances, on Redis hosts and, through HAProxy, on each app server's loopback. */
  redisSessions: 6379,
  redisCache: 6380,
  sentinel: 26379,
  prometheus: 9090,
  alertmanager: 9093,
  journalRemote: 19532,
  nodeExporter: 9100,
  postgresExporter: 9187,
  pgbouncerExporter: 9127,
  pgbackrestExporter: 9854,
  redisExporter: 9121,
  nginxExporter: 9113,
  blackboxExporter: 9115,
  haproxyMetrics: 8405,
} as const;
