import { egressJob } from "../../host/egress.ts";
import { refusedPacketsMetric } from "../../host/egress-proxy.ts";
import type { RuleGroup, RuleSettings } from "./rule.ts";

/** What machines may not reach outside. */
export function egressRules(_settings: RuleSettings): RuleGroup {
  return {
    name: "egress",
    rules: [
      {
        alert: "EgressRefused",
        expr: `max by (host, role, location) (increase(haproxy_frontend_requests_denied_total{job="${egressJob}"}[10m]) or increase(${refusedPacketsMetric}[10m])) > 0`,
        severity: "warning",
        summary: "{{ $labels.host }} tried to reach what it may not",
        action:
          "`journalctl -u sovereign-egress -g refused` names what was asked for and the user, `journalctl -k -g 'egress refused'` what has no name. An attack, or a service that nobody entered: add it to the register only after it was approved.",
      },
    ],
  };
}
