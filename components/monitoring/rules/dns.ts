import { answersMetric, entranceMetric } from "../../gateway/status.ts";
import type { RuleGroup, RuleSettings } from "./rule.ts";

/** Name servers of the stack's own, and which entrances they lead clients to. */
export function dnsRules(_settings: RuleSettings): RuleGroup {
  return {
    name: "dns",
    rules: [
      {
        alert: "NameServerDown",
        expr: `${answersMetric} == 0`,
        for: "1m",
        severity: "critical",
        summary: "The name server on {{ $labels.host }} does not answer",
        action:
          "Resolvers ask the other name servers, after having waited for this one. `systemctl status pdns` and its journal there; a zone that it cannot read is named in it.",
      },
      {
        alert: "EntranceOutOfDns",
        expr: `max by (entrance, family) (${entranceMetric}) == 0`,
        for: "30s",
        severity: "critical",
        summary:
          "No name server finds {{ $labels.entrance }} healthy over {{ $labels.family }}: clients are led elsewhere",
        action:
          "Does the location's load balancer have healthy targets, and does `curl --resolve` of the health URL to its address answer 200? When every entrance is out, all of them are answered: then look at the health URL and its certificate's name first.",
      },
      {
        alert: "NameServersDisagree",
        expr: `max by (entrance, family) (${entranceMetric}) - min by (entrance, family) (${entranceMetric}) > 0`,
        for: "5m",
        severity: "warning",
        summary: "{{ $labels.entrance }} is healthy over {{ $labels.family }} for some name servers and not for others",
        action:
          "Clients are led to different locations, by which name server their resolver asked. The way between two locations is broken, or a name server has older files (the output `pendingRollouts`): `dig TXT _entrances.<zone> @<name server>` of each.",
      },
    ],
  };
}
