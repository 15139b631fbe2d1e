import { describe, expect, test } from "vitest";
import { monthlyEurNet } from "./bill.ts";

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
});
