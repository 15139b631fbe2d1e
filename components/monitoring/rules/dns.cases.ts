import type { RuleCase } from "./cases.ts";

const gateway = (location: string) => `job="node",host="gateway-${location}",role="gateway",location="${location}"`;
const answers = (at: string) => `sovereign_dns_answers{${gateway(at)}}`;
const entrance = (at: string, of: string, family = "ipv4") =>
  `sovereign_dns_entrance_up{${gateway(at)},entrance="${of}",family="${family}"}`;

export const dnsCases: readonly RuleCase[] = [
  {
    alert: "NameServerDown",
    when: "one of two does not answer",
    series: { [answers("fsn1")]: "1 0x4", [answers("nbg1")]: "1x5" },
    at: "3m",
    fires: 1,
    with: 'host="gateway-fsn1",severity="critical"',
  },
  { alert: "NameServerDown", when: "a restart", series: { [answers("fsn1")]: "1 0 1x4" }, at: "3m", fires: 0 },
  {
    alert: "EntranceOutOfDns",
    when: "a location that no name server reaches, and one of two families of another",
    series: {
      [entrance("fsn1", "nbg1")]: "1 0x4",
      [entrance("nbg1", "nbg1")]: "1 0x4",
      [entrance("fsn1", "hel1")]: "1x5",
      [entrance("fsn1", "hel1", "ipv6")]: "1 0x4",
    },
    at: "3m",
    fires: 2,
  },
  {
    alert: "EntranceOutOfDns",
    when: "a location that one name server reaches and the other does not",
    series: { [entrance("fsn1", "nbg1")]: "1 0x4", [entrance("nbg1", "nbg1")]: "1x5" },
    at: "3m",
    fires: 0,
  },
  {
    alert: "EntranceOutOfDns",
    when: "checks that have just begun",
    interval: "15s",
    series: { [entrance("fsn1", "nbg1")]: "0 1x8", [entrance("nbg1", "nbg1")]: "0 1x8" },
    at: "1m",
    fires: 0,
  },
  {
    alert: "NameServersDisagree",
    when: "one reaches a location and the other does not, for long",
    series: { [entrance("fsn1", "nbg1")]: "1 0x9", [entrance("nbg1", "nbg1")]: "1x10" },
    at: "8m",
    fires: 1,
    with: 'entrance="nbg1",severity="warning"',
  },
  {
    alert: "NameServersDisagree",
    when: "both see the same of each location",
    series: {
      [entrance("fsn1", "nbg1")]: "0x10",
      [entrance("nbg1", "nbg1")]: "0x10",
      [entrance("fsn1", "fsn1")]: "1x10",
    },
    at: "8m",
    fires: 0,
  },
];
