/** Every port that the platform uses, once. Those of exporters are their packages' defaults. */
export const ports = {
  /** nginx on app servers, private network: what the load balancer targets. */
  appHttp: 80,
  /** Default of the workload behind nginx, loopback only. */
  workload: 8080,
  /** HAProxy between nginx and the workload, loopback only: bounds the requests at work, queues and counts the rest. */
  workloadQueue: 8081,
  /** nginx's stub_status, loopback only. */
  nginxStatus: 8082,
  /** sovereign-appd: request latencies for Prometheus and the deep readiness probe; open to monitoring only. */
  appDaemon: 9180,
  /** HAProxy's way to the workload's own metrics, for a workload that has some; open to monitoring only. */
  workloadMetrics: 9181,
  postgres: 5432,
  patroni: 8008,
  etcdClient: 2379,
  etcdPeer: 2380,
  etcdMetrics: 2381,
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
  /** On the monitoring host: whether it works, for the host that watches it. */
  health: 9095,
  /** On the monitoring host, loopback: what takes journals once the sender's certificate was checked. */
  journalSink: 19533,
  nodeExporter: 9100,
  postgresExporter: 9187,
  pgbouncerExporter: 9127,
  pgbackrestExporter: 9854,
  /** One exporter for each of sessions, cache and Sentinel. */
  redisExporter: 9121,
  redisCacheExporter: 9122,
  sentinelExporter: 9123,
  nginxExporter: 9113,
  blackboxExporter: 9115,
  haproxyMetrics: 8405,
  /** The proxy that lets connections out by name: from here up on loopback, one for each port that is reached outside. */
  egress: 7400,
  egressMetrics: 8406,
  /** Questions of the public, on name servers. */
  dns: 53,
  /** On name servers; open to monitoring only. */
  pdnsMetrics: 8053,
  /** On the monitoring host, loopback only. */
  grafana: 3000,
} as const;
