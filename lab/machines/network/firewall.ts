import ipaddr from "ipaddr.js";
import type { FirewallRule } from "../../api/model.ts";

type Direction = FirewallRule["direction"];

/**
 * The chains of one server's cloud firewalls, as nftables writes them: `in-<device>` for what comes to the server, which lets nothing
 * else through, and `out-<device>` for what it sends, which exists once a rule speaks of that direction. A packet that a chain lets
 * through goes back to the chain before, since the other side's firewall has a say as well.
 * @param rules of all firewalls that the server has: what one of them allows is allowed
 */
export function renderServerChains(device: string, rules: readonly FirewallRule[]): string {
  return filteredDirections(rules)
    .map((direction) => {
      const lines = rules.filter((rule) => rule.direction === direction).flatMap(renderRule);
      return renderChain(chainName(direction, device), [...new Set(lines), "drop"]);
    })
    .join("");
}

/** Outbound everything is allowed until there is a rule for it; inbound nothing is. */
export function filteredDirections(rules: readonly FirewallRule[]): Direction[] {
  return rules.some((rule) => rule.direction === "out") ? ["out", "in"] : ["in"];
}

export const chainName = (direction: Direction, device: string): string => `${direction}-${device}`;

export const renderChain = (name: string, lines: readonly string[]): string =>
  `  chain ${name} {\n${lines.map((line) => `    ${line}\n`).join("")}  }\n`;

/** One line for each IP version that the rule speaks of. */
function renderRule(rule: FirewallRule): string[] {
  const side = rule.direction === "in" ? "saddr" : "daddr";
  const blocks = rule.direction === "in" ? rule.source_ips : rule.destination_ips;
  return (["ipv4", "ipv6"] as const).flatMap((version) => {
    const own = disjoint(blocks.filter((block) => block.includes(":") === (version === "ipv6")));
    if (own.length === 0) return [];
    const family = version === "ipv4" ? "ip" : "ip6";
    const from = own.some((block) => block.endsWith("/0"))
      ? `meta nfproto ${version}`
      : `${family} ${side} { ${own.join(", ")} }`;
    return [`${from} ${renderProtocol(rule, version)} return`];
  });
}

function renderProtocol({ protocol, port }: FirewallRule, version: "ipv4" | "ipv6"): string {
  if (protocol === "icmp") return `meta l4proto ${version === "ipv4" ? "icmp" : "ipv6-icmp"}`;
  if (port === null || port === "any") return `meta l4proto ${protocol}`;
  return `${protocol} dport ${port}`;
}

/** Blocks that no other one of them contains: nftables refuses sets whose elements overlap. */
function disjoint(blocks: readonly string[]): string[] {
  const parsed = [...new Set(blocks)].map((text) => ({ text, range: ipaddr.parseCIDR(text) }));
  return parsed
    .filter(
      (one) =>
        !parsed.some((other) => other !== one && other.range[1] < one.range[1] && one.range[0].match(other.range)),
    )
    .map(({ text }) => text);
}
