import { expect, it } from "vitest";
import { requireLabAddress } from "./target.ts";

const shop = (address: string) => ({ address, port: 443, domain: "shop.example.eu" });

it("a load balancer of the lab is a target", () => {
  expect(requireLabAddress(shop("198.18.0.7")).address).toBe("198.18.0.7");
  expect(requireLabAddress(shop("198.19.255.1")).address).toBe("198.19.255.1");
});

it.each([
  ...["198.20.0.1", "198.17.255.255", "203.0.113.9", "8.8.8.8", "127.0.0.1", "10.0.0.2", "shop.example.eu", ""],
  ...["198.18.0.7.example.eu", "198.18.7", "0306.18.0.7", "3323068423", "::ffff:198.18.0.7"],
])("anything else is refused: %s", (address) => {
  expect(() => requireLabAddress(shop(address))).toThrow("load is sent to a lab only");
});
