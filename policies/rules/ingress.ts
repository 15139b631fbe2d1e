import ipaddr from "ipaddr.js";
import type { Properties, Resource, Value } from "../../graph/model.ts";
import { entriesOf, isObject, open, valuesAt } from "./values.ts";

/** What a firewall lets in. */
export interface Opening {
  /** Property path of the rule. */
  readonly path: string;
  /** Inclusive; all ports where none is said. */
  readonly ports: { readonly from: number; readonly to: number };
  /** Address ranges as written, `0.0.0.0/0` for words like `Internet`. */
  readonly sources: readonly string[];
}

/** How a type writes its inbound rules. Paths with dots; lists stand for each of their entries. */
interface Form {
  readonly type: string;
  /** Where the rules are; absent: the resource is one. */
  readonly rules?: string;
  /** Properties that have to have one of these values, where they are there at all. */
  readonly only?: Readonly<Record<string, readonly string[]>>;
  /** `22`, `80-85`, `22,80-90`, `any`, `*`. */
  readonly ports?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly sources: readonly string[];
  /** What no source means. */
  readonly withoutSource?: "anywhere" | "nowhere";
}

const IN = ["in", "In", "ingress", "INGRESS", "Ingress", "Inbound", "inbound"];
const ALLOW = ["allow", "Allow", "accept", "ACCEPT"];
const AZURE = {
  only: { direction: IN, access: ALLOW },
  ports: ["destinationPortRange", "destinationPortRanges"],
  sources: ["sourceAddressPrefix", "sourceAddressPrefixes"],
};

const FORMS: readonly Form[] = [
  {
    type: "hcloud:index/firewall:Firewall",
    rules: "rules",
    only: { direction: IN },
    ports: ["port"],
    sources: ["sourceIps"],
  },
  {
    type: "aws:ec2/securityGroup:SecurityGroup",
    rules: "ingress",
    from: "fromPort",
    to: "toPort",
    sources: ["cidrBlocks", "ipv6CidrBlocks"],
  },
  {
    type: "aws:ec2/securityGroupRule:SecurityGroupRule",
    only: { type: IN },
    from: "fromPort",
    to: "toPort",
    sources: ["cidrBlocks", "ipv6CidrBlocks"],
  },
  {
    type: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    from: "fromPort",
    to: "toPort",
    sources: ["cidrIpv4", "cidrIpv6"],
  },
  {
    type: "aws-native:ec2:SecurityGroup",
    rules: "securityGroupIngress",
    from: "fromPort",
    to: "toPort",
    sources: ["cidrIp", "cidrIpv6"],
  },
  { type: "azure-native:network:NetworkSecurityGroup", rules: "securityRules", ...AZURE },
  { type: "azure-native:network:SecurityRule", ...AZURE },
  { type: "azure:network/networkSecurityGroup:NetworkSecurityGroup", rules: "securityRules", ...AZURE },
  { type: "azure:network/networkSecurityRule:NetworkSecurityRule", ...AZURE },
  {
    type: "gcp:compute/firewall:Firewall",
    only: { direction: IN },
    ports: ["allows.ports"],
    sources: ["sourceRanges"],
    withoutSource: "anywhere",
  },
  {
    type: "scaleway:instance/securityGroup:SecurityGroup",
    rules: "inboundRules",
    only: { action: ALLOW },
    ports: ["port", "portRange"],
    sources: ["ipRange", "ip"],
    withoutSource: "anywhere",
  },
  {
    type: "openstack:networking/secGroupRule:SecGroupRule",
    only: { direction: IN },
    from: "portRangeMin",
    to: "portRangeMax",
    sources: ["remoteIpPrefix"],
  },
  {
    type: "exoscale:index/securityGroupRule:SecurityGroupRule",
    only: { type: IN },
    from: "startPort",
    to: "endPort",
    sources: ["cidr"],
  },
  {
    type: "upcloud:index/firewallRules:FirewallRules",
    rules: "firewallRules",
    only: { direction: IN, action: ALLOW },
    from: "destinationPortStart",
    to: "destinationPortEnd",
    sources: ["sourceAddressStart"],
    withoutSource: "anywhere",
  },
  {
    type: "digitalocean:index/firewall:Firewall",
    rules: "inboundRules",
    ports: ["portRange"],
    sources: ["sourceAddresses"],
  },
  {
    type: "linode:index/firewall:Firewall",
    rules: "inbounds",
    only: { action: ALLOW },
    ports: ["ports"],
    sources: ["ipv4s", "ipv6s"],
  },
];

