import fc from "fast-check";
import { expect, test } from "vitest";
import { pickAddress } from "./ipam.ts";
import { formatIpv4, holds, parseCidr, parseIpv4 } from "./ipv4.ts";

const zone = "eu-central";
const subnet = (ip_range: string, network_zone = zone, type: "cloud" | "vswitch" = "cloud") => ({
  type,
  ip_range,
  network_zone,
});
const network = (ip_range: string, ...subnets: ReturnType<typeof subnet>[]) => ({ ip_range, subnets });
const codeOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return "no error";
};

test("the first subnet of a network leaves out the gateway", () => {
  const net = network("10.0.0.0/16", subnet("10.0.0.0/24"), subnet("10.0.1.0/24"));
  expect(formatIpv4(pickAddress(net, new Set(), { zone }))).toBe("10.0.0.2");
  expect(formatIpv4(pickAddress(net, new Set(), { zone, ip_range: "10.0.1.0/24" }))).toBe("10.0.1.1");
});

test.each(["10.0.0.0", "10.0.0.1", "10.0.0.255"])("%s is reserved", (ip) => {
  const net = network("10.0.0.0/16", subnet("10.0.0.0/24"));
  expect(codeOf(() => pickAddress(net, new Set(), { zone, ip }))).toBe("ip_not_available");
});

test("172.31.1.1 is never given", () => {
  const net = network("172.31.0.0/16", subnet("172.31.1.0/30"));
  expect(formatIpv4(pickAddress(net, new Set(), { zone }))).toBe("172.31.1.2");
});

test("other zones, vSwitches and addresses outside of subnets do not count", () => {
  const net = network("10.0.0.0/16", subnet("10.0.0.0/24", "us-east"), subnet("10.0.1.0/24", zone, "vswitch"));
  expect(codeOf(() => pickAddress(net, new Set(), { zone }))).toBe("no_subnet_available");
  const wide = network("10.0.0.0/16", subnet("10.0.1.0/24"));
  expect(codeOf(() => pickAddress(wide, new Set(), { zone, ip: "10.0.2.5" }))).toBe("no_subnet_available");
  expect(codeOf(() => pickAddress(wide, new Set(), { zone, ip: "10.0.1.5", ip_range: "10.0.9.0/24" }))).toBe(
    "no_subnet_available",
  );
  expect(codeOf(() => pickAddress(wide, new Set(), { zone, ip: "10.0.1.300" }))).toBe("invalid_input");
});

test("allocation fills every subnet with distinct, allowed addresses, and then says that none is left", () => {
  const subnetsOf = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 27, max: 30 })), {
    minLength: 1,
    maxLength: 4,
    selector: ([block]) => block,
  });
  fc.assert(
    fc.property(subnetsOf, (blocks) => {
      const ranges = blocks.map(([block, bits]) => `10.0.0.${block * 16 - ((block * 16) % 2 ** (32 - bits))}/${bits}`);
      const net = network("10.0.0.0/24", ...[...new Set(ranges)].map((range) => subnet(range)));
      const used = new Set<number>();
      const allowed = (address: number) =>
        net.subnets.some(({ ip_range }) => {
          const { first, last } = parseCidr(ip_range)!;
          return first < address && address < last;
        });
      for (let given = 0; given <= 256; given++) {
        try {
          const address = pickAddress(net, used, { zone });
          expect(used.has(address)).toBe(false);
          expect(allowed(address)).toBe(true);
          expect(address).not.toBe(parseIpv4("10.0.0.1"));
          used.add(address);
        } catch (error) {
          expect((error as { code?: string }).code ?? error).toBe("no_subnet_available");
          const all = Array.from({ length: 256 }, (_, i) => parseIpv4("10.0.0.0")! + i);
          const free = all.filter((one) => net.subnets.some(({ ip_range }) => holds(parseCidr(ip_range)!, one)));
          const missed = free.filter((one) => !used.has(one) && one !== parseIpv4("10.0.0.1"));
          // What is left are first and last addresses of subnets only.
          expect(missed.every((one) => net.subnets.some((s) => isEdge(s.ip_range, one)))).toBe(true);
          return;
        }
      }
      expect.unreachable("a /24 cannot hold this many addresses");
    }),
  );
});

function isEdge(ip_range: string, address: number): boolean {
  const { first, last } = parseCidr(ip_range)!;
  return address === first || address === last;
}
