import { expect, it } from "vitest";
import { parseCpuShare } from "./shared-host.ts";

it("a machine's own share of its processors comes from its control group's two readings", () => {
  expect(parseCpuShare("1000000 11000000 2\n")).toBeCloseTo(0.5);
  expect(parseCpuShare("1000000 1000000 2\n")).toBe(0);
});

it("without its own control group nothing is known, rather than nothing used", () => {
  for (const printed of ["", "  2\n", "12  2\n", "9 8 2\n", "1 2 0\n"]) expect(parseCpuShare(printed)).toBeUndefined();
});
