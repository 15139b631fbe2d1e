import ipaddr from "ipaddr.js";
import type { NamedPort, Outgoing } from "./egress.ts";
import { egressUser, inwardRanges, refusedCounter } from "./egress-proxy.ts";

/** An opening with its ranges resolved. */
export interface FilterRule {
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  /** Ranges of the private network, or everybody on any interface. */
  readonly sources: readonly string[] | "anywhere";
  readonly purpose: string;
}

/** The provider's metadata service, which hands out the user data and so every secret of the machine. */
const metadataService = "169.254.169.254";

const comment = (text: string): string => text.replace(/["\\\n]/g, " ").slice(0, 120);
const set = (ranges: readonly (string | number)[]): string => `{ ${[...new Set(ranges)].sort().join(", ")} }`;
const family = (range: string): "ip" | "ip6" => (range.includes(":") ? "ip6" : "ip");
const ofFamily = (wanted: "ip" | "ip6", ranges: readonly string[]) =>
  ranges.filter((range) => family(range) === wanted);

const inside = (privateRange: string | undefined): string[] => (privateRange === undefined ? [] : [privateRange]);

/** Its own user's alone, so that nobody else asks any time server. */
const timeUser = "systemd-timesync";

const toAddress = (way: NamedPort): string => `${family(way.host)} daddr ${network(way.host)} tcp dport ${way.port}`;

/** Host bits are nothing that the filter takes in a range. */
function network(range: string): string {
  if (!range.includes("/")) return range;
  const [address, bits] = ipaddr.parseCIDR(range);
  const base = address.kind() === "ipv4" ? ipaddr.IPv4 : ipaddr.IPv6;
  return `${base.networkAddressFromCIDR(range).toString()}/${bits}`;
}

/**
 * Leads what goes outside to the proxy that lets it out by name, whatever address was asked for; connections to approved
 * addresses, and the proxy's own, go straight.
 */
function redirectChain(privateRange: string | undefined, { proxied, addresses, direct }: Outgoing): string[] {
  return [
    "chain to_proxy {",
    "  type nat hook output priority dstnat; policy accept;",
    `  meta skuid "${egressUser}" return`,
    "  fib daddr type { local, broadcast, multicast } return",
    `  ip daddr ${set([...inside(privateRange), metadataService])} return`,
    ...direct.map((way) => `  meta skuid "${way.user}" tcp dport ${way.port} return comment "${comment(way.purpose)}"`),
    ...addresses.map((way) => `  ${toAddress(way)} return comment "${comment(way.purpose)}"`),
    ...proxied.map(({ port, localPort }) => `  tcp dport ${port} redirect to :${localPort}`),
    "}",
  ];
}

/** What is not for the private network goes to approved addresses, the provider's resolvers, and through the proxy. */
function outputRules(privateRange: string | undefined, outgoing: Outgoing): string[] {
  const { proxied, addresses, direct, resolvers } = outgoing;
  const proxyPorts = set(proxied.map((way) => way.port));
  const asked = (wanted: "ip" | "ip6") => {
    const servers = ofFamily(wanted, resolvers);
    if (servers.length === 0) return [];
    return [`${wanted} daddr ${set(servers)} meta l4proto { tcp, udp } th dport 53 accept`];
  };
  return [
    `ip daddr ${metadataService} accept`,
    "oif lo accept",
    "fib daddr type local accept",
    "ct state established,related accept",
    "ct state invalid drop",
    ...inside(privateRange).map((range) => `ip daddr ${range} accept`),
    "udp sport { 68, 546 } udp dport { 67, 547 } accept",
    "icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } accept",
    "fib daddr type { broadcast, multicast } drop",
    ...asked("ip"),
    ...asked("ip6"),
    `meta skuid "${timeUser}" udp dport 123 accept`,
    ...addresses.map((way) => `${toAddress(way)} accept comment "${comment(way.purpose)}"`),
    ...[
      { user: egressUser, ports: proxyPorts },
      ...direct.map(({ user, port }) => ({ user, ports: `${port}` })),
    ].flatMap(({ user, ports }) =>
      (["ip", "ip6"] as const).map(
        (wanted) =>
          `meta skuid "${user}" ${wanted} daddr != ${set(inwardRanges[wanted === "ip" ? "ipv4" : "ipv6"])} tcp dport ${ports} accept`,
      ),
    ),
    `counter name "${refusedCounter}"`,
    'limit rate 10/minute burst 20 packets log prefix "egress refused: " flags skuid',
    "reject with icmpx admin-prohibited",
  ];
}

/** Datagrams each second that one source may send to a public port, and those that it may save up. */
const [perSource, burst] = [200, 400];
/** Sources that are counted at the same time; what comes from more is let in uncounted. */
const countedSources = 65_535;

const publicUdp = (rules: readonly FilterRule[]): number[] =>
  rules.filter((rule) => rule.sources === "anywhere" && rule.protocol === "udp").map((rule) => rule.port);

/**
 * A question and its answer are one datagram each: remembering each pair would fill the kernel's table of connections, and
 * then nothing would get through. An IPv6 source is its /64, as whoever has one address there has them all.
 */
function publicUdpParts(udpPorts: readonly number[]): {
  readonly chains: string[];
  readonly input: string[];
  readonly output: string[];
} {
  if (udpPorts.length === 0) return { chains: [], input: [], output: [] };
  const to = set(udpPorts);
  const counted = (name: string, type: string) =>
    `set ${name} { type ${type}; size ${countedSources}; flags dynamic; timeout 30s; }`;
  const limit = `limit rate over ${perSource}/second burst ${burst} packets`;
  return {
    chains: [
      counted("asking4", "ipv4_addr"),
      counted("asking6", "ipv6_addr"),
      `chain questions { type filter hook prerouting priority raw; iif != lo udp dport ${to} notrack; }`,
      `chain answers { type filter hook output priority raw; oif != lo udp sport ${to} notrack; }`,
    ],
    input: [
      `udp dport ${to} update @asking4 { ip saddr ${limit} } drop`,
      `udp dport ${to} update @asking6 { ip6 saddr & ffff:ffff:ffff:ffff:: ${limit} } drop`,
    ],
    output: [`udp sport ${to} ct state untracked accept`],
  };
}

/**
 * The machine's nftables rules: inbound is dropped but for what is listed, and only root reaches the metadata service.
 * SSH is closed to the private network; from outside the provider's firewall lets the administrators' ranges in alone:
 * these change, and a rule here could not follow on a machine whose files are frozen.
 * A table of its own, replaced as a whole, so that rules of others (podman's) stay.
 */
export function renderPacketFilter(spec: {
  /** @default no private network */
  privateRange?: string | undefined;
  rules: readonly FilterRule[];
  /** What may go out. @default everything */
  outgoing?: Outgoing | undefined;
}): string {
  const { privateRange, outgoing } = spec;
  const indented = (lines: readonly string[], by: string) => lines.map((line) => `${by}${line}\n`).join("");
  const policy = outgoing ? "drop" : "accept";
  const udp = publicUdpParts(publicUdp(spec.rules));
  const lines = [
    ...udp.input,
    `${privateRange === undefined ? "meta nfproto ipv4" : `ip saddr != ${privateRange}`} tcp dport 22 accept comment "SSH; who may is up to the provider's firewall"`,
    `meta nfproto ipv6 tcp dport 22 accept comment "SSH; who may is up to the provider's firewall"`,
    ...spec.rules.map(
      (r) =>
        `${r.sources === "anywhere" ? "" : `ip saddr ${set(r.sources)} `}${r.protocol} dport ${r.port} accept comment "${comment(r.purpose)}"`,
    ),
  ];
  return `#!/usr/sbin/nft -f
table inet sovereign
delete table inet sovereign
table inet sovereign {
${outgoing ? indented([`counter ${refusedCounter} {}`, ...redirectChain(privateRange, outgoing)], "  ") : ""}${indented(udp.chains, "  ")}  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    ct state established,related accept
    ct state invalid drop
    meta l4proto { icmp, ipv6-icmp } accept
    udp sport { 67, 547 } udp dport { 68, 546 } accept comment "DHCP"
${lines.map((line) => `    ${line}`).join("\n")}
  }
  chain output {
    type filter hook output priority filter; policy ${policy};
    ip daddr ${metadataService} meta skuid != 0 reject comment "user data holds secrets"
${outgoing ? indented([...udp.output, ...outputRules(privateRange, outgoing)], "    ") : ""}  }
  chain forward {
    type filter hook forward priority filter; policy ${policy};
    ip daddr ${metadataService} drop comment "user data holds secrets"
  }
}
`;
}
