import { appMetrics } from "../../app/metrics.ts";
import type { RuleGroup, RuleSettings } from "./rule.ts";

const duration = appMetrics.requestDuration;
const job = `job="${appMetrics.jobs.app}"`;

/** PromQL of what waits: HAProxy's queue in front of the workload, or the gauge that the workload itself reports. */
export function queueDepth(workloadMetric: string | undefined): string {
  return workloadMetric === undefined
    ? `sum by (location) (${appMetrics.queueDepth}{job="${appMetrics.jobs.haproxy}",proxy="${appMetrics.queueProxy}"})`
    : `max by (location) (${workloadMetric}{job="${appMetrics.jobs.workload}"})`;
}

/** Whether enough app servers are there and answer well. */
export function appRules(settings: RuleSettings): RuleGroup {
  return {
    name: "app",
    rules: [
      {
        alert: "AppServersBelowMinimum",
        expr: `(count(up{job="node",role="app"} == 1) or vector(0)) < ${settings.minAppServers}`,
        for: "1m",
        severity: "critical",
        summary: `{{ $value }} app servers are up, at least ${settings.minAppServers} are needed`,
        action: "`pulumi up` makes missing ones; look at the console of the provider for what became of the others.",
      },
      {
        alert: "AppServerNotReady",
        expr: `${appMetrics.ready} == 0`,
        for: "2m",
        severity: "warning",
        summary: "{{ $labels.host }}: {{ $labels.check }} is not ready",
        action:
          "GET /readyz on the machine says why. On one server: its own HAProxy or PgBouncer. On all: the service behind.",
      },
      {
        alert: "HttpErrors",
        expr: `sum by (location) (rate(${duration}_count{${job},code="5xx"}[5m])) / sum by (location) (rate(${duration}_count{${job}}[5m])) > 0.05`,
        for: "2m",
        severity: "critical",
        summary: "{{ $value | humanizePercentage }} of the requests fail",
        action: "Errors of nginx and of the workload are in the journal of the app servers; what was deployed last?",
      },
      {
        alert: "NginxDown",
        expr: "nginx_up == 0",
        for: "1m",
        severity: "warning",
        summary: "nginx of {{ $labels.host }} does not answer",
        action: "The load balancer leaves the machine out. `nginx -t`, then `journalctl -u nginx`.",
      },
    ],
  };
}

/** The scale triggers. */
export function scalingRules(settings: RuleSettings): RuleGroup {
  const triggers: RuleGroup["rules"] = [
    {
      alert: "ResponseTimeHigh",
      expr: `histogram_quantile(0.95, sum by (location, le) (rate(${duration}_bucket{${job}}[1m]))) > 0.4`,
      for: "2m",
      severity: "warning",
      scale: "up",
      summary: "95 % of the requests take up to {{ $value | humanizeDuration }}, more than 400 ms",
      action: "More app servers (app.servers), unless the database is what is slow: see the Postgres alerts first.",
    },
    {
      alert: "QueueDepthHigh",
      expr: `${settings.queueDepth} > 50`,
      for: "1m",
      severity: "warning",
      scale: "up",
      summary: "{{ $value }} requests or tasks wait, more than 50",
      action: "More app servers (app.servers), unless the workload itself hangs.",
    },
    {
      alert: "DatabasePoolHigh",
      expr: 'pgbouncer_pools_server_active_connections{database!="pgbouncer"} / on (instance, database) group_left () max by (instance, database) (label_replace(pgbouncer_databases_pool_size, "database", "$1", "name", "(.+)")) > 0.8',
      for: "3m",
      severity: "warning",
      scale: "up",
      summary: "The pool of {{ $labels.database }} on {{ $labels.host }} is {{ $value | humanizePercentage }} in use",
      action:
        "Slow queries hold connections: look at pg_stat_activity. If all are short, a larger Postgres server type (it raises max_connections and with it the pools) or more app servers.",
    },
  ];
  const needs: Record<string, string> = { ResponseTimeHigh: appMetrics.jobs.app, DatabasePoolHigh: "pgbouncer" };
  return {
    name: "scaling",
    rules: triggers.filter((rule) => !needs[rule.alert] || settings.jobs.has(needs[rule.alert]!)),
  };
}
