import { appMetrics } from "../../app/metrics.ts";
import type { RuleGroup, RuleSettings } from "./rule.ts";

/** The ways from the app servers to the data. */
export function haproxyRules(_settings: RuleSettings): RuleGroup {
  return {
    name: "haproxy",
    rules: [
      {
        alert: "HaproxyBackendEmpty",
        expr: `haproxy_backend_active_servers{proxy!~"${appMetrics.electedBackends}"} + haproxy_backend_backup_servers == 0`,
        for: "1m",
        severity: "critical",
        summary: "HAProxy on {{ $labels.host }} has no server for {{ $labels.proxy }}",
        action:
          "On one machine: its network or its certificate. On all: the service behind has no primary or master (see its alerts).",
      },
    ],
  };
}

/** What the public sees, asked from outside of the load balancer. */
export function probeRules(_settings: RuleSettings): RuleGroup {
  return {
    name: "probe",
    rules: [
      {
        alert: "EndpointDown",
        expr: 'probe_success{job="probe"} == 0',
        for: "1m",
        severity: "critical",
        summary: "{{ $labels.instance }} does not answer as it should",
        action: "DNS, certificate, load balancer (its targets' health), then the app servers, in this order.",
      },
      {
        alert: "EndpointCertificateExpires",
        expr: `probe_ssl_earliest_cert_expiry{job="probe"} - time() < ${14 * 86_400}`,
        for: "1h",
        severity: "critical",
        summary: "The certificate of {{ $labels.instance }} expires in {{ $value | humanizeDuration }}",
        action:
          "A managed certificate is renewed a month before: does the domain still point at the load balancer? An uploaded one: upload the next.",
      },
    ],
  };
}
