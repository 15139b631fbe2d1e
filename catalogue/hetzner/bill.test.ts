import { describe, expect, test } from "vitest";
import { monthlyEurNet } from "./bill.ts";
import { listPrices, withOlderServers } from "./price-list.ts";
import { serverTypes } from "./server-types.ts";

const server = "hcloud:index/server:Server";

describe("what Hetzner Cloud bills", () => {
  test("a server costs its type and an address", () => {
    expect(monthlyEurNet(server, { serverType: "cpx22" })).toBeCloseTo(19.99);
    expect(monthlyEurNet(server, { serverType: "CPX22" })).toBeCloseTo(19.99);
  });

  test("without a public address, or with one that is billed by itself, only its type", () => {
    expect(monthlyEurNet(server, { serverType: "cpx22", publicNets: [{ ipv4Enabled: false }] })).toBeCloseTo(19.49);
    expect(monthlyEurNet(server, { serverType: "cpx22", publicNets: [{ ipv4: 17 }] })).toBeCloseTo(19.49);
    expect(monthlyEurNet(server, { serverType: "cpx22", publicNets: [{ ipv6Enabled: false }] })).toBeCloseTo(19.99);
    expect(monthlyEurNet("hcloud:index/primaryIp:PrimaryIp", { type: "ipv4" })).toBe(0.5);
  });

  test("backups cost a fifth of the server", () => {
    expect(monthlyEurNet(server, { serverType: "cpx22", backups: true })).toBeCloseTo(19.49 * 1.2 + 0.5);
  });

  test("a volume costs its size", () => {
    expect(monthlyEurNet("hcloud:index/volume:Volume", { size: 100 })).toBeCloseTo(5.72);
  });

  test.each([
    [server, { serverType: "cx11" }],
    [server, {}],
    [server, { serverType: "cpx22", location: "ash" }],
    [server, { serverType: "cpx22", datacenter: "sin-dc1" }],
    ["hcloud:index/loadBalancer:LoadBalancer", { loadBalancerType: "lb11", location: "hil" }],
    ["hcloud:index/volume:Volume", { size: Number.NaN }],
    ["hcloud:index/loadBalancer:LoadBalancer", { loadBalancerType: "lb31" }],
    ["hcloud:index/loadBalancer:LoadBalancer", { loadBalancerType: "lb99" }],
    ["hcloud:index/floatingIp:FloatingIp", { type: "ipv4" }],
    ["hcloud:index/snapshot:Snapshot", {}],
  ])("%s %j has no known price, which is not zero", (type, inputs) => {
    expect(monthlyEurNet(type, inputs)).toBeNull();
  });

  test("what is on no bill has none", () => {
    expect(monthlyEurNet("hcloud:index/network:Network", {})).toBeUndefined();
    expect(monthlyEurNet("aws:ec2/instance:Instance", {})).toBeUndefined();
    expect(monthlyEurNet("constructor", {})).toBeUndefined();
  });

  test("a server that is older than today's prices costs what it did, and its backups with it", () => {
    const older = withOlderServers(listPrices);
    expect(monthlyEurNet(server, { serverType: "ccx13", location: "fsn1" }, older)).toBeCloseTo(16.49);
    expect(monthlyEurNet(server, { serverType: "CPX22", backups: true }, older)).toBeCloseTo(7.99 * 1.2 + 0.5);
    expect(monthlyEurNet("hcloud:index/volume:Volume", { size: 100 }, older)).toBeCloseTo(5.72);
  });

  test("of a type whose older price nobody published, or that is newer, it is not known", () => {
    const older = withOlderServers(listPrices);
    const unknown = serverTypes.filter(({ name }) => older.serverType(name, "fsn1") === null).map(({ name }) => name);
    expect(unknown).toEqual(["cpx12", "cpx42", "cpx52", "cpx62"]);
    for (const { name, monthlyEurNet: today } of serverTypes)
      expect(older.serverType(name, "fsn1") ?? 0).toBeLessThan(today);
    expect(older.serverType("ccx13", "ash")).toBeNull();
  });
});
