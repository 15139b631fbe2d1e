import { appMetrics } from "../../app/metrics.ts";
import type { Dashboard } from "./dashboard.ts";

const duration = appMetrics.requestDuration;
const app = `job="${appMetrics.jobs.app}"`;
const requests = `sum by (code) (rate(${duration}_count{${app}}[2m]))`;
const quantile = (q: number) => `histogram_quantile(${q}, sum by (le) (rate(${duration}_bucket{${app}}[2m])))`;
const errors = `sum(rate(${duration}_count{${app},code="5xx"}[5m])) / sum(rate(${duration}_count{${app}}[5m]))`;
const busy = '1 - avg by (host) (rate(node_cpu_seconds_total{mode="idle"}[5m]))';

const overview: Dashboard = {
  uid: "overview",
  title: "Overview",
  panels: [
    { title: "Hosts up", type: "stat", width: 4, queries: { up: 'sum(up{job="node"})' } },
    { title: "App servers up", type: "stat", width: 4, queries: { up: 'sum(up{job="node",role="app"})' } },
    { title: "Postgres primaries", type: "stat", width: 4, queries: { primaries: "sum(patroni_primary)" } },
    {
      title: "Redis masters",
      type: "stat",
      width: 4,
      queries: { "port {{tcp_port}}": 'count by (tcp_port) (redis_instance_info{exported_role="master"})' },
    },
    { title: "p95", type: "stat", unit: "s", width: 4, queries: { p95: quantile(0.95) } },
    { title: "Errors", type: "stat", unit: "percentunit", width: 4, queries: { "5xx": errors } },
    {
      title: "Alerts",
      type: "table",
      width: 24,
      queries: { alerts: 'sum by (alertname, severity, host) (ALERTS{alertstate="firing",severity!="none"})' },
    },
    { title: "Requests", unit: "reqps", queries: { "{{code}}": requests } },
    { title: "Processors", unit: "percentunit", queries: { "{{host}}": busy } },
    {
      title: "Public endpoints",
      unit: "s",
      queries: { "{{instance}}": 'probe_duration_seconds{job="probe"}' },
    },
  ],
};

const application: Dashboard = {
  uid: "app",
  title: "App servers",
  panels: [
    { title: "Requests", unit: "reqps", queries: { "{{code}}": requests } },
    { title: "Response time", unit: "s", queries: { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) } },
    { title: "Errors", unit: "percentunit", queries: { "5xx": errors } },
    {
      title: "Queue in front of the workload",
      queries: { "{{host}}": `${appMetrics.queueDepth}{proxy="${appMetrics.queueProxy}"}` },
    },
    {
      title: "Database pools in use",
      queries: { "{{host}} {{database}}": 'pgbouncer_pools_server_active_connections{database!="pgbouncer"}' },
    },
    {
      title: "Clients waiting for a connection",
      queries: { "{{host}} {{database}}": "pgbouncer_pools_client_waiting_connections" },
    },
    { title: "Ready", queries: { "{{host}} {{check}}": appMetrics.ready } },
    { title: "Servers behind HAProxy", queries: { "{{host}} {{proxy}}": "haproxy_backend_active_servers" } },
    { title: "Connections of nginx", queries: { "{{host}}": "nginx_connections_active" } },
  ],
};

const postgres: Dashboard = {
  uid: "postgres",
  title: "Postgres",
  panels: [
    { title: "Primary", queries: { "{{host}}": "patroni_primary" } },
    { title: "Synchronous standbys", queries: { "{{host}}": "patroni_sync_standby + patroni_quorum_standby" } },
    { title: "Timeline", queries: { "{{host}}": "patroni_postgres_timeline" } },
    {
      title: "Behind the primary",
      unit: "bytes",
      queries: {
        "{{host}}":
          "max by (scope) (patroni_xlog_location) - on (scope) group_right () (patroni_xlog_replayed_location and on (instance) patroni_replica == 1)",
      },
    },
    { title: "Connections", queries: { "{{host}}": "sum by (host) (pg_stat_database_numbackends)" } },
    {
      title: "Transactions a second",
      queries: {
        "{{host}} commits": "sum by (host) (rate(pg_stat_database_xact_commit[2m]))",
        "{{host}} rollbacks": "sum by (host) (rate(pg_stat_database_xact_rollback[2m]))",
      },
    },
    {
      title: "Read from the cache",
      unit: "percentunit",
      queries: {
        "{{host}}":
          "sum by (host) (rate(pg_stat_database_blks_hit[5m])) / (sum by (host) (rate(pg_stat_database_blks_hit[5m])) + sum by (host) (rate(pg_stat_database_blks_read[5m])))",
      },
    },
    {
      title: "Age of the newest backup",
      unit: "s",
      queries: { "{{backup_type}}": "min by (backup_type) (pgbackrest_backup_since_last_completion_seconds)" },
    },
    {
      title: "etcd: wait for the disk (p99)",
      unit: "s",
      queries: { "{{host}}": "histogram_quantile(0.99, rate(etcd_disk_wal_fsync_duration_seconds_bucket[5m]))" },
    },
  ],
};

const redis: Dashboard = {
  uid: "redis",
  title: "Redis",
  panels: [
    { title: "Masters", queries: { "{{host}} {{tcp_port}}": 'redis_instance_info{exported_role="master"}' } },
    { title: "Memory", unit: "bytes", queries: { "{{instance}}": "redis_memory_used_bytes" } },
    { title: "Evicted a second", queries: { "{{instance}}": "rate(redis_evicted_keys_total[5m])" } },
    { title: "Commands a second", queries: { "{{instance}}": "rate(redis_commands_processed_total[2m])" } },
    { title: "Clients", queries: { "{{instance}}": "redis_connected_clients" } },
    {
      title: "Found in the cache",
      unit: "percentunit",
      queries: {
        "{{instance}}":
          "rate(redis_keyspace_hits_total[5m]) / (rate(redis_keyspace_hits_total[5m]) + rate(redis_keyspace_misses_total[5m]))",
      },
    },
  ],
};

const hosts: Dashboard = {
  uid: "hosts",
  title: "Hosts",
  panels: [
    { title: "Processors", unit: "percentunit", queries: { "{{host}}": busy } },
    {
      title: "Memory",
      unit: "percentunit",
      queries: { "{{host}}": "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes" },
    },
    {
      title: "Disks",
      unit: "percentunit",
      queries: {
        "{{host}} {{mountpoint}}": '1 - node_filesystem_avail_bytes{fstype=~"ext4|xfs"} / node_filesystem_size_bytes',
      },
    },
    {
      title: "Network in",
      unit: "Bps",
      queries: { "{{host}}": 'sum by (host) (rate(node_network_receive_bytes_total{device!="lo"}[2m]))' },
    },
    {
      title: "Network out",
      unit: "Bps",
      queries: { "{{host}}": 'sum by (host) (rate(node_network_transmit_bytes_total{device!="lo"}[2m]))' },
    },
    {
      title: "Time waiting for disks",
      unit: "percentunit",
      queries: { "{{host}}": 'avg by (host) (rate(node_cpu_seconds_total{mode="iowait"}[5m]))' },
    },
  ],
};

export const dashboards: readonly Dashboard[] = [overview, application, postgres, redis, hosts];
