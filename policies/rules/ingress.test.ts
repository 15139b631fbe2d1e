import { describe, expect, test } from "vitest";
import type { Properties } from "../../graph/model.ts";
import { Secret } from "../../graph/model.ts";
import { resource } from "../core/testing.ts";
import { includes, isAnywhere, isFirewall, openings } from "./ingress.ts";

/** `path from-to source source`, for each opening. */
function opened(type: string, inputs: Properties): string[] {
  return openings(resource({ type, inputs })).map(
    ({ path, ports: { from, to }, sources }) => `${path || "."} ${from}-${to} ${sources.join(" ")}`,
  );
}

const NSG_RULE = {
  direction: "Inbound",
  access: "Allow",
  protocol: "Tcp",
  destinationPortRange: "22",
  sourceAddressPrefix: "Internet",
};

/** How each provider's own documentation writes: let 192.0.2.0/24 (and an IPv6 range, where there is a second property) in at ports 80 to 85. */
const WRITTEN: readonly (readonly [type: string, inputs: Properties, expected: readonly string[]])[] = [
  [
    "hcloud:index/firewall:Firewall",
    { rules: [{ direction: "in", protocol: "tcp", port: "80-85", sourceIps: ["192.0.2.0/24", "2001:db8::/32"] }] },
    ["rules[0] 80-85 192.0.2.0/24 2001:db8::/32"],
  ],
  [
    "aws:ec2/securityGroup:SecurityGroup",
    {
      ingress: [
        { protocol: "tcp", fromPort: 80, toPort: 85, cidrBlocks: ["192.0.2.0/24"], ipv6CidrBlocks: ["2001:db8::/32"] },
      ],
    },
    ["ingress[0] 80-85 192.0.2.0/24 2001:db8::/32"],
  ],
  [
    "aws:ec2/securityGroupRule:SecurityGroupRule",
    {
      type: "ingress",
      protocol: "tcp",
      fromPort: 80,
      toPort: 85,
      cidrBlocks: ["192.0.2.0/24"],
      ipv6CidrBlocks: ["2001:db8::/32"],
    },
    [". 80-85 192.0.2.0/24 2001:db8::/32"],
  ],
  [
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    { ipProtocol: "tcp", fromPort: 80, toPort: 85, cidrIpv4: "192.0.2.0/24", cidrIpv6: "2001:db8::/32" },
    [". 80-85 192.0.2.0/24 2001:db8::/32"],
  ],
  [
    "aws-native:ec2:SecurityGroup",
    {
      securityGroupIngress: [
        { ipProtocol: "tcp", fromPort: 80, toPort: 85, cidrIp: "192.0.2.0/24", cidrIpv6: "2001:db8::/32" },
      ],
    },
    ["securityGroupIngress[0] 80-85 192.0.2.0/24 2001:db8::/32"],
  ],
  [
    "azure-native:network:NetworkSecurityGroup",
    {
      securityRules: [
        {
          direction: "Inbound",
          access: "Allow",
          protocol: "Tcp",
          destinationPortRange: "80-85",
          sourceAddressPrefix: "192.0.2.0/24",
        },
      ],
    },
    ["securityRules[0] 80-85 192.0.2.0/24"],
  ],
  [
    "azure-native:network:SecurityRule",
    {
      direction: "Inbound",
      access: "Allow",
      destinationPortRanges: ["80-85", "22"],
      sourceAddressPrefixes: ["192.0.2.0/24", "198.51.100.0/24"],
    },
    [". 80-85 192.0.2.0/24 198.51.100.0/24", ". 22-22 192.0.2.0/24 198.51.100.0/24"],
  ],
  [
    "azure:network/networkSecurityGroup:NetworkSecurityGroup",
    {
      securityRules: [
        {
          direction: "Inbound",
          access: "Allow",
          destinationPortRange: "80-85",
          sourceAddressPrefix: "192.0.2.0/24",
        },
      ],
    },
    ["securityRules[0] 80-85 192.0.2.0/24"],
  ],
  [
    "azure:network/networkSecurityRule:NetworkSecurityRule",
    { direction: "Inbound", access: "Allow", destinationPortRange: "80-85", sourceAddressPrefix: "192.0.2.0/24" },
    [". 80-85 192.0.2.0/24"],
  ],
  [
    "gcp:compute/firewall:Firewall",
    {
      direction: "INGRESS",
      allows: [{ protocol: "tcp", ports: ["80-85", "22"] }],
      sourceRanges: ["192.0.2.0/24"],
    },
    [". 80-85 192.0.2.0/24", ". 22-22 192.0.2.0/24"],
  ],
  [
    "scaleway:instance/securityGroup:SecurityGroup",
    {
      inboundRules: [
        { action: "accept", portRange: "80-85", ipRange: "192.0.2.0/24" },
        { action: "accept", port: 22, ip: "192.0.2.7" },
      ],
    },
    ["inboundRules[0] 80-85 192.0.2.0/24", "inboundRules[1] 22-22 192.0.2.7"],
  ],
  [
    "openstack:networking/secGroupRule:SecGroupRule",
    { direction: "ingress", portRangeMin: 80, portRangeMax: 85, remoteIpPrefix: "192.0.2.0/24" },
    [". 80-85 192.0.2.0/24"],
  ],
  [
    "exoscale:index/securityGroupRule:SecurityGroupRule",
    { type: "INGRESS", startPort: 80, endPort: 85, cidr: "192.0.2.0/24" },
    [". 80-85 192.0.2.0/24"],
  ],
  [
    "upcloud:index/firewallRules:FirewallRules",
    {
      firewallRules: [
        {
          direction: "in",
          action: "accept",
          destinationPortStart: "80",
          destinationPortEnd: "85",
          sourceAddressStart: "192.0.2.0",
        },
      ],
    },
    ["firewallRules[0] 80-85 192.0.2.0"],
  ],
  [
    "digitalocean:index/firewall:Firewall",
    { inboundRules: [{ protocol: "tcp", portRange: "80-85", sourceAddresses: ["192.0.2.0/24"] }] },
    ["inboundRules[0] 80-85 192.0.2.0/24"],
  ],
  [
    "linode:index/firewall:Firewall",
    {
      inbounds: [
        { action: "ACCEPT", protocol: "TCP", ports: "22,80-85", ipv4s: ["192.0.2.0/24"], ipv6s: ["2001:db8::/32"] },
      ],
    },
    ["inbounds[0] 22-22 192.0.2.0/24 2001:db8::/32", "inbounds[0] 80-85 192.0.2.0/24 2001:db8::/32"],
  ],
];

