import { watchTimer } from "../watch.ts";
import type { RuleGroup, RuleSettings } from "./rule.ts";

/** The monitoring itself. */
export function monitoringRules(settings: RuleSettings): RuleGroup {
  const discovery: RuleGroup["rules"] = [
    {
      alert: "DiscoveryStale",
      expr: "time() - max(prometheus_sd_file_mtime_seconds) > 300 or absent(prometheus_sd_file_mtime_seconds) == 1",
      for: "2m",
      severity: "warning",
      summary: "App servers have not been looked for in five minutes",
      action: "New ones are not watched. `systemctl status sovereign-discovery` on the monitoring host.",
    },
  ];
  const lastWatch = `node_systemd_timer_last_trigger_seconds{name="${watchTimer}"}`;
  const watch: RuleGroup["rules"] = [
    {
      alert: "MonitoringUnwatched",
      expr: `time() - max(${lastWatch}) > 300 or absent(${lastWatch}) == 1`,
      for: "5m",
      severity: "warning",
      summary: "No other host looks after Prometheus and Alertmanager",
      action:
        "If this host failed now, nobody would be told. The watcher is the first Redis host: is it up, was it made before it was to watch (then it is with its next generation), is `sovereign-watch.timer` active there?",
    },
  ];
  return {
    name: "monitoring",
    rules: [
      {
        alert: "Watchdog",
        expr: "vector(1)",
        severity: "none",
        summary: "Alerts reach their receivers",
        action:
          "Always on. Send it to a heartbeat receiver that calls you when it stays away: then Prometheus, Alertmanager or this machine is down.",
      },
      {
        alert: "PrometheusDown",
        expr: 'up{job="prometheus"} == 0',
        for: "2m",
        severity: "critical",
        summary: "Prometheus on {{ $labels.host }} does not answer",
        action: "Seen by the Prometheus of another location. Nobody watches that location until it is back.",
      },
      {
        alert: "PrometheusConfigBroken",
        expr: "prometheus_config_last_reload_successful == 0 or alertmanager_config_last_reload_successful == 0",
        for: "5m",
        severity: "critical",
        summary: "{{ $labels.job }} on {{ $labels.host }} runs with an old configuration",
        action: "`promtool check config` or `amtool check-config`; the journal of the service names the line.",
      },
      {
        alert: "PrometheusRuleFailures",
        expr: "increase(prometheus_rule_evaluation_failures_total[5m]) > 0",
        for: "5m",
        severity: "warning",
        summary: "A rule of {{ $labels.rule_group }} cannot be evaluated",
        action: "Its alerts are blind. The journal of Prometheus names it: often two series for one label set.",
      },
      {
        alert: "PrometheusStorageFailing",
        expr: "increase(prometheus_tsdb_compactions_failed_total[3h]) > 0 or increase(prometheus_tsdb_wal_corruptions_total[3h]) > 0",
        severity: "warning",
        summary: "Prometheus on {{ $labels.host }} cannot keep its data in order",
        action: "Disk full or broken: see its journal and the volume.",
      },
      {
        alert: "NotificationsFailing",
        expr: "increase(alertmanager_notifications_failed_total[5m]) > 0 or increase(prometheus_notifications_errors_total[5m]) > 0",
        for: "5m",
        severity: "critical",
        summary: "Alerts do not get through{{ with $labels.integration }} by {{ . }}{{ end }}",
        action: "`journalctl -u prometheus-alertmanager`: is the receiver reachable from here, is its secret valid?",
      },
      ...(settings.discoveredRoles.length > 0 ? discovery : []),
      ...(settings.isWatched ? watch : []),
    ],
  };
}
