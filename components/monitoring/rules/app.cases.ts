import { appMetrics } from "../../app/metrics.ts";
import type { RuleCase } from "./cases.ts";

const at1 = 'host="app-1",role="app",location="fsn1",instance="10.0.16.2"';
const at2 = 'host="app-2",role="app",location="fsn1",instance="10.0.16.3"';
const nodes = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([host, v]) => [`up{job="node",role="app",host="${host}"}`, v]));
const bucket = (host: string, le: string) =>
  `${appMetrics.requestDuration}_bucket{job="app",${host},code="2xx",le="${le}"}`;
const count = (code: string) => `${appMetrics.requestDuration}_count{job="app",${at1},code="${code}"}`;
const pool = (host: string) => ({
  active: `pgbouncer_pools_server_active_connections{job="pgbouncer",${host},database="shop",user="app"}`,
  size: `pgbouncer_databases_pool_size{job="pgbouncer",${host},name="shop",database="postgres",exported_host="127.0.0.1"}`,
});

/** Requests in 15 s that take up to 0.1 s, up to 0.5 s, and any time. */
const latency = (fast: number, slow: number, all: number, length: number) => ({
  [bucket(at1, "0.1")]: `0+${fast}x${length}`,
  [bucket(at1, "0.5")]: `0+${slow}x${length}`,
  [bucket(at1, "+Inf")]: `0+${all}x${length}`,
});

export const appCases: readonly RuleCase[] = [
  {
    alert: "AppServersBelowMinimum",
    when: "one of two",
    series: nodes({ a: "1x10", b: "0x10" }),
    at: "5m",
    fires: 1,
    with: 'severity="critical"',
  },
  { alert: "AppServersBelowMinimum", when: "none known", series: {}, at: "5m", fires: 1 },
  {
    alert: "AppServersBelowMinimum",
    when: "two and a vanished one",
    series: nodes({ a: "1x10", b: "1x10", c: "0x10" }),
    at: "5m",
    fires: 0,
  },
  {
    alert: "AppServerNotReady",
    when: "no Redis",
    series: { [`${appMetrics.ready}{${at1},check="redis"}`]: "0x10" },
    at: "5m",
    fires: 1,
    with: 'check="redis"',
  },
  {
    alert: "AppServerNotReady",
    when: "ready",
    series: { [`${appMetrics.ready}{${at1},check="redis"}`]: "1x10" },
    at: "5m",
    fires: 0,
  },
  {
    alert: "HttpErrors",
    when: "10 %",
    series: { [count("5xx")]: "0+10x20", [count("2xx")]: "0+90x20" },
    at: "10m",
    fires: 1,
  },
  {
    alert: "HttpErrors",
    when: "1 %",
    series: { [count("5xx")]: "0+1x20", [count("2xx")]: "0+99x20" },
    at: "10m",
    fires: 0,
  },
  { alert: "HttpErrors", when: "only 4xx", series: { [count("4xx")]: "0+100x20" }, at: "10m", fires: 0 },
  { alert: "NginxDown", when: "down", series: { [`nginx_up{${at1}}`]: "0x10" }, at: "5m", fires: 1 },
  { alert: "NginxDown", when: "up", series: { [`nginx_up{${at1}}`]: "1x10" }, at: "5m", fires: 0 },
  {
    alert: "ResponseTimeHigh",
    when: "every tenth takes half a second",
    interval: "15s",
    series: latency(90, 100, 100, 40),
    at: "5m",
    fires: 0,
  },
  {
    alert: "ResponseTimeHigh",
    when: "half take up to half a second",
    interval: "15s",
    series: latency(50, 100, 100, 40),
    at: "5m",
    fires: 1,
    with: 'scale="up",location="fsn1"',
  },
  {
    alert: "ResponseTimeHigh",
    when: "for less than two minutes",
    interval: "15s",
    series: latency(50, 100, 100, 40),
    at: "2m",
    fires: 0,
  },
  {
    alert: "ResponseTimeHigh",
    when: "all are quick",
    interval: "15s",
    series: latency(100, 100, 100, 40),
    at: "5m",
    fires: 0,
  },
  {
    alert: "DatabasePoolHigh",
    when: "9 of 10",
    series: { [pool(at1).active]: "9x10", [pool(at1).size]: "10x10" },
    at: "5m",
    fires: 1,
    with: 'database="shop",host="app-1",scale="up"',
  },
  {
    alert: "DatabasePoolHigh",
    when: "8 of 10",
    series: { [pool(at1).active]: "8x10", [pool(at1).size]: "10x10" },
    at: "5m",
    fires: 0,
  },
  {
    alert: "DatabasePoolHigh",
    when: "9 of 10 for two minutes",
    series: { [pool(at1).active]: "0 0 9x10", [pool(at1).size]: "10x10" },
    at: "4m",
    fires: 0,
  },
  {
    alert: "DatabasePoolHigh",
    when: "one of two servers",
    series: {
      [pool(at1).active]: "9x10",
      [pool(at1).size]: "10x10",
      [pool(at2).active]: "1x10",
      [pool(at2).size]: "10x10",
    },
    at: "5m",
    fires: 1,
  },
  {
    alert: "DatabasePoolHigh",
    when: "the pooler's own console",
    series: {
      [`pgbouncer_pools_server_active_connections{${at1},database="pgbouncer",user="pgbouncer"}`]: "2x10",
      [`pgbouncer_databases_pool_size{${at1},name="pgbouncer"}`]: "2x10",
    },
    at: "5m",
    fires: 0,
  },
  { alert: "PgBouncerDown", when: "down", series: { [`pgbouncer_up{${at1}}`]: "0x10" }, at: "5m", fires: 1 },
  {
    alert: "PgBouncerDown",
    when: "stopped, and its exporter with it",
    series: {
      'up{job="pgbouncer",host="app-1",instance="10.0.16.2:9127"}': "0x10",
      'up{job="node",host="app-1",instance="10.0.16.2:9100"}': "1x10",
    },
    at: "5m",
    fires: 1,
  },
  {
    alert: "PgBouncerDown",
    when: "the machine is gone",
    series: {
      'up{job="pgbouncer",host="app-1",instance="10.0.16.2:9127"}': "0x10",
      'up{job="node",host="app-1",instance="10.0.16.2:9100"}': "0x10",
    },
    at: "5m",
    fires: 0,
  },
  { alert: "PgBouncerDown", when: "up", series: { [`pgbouncer_up{${at1}}`]: "1x10" }, at: "5m", fires: 0 },
  {
    alert: "PgBouncerClientsWait",
    when: "2 s",
    series: { [`pgbouncer_pools_client_maxwait_seconds{${at1}}`]: "2x10" },
    at: "5m",
    fires: 1,
  },
  {
    alert: "PgBouncerClientsWait",
    when: "nobody",
    series: { [`pgbouncer_pools_client_maxwait_seconds{${at1}}`]: "0x10" },
    at: "5m",
    fires: 0,
  },
  {
    alert: "HaproxyBackendEmpty",
    when: "no server",
    series: {
      [`haproxy_backend_active_servers{${at1},proxy="primary"}`]: "0x10",
      [`haproxy_backend_backup_servers{${at1},proxy="primary"}`]: "0x10",
    },
    at: "5m",
    fires: 1,
    with: 'proxy="primary"',
  },
  {
    alert: "HaproxyBackendEmpty",
    when: "only a backup server",
    series: {
      [`haproxy_backend_active_servers{${at1},proxy="primary"}`]: "0x10",
      [`haproxy_backend_backup_servers{${at1},proxy="primary"}`]: "1x10",
    },
    at: "5m",
    fires: 0,
  },
  {
    alert: "HaproxyBackendEmpty",
    when: "only those of Redis nodes that are not the master",
    series: {
      [`haproxy_backend_active_servers{${at1},proxy="redis-sessions-2"}`]: "0x10",
      [`haproxy_backend_backup_servers{${at1},proxy="redis-sessions-2"}`]: "0x10",
      [`haproxy_backend_active_servers{${at1},proxy="no-master"}`]: "0x10",
      [`haproxy_backend_backup_servers{${at1},proxy="no-master"}`]: "0x10",
    },
    at: "5m",
    fires: 0,
  },
  {
    alert: "EndpointDown",
    when: "no answer",
    series: { 'probe_success{job="probe",instance="https://shop.example.eu/"}': "0x10" },
    at: "5m",
    fires: 1,
  },
  {
    alert: "EndpointDown",
    when: "answers",
    series: { 'probe_success{job="probe",instance="https://shop.example.eu/"}': "1x10" },
    at: "5m",
    fires: 0,
  },
  {
    alert: "EndpointCertificateExpires",
    when: "in ten days",
    series: { 'probe_ssl_earliest_cert_expiry{job="probe"}': `${10 * 86_400}x100` },
    at: "90m",
    fires: 1,
  },
  {
    alert: "EndpointCertificateExpires",
    when: "in 30 days",
    series: { 'probe_ssl_earliest_cert_expiry{job="probe"}': `${30 * 86_400}x100` },
    at: "90m",
    fires: 0,
  },
];