describe("how providers write what a firewall lets in", () => {
  test.each(WRITTEN)("%s", (type, inputs, expected) => {
    expect(opened(type, inputs)).toEqual(expected);
    expect(isFirewall(resource({ type }))).toBe(true);
  });

  test.each([
    ["hcloud:index/firewall:Firewall", { rules: [{ direction: "out", port: "22", sourceIps: ["0.0.0.0/0"] }] }],
    [
      "aws:ec2/securityGroupRule:SecurityGroupRule",
      { type: "egress", fromPort: 22, toPort: 22, cidrBlocks: ["0.0.0.0/0"] },
    ],
    ["aws:ec2/securityGroup:SecurityGroup", { egress: [{ fromPort: 22, toPort: 22, cidrBlocks: ["0.0.0.0/0"] }] }],
    ["azure-native:network:SecurityRule", { ...NSG_RULE, direction: "Outbound" }],
    ["azure-native:network:SecurityRule", { ...NSG_RULE, access: "Deny" }],
    ["azure:network/networkSecurityRule:NetworkSecurityRule", { ...NSG_RULE, direction: "Outbound" }],
    ["azure:network/networkSecurityRule:NetworkSecurityRule", { ...NSG_RULE, access: "Deny" }],
    ["azure-native:network:NetworkSecurityGroup", { securityRules: [{ ...NSG_RULE, access: "Deny" }] }],
    ["azure:network/networkSecurityGroup:NetworkSecurityGroup", { securityRules: [{ ...NSG_RULE, access: "Deny" }] }],
    [
      "gcp:compute/firewall:Firewall",
      { direction: "EGRESS", allows: [{ protocol: "tcp", ports: ["22"] }], sourceRanges: ["0.0.0.0/0"] },
    ],
    ["scaleway:instance/securityGroup:SecurityGroup", { inboundRules: [{ action: "drop", port: 22 }] }],
    [
      "openstack:networking/secGroupRule:SecGroupRule",
      { direction: "egress", portRangeMin: 22, portRangeMax: 22, remoteIpPrefix: "0.0.0.0/0" },
    ],
    [
      "exoscale:index/securityGroupRule:SecurityGroupRule",
      { type: "EGRESS", startPort: 22, endPort: 22, cidr: "0.0.0.0/0" },
    ],
    [
      "upcloud:index/firewallRules:FirewallRules",
      {
        firewallRules: [
          { direction: "out", action: "accept" },
          { direction: "in", action: "drop" },
        ],
      },
    ],
    ["linode:index/firewall:Firewall", { inbounds: [{ action: "DROP", ports: "22", ipv4s: ["0.0.0.0/0"] }] }],
    ["hcloud:index/server:Server", { rules: [{ direction: "in", port: "22", sourceIps: ["0.0.0.0/0"] }] }],
  ])("%s: what goes out, is denied or is no firewall opens nothing", (type, inputs) => {
    expect(opened(type, inputs as Properties)).toEqual([]);
  });

  test("what is no firewall is none", () => {
    expect(isFirewall(resource({ type: "hcloud:index/server:Server" }))).toBe(false);
  });

  test.each(["Inbound", "inbound", "In", "in", "Ingress", "ingress", "INGRESS"])("%s means inwards", (direction) => {
    expect(opened("azure-native:network:SecurityRule", { ...NSG_RULE, direction })).toHaveLength(1);
  });

  test.each(["Allow", "allow", "accept", "ACCEPT"])("%s lets in", (access) => {
    expect(opened("azure-native:network:SecurityRule", { ...NSG_RULE, access })).toHaveLength(1);
  });
});

