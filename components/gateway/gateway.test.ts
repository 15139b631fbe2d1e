import * as pulumi from "@pulumi/pulumi";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type PlannedResource, planWithoutProvider } from "../nothing-exists.ts";
import { platformWithoutProvider } from "../nothing-exists-platform.ts";
import { firstAddress } from "./addresses.ts";
import type { GatewayArgs } from "./gateway.ts";
import { renderPdns } from "./pdns.ts";
import { gatewayRole } from "./role.ts";
import { renderStatusProgram } from "./status.ts";
import { testSpec } from "./testing.ts";

let made: PlannedResource[];

beforeAll(async () => {
  made = await planWithoutProvider("sovereign-stacks", "shop");
});
beforeEach(() => void made.splice(0));

async function create(changes: Partial<GatewayArgs> = {}, opts?: pulumi.ComponentResourceOptions) {
  const { Gateway } = await import("./gateway.ts");
  const { NameServerAddresses } = await import("./addresses.ts");
  const platform = platformWithoutProvider("shop", ["gateway", "monitoring"], ["fsn1", "nbg1"]);
  const addresses = new NameServerAddresses(
    "shop-names",
    { platform, zone: "shop.example.eu", locations: ["fsn1", "nbg1"] },
    opts,
  );
  const common: Omit<GatewayArgs, "platform"> = {
    addresses,
    servedNames: ["shop.example.eu"],
    entrances: [
      { location: "fsn1", ipv4: "192.0.2.1", ipv6: "2001:db8::1" },
      { location: "nbg1", ipv4: "192.0.2.2", ipv6: "2001:db8::2" },
    ],
    ...changes,
  };
  const gateways = (["fsn1", "nbg1"] as const).map(
    (location) => new Gateway(`shop-gateway-${location}`, { ...common, platform: platform.at(location) }, opts),
  );
  await pulumi.runtime.disconnect();
  return { addresses, gateways };
}
const ofType = (suffix: string) => made.filter((resource) => resource.type.endsWith(suffix));

describe("Gateway", () => {
  test("each has addresses that were made for it, and a firewall that lets questions in", async () => {
    const kept: string[] = [];
    const note: pulumi.ResourceTransformation = ({ name, type, opts }) => {
      if (opts.protect && /:(Server|PrimaryIp|Volume)$/.test(type)) kept.push(name);
      return undefined;
    };
    const { gateways } = await create({}, { transformations: [note] });
    const names = ["fsn1", "nbg1"].map((location) => `shop-gateway-${location}-1`);
    expect(kept.sort()).toEqual(names.flatMap((name) => [name, `${name}-ipv4`, `${name}-ipv6`]).sort());
    const idOf = (name: string) => made.findIndex((resource) => resource.name === name) + 1;
    for (const [index, server] of ofType(":Server").entries()) {
      const name = names[index]!;
      expect(server.name).toBe(name);
      expect(server.inputs.publicNets).toEqual([
        { ipv4Enabled: true, ipv4: idOf(`${name}-ipv4`), ipv6Enabled: true, ipv6: idOf(`${name}-ipv6`) },
      ]);
      const firewall = made.findIndex((resource) => resource.type.endsWith(":Firewall") && resource.name === name) + 1;
      expect(server.inputs.firewallIds).toEqual([1, firewall]);
    }
    for (const { inputs } of ofType(":Firewall")) {
      const rules = inputs.rules as { protocol: string; port: string; direction: string; sourceIps: string[] }[];
      expect(rules.map((r) => `${r.direction} ${r.protocol} ${r.port} ${r.sourceIps.join(" ")}`)).toEqual([
        "in udp 53 0.0.0.0/0 ::/0",
        "in tcp 53 0.0.0.0/0 ::/0",
      ]);
    }
    expect(gateways.map((gateway) => gateway.costs.map((cost) => cost.monthlyEur))).toEqual([[11.99], [11.99]]);
    expect(
      ofType(":PrimaryIp").every((ip) => ip.inputs.autoDelete === false && ip.inputs.deleteProtection === true),
    ).toBe(true);
  });

  test("the filter of the machine lets questions in from everywhere and metrics from monitoring alone", async () => {
    const { gateways } = await create();
    const files = gateways[0]!.host.machine.cloudConfig.files;
    const filter = files.find((file) => file.path === "/etc/nftables.conf")!.content;
    expect(filter).toContain('    udp dport 53 accept comment "DNS questions of the public"\n');
    expect(filter).toContain("    tcp dport 53 accept ");
    expect(filter).toMatch(/ip saddr \{ [\d./, ]+ \} tcp dport 8053 accept/);
    expect(filter).not.toMatch(/^ *tcp dport 8053/m);
  });

  test("says everything that is wrong at once", async () => {
    await expect(
      create({
        servedNames: ["shop.example.org", "ns1.shop.example.eu"],
        entrances: [
          { location: "fsn1", ipv4: "192.0.2.1", drained: true },
          { location: "fsn1", ipv4: "192.0.2.1", drained: true },
        ],
        near: [{ location: "hel1", networks: ["192.0.2.0", "192.0.2.0/24", "192.0.2.0/24", "1/8"] }],
        healthUrl: "https://shop.example.eu:8443/healthz' os.exit()",
        ttlSeconds: 0,
        generation: 0,
        serverType: "cpx0" as "cpx12",
        records: [{ name: "a.shop.example.eu", type: "A", address: "1" }],
      }),
    ).rejects.toThrow(
      [
        'shop-gateway-fsn1: servedNames: "shop.example.org" is not a whole host name in shop.example.eu, in lower case',
        "servedNames: ns1.shop.example.eu is the name servers' own",
        "entrances: none is left: name at least one that is not drained",
        "entrances: fsn1 is named twice",
        `healthUrl: "https://shop.example.eu:8443/healthz' os.exit()" is not a URL such as https://shop.example.eu/healthz, without a port`,
        "ttlSeconds: 0 is not a whole number from 1 to 300",
        'serverType: "cpx0" is not known',
        "generation: 0 is not a whole number from 1",
        'near[0].location: "hel1" has no entrance',
        'near[0].networks: "192.0.2.0" is not a range such as 192.0.2.0/24',
        'near[0].networks: "1/8" is not a range such as 192.0.2.0/24',
        "near: 192.0.2.0/24 is named twice",
        'records[0].address: "1" is not an address for A',
      ].join("; "),
    );
  });

  test("one name server is not enough, and one location has one", async () => {
    const { nameServerProblems } = await import("./addresses.ts");
    expect(nameServerProblems({ zone: "shop", locations: ["fsn1"] }).join("; ")).toMatch(
      /^zone: "shop".*; locations: name at least two/,
    );
    expect(nameServerProblems({ zone: "shop.eu", locations: ["fsn1", "fsn1"] })).toEqual([
      "locations: one is named twice",
    ]);
  });
});

test("a machine has the first address of its IPv6 network", () => {
  expect(["2001:db8:1::/64", "2001:db8:1::", "2001:db8:1::1"].map(firstAddress)).toEqual(
    Array(3).fill("2001:db8:1::1"),
  );
});

test("settings", () => {
  expect(
    renderPdns({ addresses: ["192.0.2.1", "2001:db8::1"], intervalSeconds: 2, metricsFrom: ["10.0.4.0/24"] }),
  ).toMatchSnapshot("pdns.conf");
  expect(renderStatusProgram("192.0.2.1", "_entrances.shop.example.eu")).toMatchSnapshot("status program");
});

test("a name server beyond the list is an error", () => {
  expect(() => gatewayRole({ ...testSpec, index: 2 })).toThrow("name server 3 is not one of the 2");
});