const byType = new Map(FORMS.map((form) => [form.type, form]));

/** Whether a type's inbound rules are understood. */
export function isFirewall({ type }: Resource): boolean {
  return byType.has(type);
}

/** What the resource lets in from outside; nothing for types that are no firewalls. */
export function openings({ type, inputs }: Resource): Opening[] {
  const form = byType.get(type);
  if (!form) return [];
  const rules =
    form.rules === undefined ? [{ path: "", value: inputs as Value }] : valuesAt(inputs, form.rules).flatMap(entriesOf);
  return rules.flatMap(({ path, value }) => (isObject(value) && isMeant(value, form) ? opened(path, value, form) : []));
}

/** Protocols without ports; numbers as IANA has them. */
const PORTLESS = new Set(["icmp", "icmpv6", "icmp6", "ipv6-icmp", "esp", "ah", "gre", "1", "50", "51", "47", "58"]);

function isMeant(rule: Properties, { only = {} }: Form): boolean {
  const protocol = open(rule.protocol ?? rule.ipProtocol);
  if (typeof protocol === "string" && PORTLESS.has(protocol.toLowerCase())) return false;
  return Object.entries(only).every(([name, values]) => {
    const value = open(rule[name]);
    return typeof value !== "string" || values.includes(value);
  });
}

function opened(path: string, rule: Properties, form: Form): Opening[] {
  const texts = form.sources
    .flatMap((name) => valuesAt(rule, name).flatMap(entriesOf))
    .flatMap(({ value }) => (typeof value === "string" ? [value] : []));
  const sources = texts.length === 0 && form.withoutSource === "anywhere" ? ["0.0.0.0/0"] : texts.map(sourceOf);
  return sources.length === 0 ? [] : portsOf(rule, form).map((ports) => ({ path, ports, sources }));
}

const ANYWHERE = new Set(["*", "any", "Any", "Internet", "0.0.0.0", "all"]);

function sourceOf(text: string): string {
  return ANYWHERE.has(text) ? "0.0.0.0/0" : text;
}

const ALL = { from: 0, to: 65_535 };

function portsOf(rule: Properties, { ports, from, to }: Form): { from: number; to: number }[] {
  if (ports) {
    const texts = ports.flatMap((name) => valuesAt(rule, name).flatMap(entriesOf)).map(({ value }) => String(value));
    return texts.length === 0 ? [ALL] : texts.flatMap((text) => text.split(",")).map(range);
  }
  const first = number(rule[from!]);
  const last = number(rule[to!]) ?? first;
  return [first === undefined || first < 0 ? ALL : { from: first, to: last ?? first }];
}

function number(value: Value | undefined): number | undefined {
  const opened = open(value);
  const parsed = typeof opened === "string" && opened !== "" ? Number(opened) : opened;
  return typeof parsed === "number" && Number.isInteger(parsed) ? parsed : undefined;
}

function range(text: string): { from: number; to: number } {
  const [, from, to] = /^\s*(\d+)(?:[-:](\d+))?\s*$/.exec(text) ?? [];
  return from === undefined ? ALL : { from: Number(from), to: Number(to ?? from) };
}

export function includes({ ports: { from, to } }: Opening, port: number): boolean {
  return from <= port && port <= to;
}

/** Sources that are more of the internet than anybody administers: IPv4 shorter than /8, IPv6 shorter than /16. */
export function isAnywhere(source: string): boolean {
  if (!ipaddr.isValidCIDR(source)) return false;
  const [address, bits] = ipaddr.parseCIDR(source);
  return bits < (address.kind() === "ipv4" ? 8 : 16);
}