const one = (rule: Properties) =>
  opened("hcloud:index/firewall:Firewall", { rules: [{ direction: "in", sourceIps: ["192.0.2.0/24"], ...rule }] });

describe("ports", () => {
  test.each([
    ["22", "22-22"],
    ["80-85", "80-85"],
    ["80:85", "80-85"],
    [" 22 ", "22-22"],
    ["any", "0-65535"],
    ["*", "0-65535"],
    ["", "0-65535"],
    ["x22", "0-65535"],
    ["22x", "0-65535"],
    ["80-", "0-65535"],
  ])("%j is %s", (port, range) => {
    expect(one({ port })).toEqual([`rules[0] ${range} 192.0.2.0/24`]);
  });

  test("none said means all", () => {
    expect(one({})).toEqual(["rules[0] 0-65535 192.0.2.0/24"]);
  });

  const range = (fromPort: unknown, toPort: unknown) =>
    opened("aws:ec2/securityGroupRule:SecurityGroupRule", {
      type: "ingress",
      cidrBlocks: ["192.0.2.0/24"],
      ...(fromPort !== undefined && { fromPort }),
      ...(toPort !== undefined && { toPort }),
    } as Properties)[0];

  test.each([
    [80, 85, "80-85"],
    ["80", "85", "80-85"],
    [22, undefined, "22-22"],
    [0, 0, "0-0"],
    [-1, -1, "0-65535"],
    [undefined, undefined, "0-65535"],
    ["", "", "0-65535"],
    [22.5, 23, "0-65535"],
    ["all", 23, "0-65535"],
    [new Secret("443"), 443, "443-443"],
  ])("from %s to %s is %s", (from, to, expected) => {
    expect(range(from, to)).toBe(`. ${expected} 192.0.2.0/24`);
  });

  test("of an opening that includes a port both ends count", () => {
    const [opening] = openings(
      resource({
        type: "hcloud:index/firewall:Firewall",
        inputs: { rules: [{ direction: "in", port: "80-85", sourceIps: ["::/0"] }] },
      }),
    );
    expect([79, 80, 83, 85, 86].map((port) => includes(opening!, port))).toEqual([false, true, true, true, false]);
  });
});

describe("protocols", () => {
  test.each(["icmp", "ICMP", "icmpv6", "icmp6", "ipv6-icmp", "esp", "ah", "gre", "1", "50", "51", "47", "58"])(
    "%s has no ports: it opens none",
    (protocol) => {
      expect(one({ protocol })).toEqual([]);
      expect(
        opened("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", {
          ipProtocol: protocol,
          cidrIpv4: "0.0.0.0/0",
        }),
      ).toEqual([]);
    },
  );

  test.each(["tcp", "udp", "-1", "6"])("%s has", (protocol) => {
    expect(one({ protocol, port: "22" })).toHaveLength(1);
  });
});

describe("sources", () => {
  test.each(["*", "any", "Any", "Internet", "0.0.0.0", "all"])("%s is the internet", (sourceAddressPrefix) => {
    expect(opened("azure-native:network:SecurityRule", { ...NSG_RULE, sourceAddressPrefix })).toEqual([
      ". 22-22 0.0.0.0/0",
    ]);
  });

  test.each([
    "gcp:compute/firewall:Firewall",
    "scaleway:instance/securityGroup:SecurityGroup",
    "upcloud:index/firewallRules:FirewallRules",
  ])("%s: none said means the internet", (type) => {
    const rule = { action: "accept", direction: "in" };
    const inputs = { ...rule, inboundRules: [rule], firewallRules: [rule] };
    expect(opened(type, inputs)).toEqual([expect.stringContaining("0-65535 0.0.0.0/0")]);
  });

  test("elsewhere none said is none, and what is no text is none either", () => {
    expect(one({ sourceIps: [] })).toEqual([]);
    expect(one({ sourceIps: [7, null] as never })).toEqual([]);
  });

  test("a rule that is no object opens nothing, and one in a secret is seen", () => {
    const rules = ["22", new Secret({ direction: "in", port: "22", sourceIps: ["0.0.0.0/0"] })];
    expect(opened("hcloud:index/firewall:Firewall", { rules } as never)).toEqual(["rules[1] 22-22 0.0.0.0/0"]);
  });

  test.each([
    ["0.0.0.0/0", true],
    ["10.0.0.0/7", true],
    ["10.0.0.0/8", false],
    ["::/0", true],
    ["2000::/15", true],
    ["2001::/16", false],
    ["2001:db8::/32", false],
    ["192.0.2.1", false],
    ["internet", false],
    ["", false],
  ])("%s is anywhere: %s", (source, expected) => {
    expect(isAnywhere(source)).toBe(expected);
  });
});
