import { describe, expect, test } from "vitest";
import {
  adequacyDecisions,
  countryName,
  eeaOnlyMembers,
  euMembers,
  isCountry,
  isEuCountry,
  standingOf,
  worstStanding,
} from "./countries.ts";

describe("countries", () => {
  test("27 members, no code twice, each a country's", () => {
    expect(euMembers.length).toBe(27);
    const all = [...euMembers, ...eeaOnlyMembers, ...Object.keys(adequacyDecisions)];
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter((code) => !isCountry(code))).toEqual([]);
  });

  test.each([
    ["FI", "eu"],
    ["RE", "eu"],
    ["NO", "eea"],
    ["IS", "eea"],
    ["LI", "eea"],
    ["CH", "adequate"],
    ["GB", "adequate"],
    ["US", "outside"],
    ["CN", "outside"],
    ["de", "unknown"],
    ["", "unknown"],
    ["EL", "unknown"],
    ["UK", "unknown"],
    ["EU", "unknown"],
    ["QQ", "unknown"],
    ["toString", "unknown"],
  ])("%s: %s", (code, standing) => {
    expect(standingOf(code)).toBe(standing);
  });

  test("an adequacy decision counts up to its last day", () => {
    expect(standingOf("GB", "2031-12-27")).toBe("adequate");
    expect(standingOf("GB", "2031-12-28")).toBe("outside");
    expect(standingOf("CH", "2099-01-01")).toBe("adequate");
  });

  test("a territory of the EU is not a member state", () => {
    expect(isEuCountry("RE")).toBe(false);
    expect(isEuCountry("FR")).toBe(true);
  });

  test("the worst place decides; of nothing, nothing is known", () => {
    expect(worstStanding(["eu", "eea", "eu"])).toBe("eea");
    expect(worstStanding(["eu", "unknown", "adequate"])).toBe("unknown");
    expect(worstStanding(["unknown", "outside"])).toBe("outside");
    expect(worstStanding([])).toBe("unknown");
  });

  test("names", () => {
    expect([countryName("DE"), countryName("XY")]).toEqual(["Germany", undefined]);
  });
});
