import { expect, it } from "vitest";
import { delegationOf } from "./delegation.ts";

it("a stack's own name servers answer for their zone", () => {
  const nameServers = [
    { name: "ns1.shop.example.eu", ipv4: "198.18.0.5", ipv6: "2001:db8::5" },
    { name: "ns2.shop.example.eu", ipv4: "198.18.0.6", ipv6: "2001:db8::6" },
  ];
  expect(delegationOf({ nameServers })).toEqual({ zone: "shop.example.eu", addresses: ["198.18.0.5", "198.18.0.6"] });
});

it("the provider's are known to the lab already", () => {
  expect(delegationOf({})).toBeUndefined();
  expect(delegationOf({ nameServers: ["hydrogen.ns.hetzner.com."] })).toBeUndefined();
});
