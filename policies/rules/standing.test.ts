import { expect, test } from "vitest";
import type { Standing, Vendor } from "../catalogue/types.ts";
import { parseSettings } from "../core/settings.ts";
import { countryName, isAccepted, ownerInWords, reachOfLaw, standingInWords, worst } from "./standing.ts";

const ALL: readonly Standing[] = ["eu", "eea", "adequate", "outside", "unknown"];

test.each([
  [{}, ["eu", "eea"]],
  [{ eea: "refuse" }, ["eu"]],
  [{ adequate: "allow" }, ["eu", "eea", "adequate"]],
  [{ eea: "refuse", adequate: "allow" }, ["eu", "adequate"]],
])("with %j accepted are %j; outside and unknown never", (settings, accepted) => {
  expect(ALL.filter((standing) => isAccepted(standing, parseSettings(settings)))).toEqual(accepted);
});

test("the worst of several counts, in whatever order; of none nothing is known", () => {
  for (const [index, standing] of ALL.entries()) {
    const better = ALL.slice(0, index);
    expect(worst([...better, standing])).toBe(standing);
    expect(worst([standing, ...better])).toBe(standing);
  }
  expect(worst([])).toBe("unknown");
});

test("standings in words", () => {
  expect(ALL.map(standingInWords)).toEqual([
    "in the EU",
    "in the EEA, outside the EU",
    "outside the EU, in a country with an adequacy decision",
    "outside the EU",
    "not known",
  ]);
});

const vendor = (name: string, seat: string): Vendor => ({
  id: name.toLowerCase(),
  name,
  seat,
  purposes: [],
  domains: [],
  alternatives: [],
  source: "https://example.com/",
  read: "2026-01-01",
});

test("an owner in words: the end of the chain, and the company's own seat where it is another", () => {
  const [a, b, c] = [vendor("A", "DE"), vendor("B", "US"), vendor("C", "DE")];
  expect(ownerInWords([])).toBe("unknown");
  expect(ownerInWords([a])).toBe("A (DE)");
  expect(ownerInWords([a, b])).toBe("A (DE, owned by B, US)");
  expect(ownerInWords([a, c])).toBe("A (owned by C, DE)");
  expect(ownerInWords([a, b, c])).toBe("A (owned by C, DE)");
});

test("countries by name, and by their code where it has none", () => {
  expect(countryName("DE")).toBe("Germany");
  expect(countryName("US")).toBe("United States");
  expect(countryName("not a code")).toBe("not a code");
});

test("American law has its names", () => {
  expect(reachOfLaw("US")).toContain("CLOUD Act");
  expect(reachOfLaw("GB")).not.toContain("CLOUD Act");
  expect(reachOfLaw(undefined)).toBe(reachOfLaw("GB"));
  expect(reachOfLaw("GB")).toContain("owner's country");
});
