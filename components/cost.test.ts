import { expect, it } from "vitest";
import { loadBalancerCost, serverCost, totalCost, volumeCost } from "./cost.ts";

it("sums what has a price and names what has none", () => {
  const items = [
    serverCost("a", "cpx22"),
    volumeCost("b", 100),
    loadBalancerCost("c", "lb11"),
    { name: "d", what: "x", monthlyEur: null },
  ];
  expect(totalCost(items)).toEqual({ currency: "EUR", monthlyNet: 33.2, unpriced: ["d (x)"], pricesOf: "2026-06-15" });
});