const haproxyQueue = (host: string) =>
  `${appMetrics.queueDepth}{job="haproxy",${host},proxy="${appMetrics.queueProxy}"}`;

/** The queue in HAProxy adds up over the servers. */
export const haproxyQueueCases: readonly RuleCase[] = [
  {
    alert: "QueueDepthHigh",
    when: "30 and 30",
    series: { [haproxyQueue(at1)]: "30x10", [haproxyQueue(at2)]: "30x10" },
    at: "3m",
    fires: 1,
    with: 'scale="up"',
  },
  {
    alert: "QueueDepthHigh",
    when: "25 and 25",
    series: { [haproxyQueue(at1)]: "25x10", [haproxyQueue(at2)]: "25x10" },
    at: "3m",
    fires: 0,
  },
  {
    alert: "QueueDepthHigh",
    when: "for less than a minute",
    series: { [haproxyQueue(at1)]: "0 0 0 60x9" },
    at: "3m30s",
    fires: 0,
  },
];

/** A queue that the workload reports is one for all. */
export const workloadQueueCases: readonly RuleCase[] = [
  {
    alert: "QueueDepthHigh",
    when: "all servers say 60",
    series: {
      [`app_queue_depth{job="workload",${at1}}`]: "60x10",
      [`app_queue_depth{job="workload",${at2}}`]: "60x10",
    },
    at: "3m",
    fires: 1,
  },
  {
    alert: "QueueDepthHigh",
    when: "all servers say 30",
    series: {
      [`app_queue_depth{job="workload",${at1}}`]: "30x10",
      [`app_queue_depth{job="workload",${at2}}`]: "30x10",
    },
    at: "3m",
    fires: 0,
  },
];
