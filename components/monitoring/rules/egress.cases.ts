import type { RuleCase } from "./cases.ts";

const app = 'host="app-1",role="app",location="fsn1"';
const denied = (proxy: string) => `haproxy_frontend_requests_denied_total{job="egress",${app},proxy="${proxy}"}`;
const packets = `sovereign_egress_refused_packets_total{job="node",${app}}`;

export const egressCases: readonly RuleCase[] = [
  {
    alert: "EgressRefused",
    when: "a name that is not listed, on both counts one alert for the machine",
    series: { [denied("tls")]: "0 0 0 1x5", [denied("http")]: "0x8", [packets]: "0 0 3x6" },
    at: "6m",
    fires: 1,
    with: 'host="app-1",severity="warning"',
  },
  {
    alert: "EgressRefused",
    when: "a packet that has no name",
    series: { [denied("tls")]: "0x8", [packets]: "4 4 4 5x5" },
    at: "6m",
    fires: 1,
  },
  {
    alert: "EgressRefused",
    when: "nothing for ten minutes, whatever was before",
    series: { [denied("tls")]: "0 9x20", [packets]: "3 7x20" },
    at: "18m",
    fires: 0,
  },
  {
    alert: "EgressRefused",
    when: "requests that the way to the data refuses",
    series: { [`haproxy_frontend_requests_denied_total{job="haproxy",${app},proxy="metrics"}`]: "0 9x8" },
    at: "6m",
    fires: 0,
  },
];
