/** An opening with its ranges resolved. */
export interface FilterRule {
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  readonly sources: readonly string[];
  readonly purpose: string;
}

/** The provider's metadata service, which hands out the user data and so every secret of the machine. */
const metadataService = "169.254.169.254";

const comment = (text: string): string => text.replace(/["\\\n]/g, " ").slice(0, 120);
const set = (ranges: readonly string[]): string => `{ ${[...ranges].sort().join(", ")} }`;

/**
 * The machine's nftables rules: inbound is dropped but for what is listed, and only root reaches the metadata service.
 * SSH is closed to the private network; from outside the provider's firewall lets the administrators' ranges in alone:
 * these change, and a rule here could not follow on a machine whose files are frozen.
 * A table of its own, replaced as a whole, so that rules of others (podman's) stay.
 */
export function renderPacketFilter(spec: { privateRange: string; rules: readonly FilterRule[] }): string {
  const lines = [
    `ip saddr != ${spec.privateRange} tcp dport 22 accept comment "SSH; who may is up to the provider's firewall"`,
    `meta nfproto ipv6 tcp dport 22 accept comment "SSH; who may is up to the provider's firewall"`,
    ...spec.rules.map(
      (r) => `ip saddr ${set(r.sources)} ${r.protocol} dport ${r.port} accept comment "${comment(r.purpose)}"`,
    ),
  ];
  return `#!/usr/sbin/nft -f
table inet sovereign
delete table inet sovereign
table inet sovereign {
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    ct state established,related accept
    ct state invalid drop
    meta l4proto { icmp, ipv6-icmp } accept
    udp sport { 67, 547 } udp dport { 68, 546 } accept comment "DHCP"
${lines.map((line) => `    ${line}`).join("\n")}
  }
  chain output {
    type filter hook output priority filter; policy accept;
    ip daddr ${metadataService} meta skuid != 0 reject comment "user data holds secrets"
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    ip daddr ${metadataService} drop comment "user data holds secrets"
  }
}
`;
}
