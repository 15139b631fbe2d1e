import fc from "fast-check";
import { expect, test } from "vitest";
import { leadsNowhere } from "./positions.ts";

const byte = fc.nat({ max: 255 });

test("an address of 10/8 alone leads nowhere", () => {
  fc.assert(fc.property(byte, byte, byte, (b, c, d) => leadsNowhere(`10.${b}.${c}.${d}`, "plain")));
});

test.each([
  "11.0.0.1",
  "100.64.0.1",
  "110.0.0.1",
  "10.0.0.1:443",
  "10.0.0.1/8",
  "10.0.0.1.io",
  "a10.0.0.1",
  "1.10.0.0.1",
  "[::ffff:10.1]",
  "8.8.8.8",
  "1.1.1.1",
  "dd.eu",
])("%s is looked at", (text) => {
  expect(leadsNowhere(text, "plain")).toBe(false);
});

test("short words lead nowhere only where no host is expected, names never lead anywhere", () => {
  expect(leadsNowhere("localhost", "plain")).toBe(true);
  expect(leadsNowhere("evil.example.com", "name")).toBe(true);
  expect(leadsNowhere("localhost", "host")).toBe(false);
  expect(leadsNowhere("10.0.0.1", "host")).toBe(false);
});
