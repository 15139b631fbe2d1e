import ipaddr from "ipaddr.js";
import { z } from "zod";
import { limits } from "../../../catalogue/hetzner/limits.ts";
import type { FirewallRule } from "../model.ts";

const portPattern = /^(?:any|\d{1,5}(?:-\d{1,5})?)$/;

function isPort(text: string): boolean {
  if (!portPattern.test(text)) return false;
  if (text === "any") return true;
  const [from, to = from] = text.split("-").map(Number);
  return from! >= 1 && to! <= 65_535 && from! <= to!;
}

/** A CIDR block without host bits in its canonical form; undefined when it is none. */
export function canonicalCidr(text: string): string | undefined {
  if (!/^[0-9a-fA-F:.]{2,45}\/\d{1,3}$/.test(text)) return undefined;
  const [address = "", bits] = text.split("/");
  const family = address.includes(":") ? ipaddr.IPv6 : ipaddr.IPv4;
  if (address.includes(":") ? !ipaddr.IPv6.isValid(address) : !ipaddr.IPv4.isValidFourPartDecimal(address)) {
    return undefined;
  }
  try {
    const given = ipaddr.parse(address).toString();
    return family.networkAddressFromCIDR(`${given}/${bits}`).toString() === given ? `${given}/${bits}` : undefined;
  } catch {
    return undefined;
  }
}

const blocks = z
  .array(
    z
      .string()
      .max(50)
      .refine((text) => canonicalCidr(text) !== undefined, "must be CIDR notation without host bits"),
  )
  .max(limits.networksPerFirewallRule);

const ruleSchema = z
  .object({
    direction: z.enum(["in", "out"]),
    protocol: z.enum(["tcp", "udp", "icmp", "esp", "gre"]),
    port: z.string().refine(isPort, "must be a port (1-65535), a range such as 1024-5000, or any").nullish(),
    source_ips: blocks.nullish(),
    destination_ips: blocks.nullish(),
    description: z.string().max(255).nullish(),
  })
  .superRefine((rule, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: "custom", message, path: [path] });
    const hasPort = rule.protocol === "tcp" || rule.protocol === "udp";
    if (hasPort && !rule.port) problem("port", `is needed for ${rule.protocol}`);
    if (!hasPort && rule.port) problem("port", `is not possible for ${rule.protocol}`);
    const [needed, other] =
      rule.direction === "in"
        ? (["source_ips", "destination_ips"] as const)
        : (["destination_ips", "source_ips"] as const);
    if (!rule[needed]?.length) problem(needed, `must not be empty for direction ${rule.direction}`);
    if (rule[other]?.length) problem(other, `must be empty for direction ${rule.direction}`);
  });

/** Rules of one firewall, as requests give them. */
export const rulesSchema = z
  .array(ruleSchema)
  .max(limits.rulesPerFirewall, `a firewall has at most ${limits.rulesPerFirewall} rules`)
  .refine(
    (rules) =>
      rules.reduce((sum, rule) => sum + (rule.source_ips ?? []).length + (rule.destination_ips ?? []).length, 0) <=
      limits.effectiveRulesPerFirewall,
    `a firewall has at most ${limits.effectiveRulesPerFirewall} effective rules (one per network)`,
  );

/** A rule as it is kept and shown: networks in canonical form, what is absent is null or empty. */
export function normalRule(rule: z.output<typeof ruleSchema>): FirewallRule {
  return {
    direction: rule.direction,
    protocol: rule.protocol,
    port: rule.port ?? null,
    source_ips: (rule.source_ips ?? []).map((text) => canonicalCidr(text)!),
    destination_ips: (rule.destination_ips ?? []).map((text) => canonicalCidr(text)!),
    description: rule.description ?? null,
  };
}
