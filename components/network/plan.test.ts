import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { type LocationName, locationNames } from "../../catalogue/hetzner/locations.ts";
import { networkCidrProblem, planNetwork, type SubnetRole, subnetRoles } from "./plan.ts";

const privateRange = fc
  .tuple(
    fc.constantFrom([10, 0, 0, 0, 8], [172, 16, 0, 0, 12], [192, 168, 0, 0, 16]),
    fc.integer({ min: 8, max: 20 }),
    fc.nat(),
  )
  .map(([[a, b, c, d, widest], prefix, seed]) => {
    const length = Math.max(prefix, widest!);
    const base = ((a! * 256 + b!) * 256 + c!) * 256 + d!;
    const address = base + (seed % 2 ** (length - widest!)) * 2 ** (32 - length);
    return `${[24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".")}/${length}`;
  });

const cells = locationNames.flatMap((location) =>
  subnetRoles.map((role): [SubnetRole, LocationName] => [role, location]),
);
const bounds = (cidr: string): [number, number] => {
  const value = (a: ipaddr.IPv4) => a.octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return [value(ipaddr.IPv4.networkAddressFromCIDR(cidr)), value(ipaddr.IPv4.broadcastAddressFromCIDR(cidr))];
};

describe("planNetwork", () => {
  it("gives each role in each location a subnet inside the network, and no two overlap", () => {
    fc.assert(
      fc.property(privateRange, (cidr) => {
        const plan = planNetwork(cidr);
        const [first, last] = bounds(cidr);
        const ranges = cells.map((cell) => bounds(plan.subnet(...cell))).sort((a, b) => a[0] - b[0]);
        for (const [start, end] of ranges) expect(start >= first && end <= last).toBe(true);
        ranges.slice(1).forEach(([start], i) => {
          expect(start).toBeGreaterThan(ranges[i]![1]);
        });
      }),
    );
  });

  it("gives every host an address of its own within its subnet, away from the provider's", () => {
    fc.assert(
      fc.property(
        privateRange,
        fc.constantFrom(...cells),
        fc.integer({ min: 1, max: 11 }),
        (cidr, [role, location], ordinal) => {
          const plan = planNetwork(cidr);
          const address = ipaddr.IPv4.parse(plan.address(role, location, ordinal));
          expect(address.match(ipaddr.IPv4.parseCIDR(plan.subnet(role, location)))).toBe(true);
          expect(address.toString()).not.toBe(plan.address(role, location, (ordinal % 11) + 1));
          const [start, end] = bounds(plan.subnet(role, location));
          const value = bounds(`${address}/32`)[0];
          expect(value).toBeGreaterThan(start + 1);
          expect(value).toBeLessThan(end);
        },
      ),
    );
  });

  it("stays where it is: these addresses are deployed", () => {
    const plan = planNetwork("10.0.0.0/16");
    expect(plan.subnet("load-balancer", "fsn1")).toBe("10.0.0.0/24");
    expect(plan.subnet("app", "fsn1")).toBe("10.0.1.0/24");
    expect(plan.subnet("monitoring", "hel1")).toBe("10.0.36.0/24");
    expect(plan.address("postgres", "nbg1", 3)).toBe("10.0.18.6");
  });

  it("says when a subnet is full", () => {
    expect(() => planNetwork("10.0.0.0/20").address("postgres", "fsn1", 12)).toThrow(
      /postgres host 12 in fsn1 does not fit.*holds 11 hosts/,
    );
    expect(() => planNetwork("10.0.0.0/20").address("postgres", "fsn1", 0)).toThrow(/does not fit/);
  });
});

describe("networkCidrProblem", () => {
  it.each([
    ["10.0.0.0/21", /too small.*\/20 or larger/],
    ["10.0.0.1/16", /host bits set: write 10\.0\.0\.0\/16/],
    ["8.8.0.0/16", /RFC 1918/],
    ["192.168.0.0/15", /host bits|RFC 1918/],
    ["172.0.0.0/8", /RFC 1918/],
    ["10.0.0/16", /is not an IPv4 range/],
    ["fd00::/16", /is not an IPv4 range/],
    ["", /is not an IPv4 range/],
  ])("%s", (cidr, message) => {
    expect(networkCidrProblem(cidr)).toMatch(message);
    expect(() => planNetwork(cidr)).toThrow(message);
  });
});
