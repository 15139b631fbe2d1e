import type { RuleCase } from "./cases.ts";

const self = 'host="mon-1",role="monitoring",location="fsn1"';
const age = 'prometheus_sd_file_mtime_seconds{filename="app.json"}';
const watch = `node_systemd_timer_last_trigger_seconds{host="redis-1",name="sovereign-watch.timer"}`;

export const monitoringCases: readonly RuleCase[] = [
  { alert: "Watchdog", when: "always", series: {}, at: "1m", fires: 1, with: 'severity="none"' },
  {
    alert: "PrometheusDown",
    when: "that of another location",
    series: { [`up{job="prometheus",${self}}`]: "0x10" },
    at: "5m",
    fires: 1,
  },
  { alert: "PrometheusDown", when: "up", series: { [`up{job="prometheus",${self}}`]: "1x10" }, at: "5m", fires: 0 },
  {
    alert: "PrometheusConfigBroken",
    when: "Alertmanager's",
    series: {
      [`prometheus_config_last_reload_successful{job="prometheus",${self}}`]: "1x20",
      [`alertmanager_config_last_reload_successful{job="alertmanager",${self}}`]: "0x20",
    },
    at: "10m",
    fires: 1,
  },
  {
    alert: "PrometheusConfigBroken",
    when: "both read",
    series: {
      [`prometheus_config_last_reload_successful{job="prometheus",${self}}`]: "1x20",
      [`alertmanager_config_last_reload_successful{job="alertmanager",${self}}`]: "1x20",
    },
    at: "10m",
    fires: 0,
  },
  {
    alert: "PrometheusRuleFailures",
    when: "one group",
    series: { [`prometheus_rule_evaluation_failures_total{${self},rule_group="redis"}`]: "0+4x20" },
    at: "15m",
    fires: 1,
  },
  {
    alert: "PrometheusRuleFailures",
    when: "none",
    series: { [`prometheus_rule_evaluation_failures_total{${self},rule_group="redis"}`]: "0x20" },
    at: "15m",
    fires: 0,
  },
  {
    alert: "PrometheusStorageFailing",
    when: "compaction failed",
    series: { [`prometheus_tsdb_compactions_failed_total{${self}}`]: "0x5 1x20" },
    at: "15m",
    fires: 1,
  },
  {
    alert: "PrometheusStorageFailing",
    when: "none failed",
    series: {
      [`prometheus_tsdb_compactions_failed_total{${self}}`]: "0x20",
      [`prometheus_tsdb_wal_corruptions_total{${self}}`]: "0x20",
    },
    at: "15m",
    fires: 0,
  },
  {
    alert: "NotificationsFailing",
    when: "the webhook",
    series: { [`alertmanager_notifications_failed_total{${self},integration="webhook"}`]: "0+1x20" },
    at: "15m",
    fires: 1,
    with: 'integration="webhook"',
  },
  {
    alert: "NotificationsFailing",
    when: "all get through",
    series: { [`alertmanager_notifications_failed_total{${self},integration="webhook"}`]: "0x20" },
    at: "15m",
    fires: 0,
  },
  { alert: "MonitoringUnwatched", when: "ten minutes ago", series: { [watch]: "0x20" }, at: "12m", fires: 1 },
  { alert: "MonitoringUnwatched", when: "never", series: {}, at: "6m", fires: 1 },
  {
    alert: "MonitoringUnwatched",
    when: "the watcher's machine gone",
    series: { [watch]: "0+60x2" },
    at: "15m",
    fires: 1,
  },
  { alert: "MonitoringUnwatched", when: "just now", series: { [watch]: "0+60x20" }, at: "15m", fires: 0 },
  { alert: "DiscoveryStale", when: "ten minutes old", series: { [age]: "0x20" }, at: "10m", fires: 1 },
  { alert: "DiscoveryStale", when: "never run", series: {}, at: "5m", fires: 1 },
  { alert: "DiscoveryStale", when: "fresh", series: { [age]: "0+60x20" }, at: "10m", fires: 0 },
];
