import { expect, test } from "vitest";
import type { FirewallRule } from "../../api/model.ts";
import { renderServerChains } from "./firewall.ts";

const rule = (given: Partial<FirewallRule>): FirewallRule => ({
  direction: "in",
  protocol: "tcp",
  port: null,
  source_ips: [],
  destination_ips: [],
  description: null,
  ...given,
});
const anywhere = ["0.0.0.0/0", "::/0"];

test("a firewall without rules lets nothing in and everything out", () => {
  expect(renderServerChains("p1", [])).toBe("  chain in-p1 {\n    drop\n  }\n");
});

test("every protocol, ports, ranges and both versions of IP", () => {
  const rules = [
    rule({ port: "22", source_ips: ["203.0.113.0/24", "2001:db8:7::/48", "192.0.2.1/32"] }),
    rule({ port: "8000-8999", source_ips: anywhere }),
    rule({ port: "any", source_ips: ["192.0.2.1/32"] }),
    rule({ protocol: "udp", port: "51820", source_ips: ["0.0.0.0/0"] }),
    rule({ protocol: "icmp", source_ips: anywhere }),
    rule({ protocol: "esp", source_ips: ["192.0.2.1/32"] }),
    rule({ protocol: "gre", source_ips: ["2001:db8:7::/48"] }),
    rule({ direction: "out", port: "443", destination_ips: anywhere }),
    rule({ direction: "out", protocol: "udp", port: "53", destination_ips: ["185.12.64.1/32"] }),
  ];
  expect(renderServerChains("p1", rules)).toMatchInlineSnapshot(`
    "  chain out-p1 {
        meta nfproto ipv4 tcp dport 443 return
        meta nfproto ipv6 tcp dport 443 return
        ip daddr { 185.12.64.1/32 } udp dport 53 return
        drop
      }
      chain in-p1 {
        ip saddr { 203.0.113.0/24, 192.0.2.1/32 } tcp dport 22 return
        ip6 saddr { 2001:db8:7::/48 } tcp dport 22 return
        meta nfproto ipv4 tcp dport 8000-8999 return
        meta nfproto ipv6 tcp dport 8000-8999 return
        ip saddr { 192.0.2.1/32 } meta l4proto tcp return
        meta nfproto ipv4 udp dport 51820 return
        meta nfproto ipv4 meta l4proto icmp return
        meta nfproto ipv6 meta l4proto ipv6-icmp return
        ip saddr { 192.0.2.1/32 } meta l4proto esp return
        ip6 saddr { 2001:db8:7::/48 } meta l4proto gre return
        drop
      }
    "
  `);
});

test("what one firewall allows is allowed: equal rules of several come once, blocks within others are left out", () => {
  const rules = [
    rule({ port: "22", source_ips: ["10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/8", "2001:db8::/32", "2001:db8:1::/64"] }),
    rule({ port: "80", source_ips: anywhere }),
    rule({ port: "80", source_ips: anywhere }),
  ];
  expect(renderServerChains("p1", rules)).toMatchInlineSnapshot(`
    "  chain in-p1 {
        ip saddr { 10.0.0.0/8 } tcp dport 22 return
        ip6 saddr { 2001:db8::/32 } tcp dport 22 return
        meta nfproto ipv4 tcp dport 80 return
        meta nfproto ipv6 tcp dport 80 return
        drop
      }
    "
  `);
});
