import { describe, expect, test } from "vitest";
import { resource } from "../../core/testing.ts";
import { found } from "../testing.ts";
import { cost } from "./cost.ts";

describe("cost", () => {
  const server = (name: string, serverType = "cpx32") =>
    resource({ type: "hcloud:index/server:Server", name, inputs: { serverType, location: "fsn1" } });
  const check = (ceiling: number | undefined, ...resources: ReturnType<typeof server>[]) =>
    found(cost, resources, { settings: ceiling === undefined ? {} : { monthlyCostCeiling: ceiling } });
  const sum = (...resources: ReturnType<typeof server>[]) =>
    Number(/costs ([\d.]+) EUR/.exec(check(0.01, ...resources)[0]!.message)![1]);

  test("without a ceiling nobody asks", () => {
    expect(check(undefined, server("a"))).toEqual([]);
  });

  test("all that has a price is added up, and compared with the ceiling", () => {
    const one = sum(server("a"));
    expect(one).toBeGreaterThan(0);
    expect(sum(server("a"), server("b"))).toBeCloseTo(2 * one);
    expect(check(one, server("a"))).toEqual([]);
    expect(check(one - 0.01, server("a"))[0]).toMatchObject({
      severity: "refuse",
      outcome: "violation",
      resource: { name: "test", type: "pulumi:pulumi:Stack", urn: "stack#test" },
      message: `This costs ${one.toFixed(2)} EUR a month: more than the ceiling of ${(one - 0.01).toFixed(2)} EUR.`,
    });
  });

  test("what has no known price is named, and never zero", () => {
    const [finding] = check(
      1000,
      server("a"),
      ...["b", "c", "d", "e", "f", "g", "h"].map((name) => server(name, "new99")),
    );
    expect(finding).toMatchObject({ severity: "warn", outcome: "not-established" });
    expect(finding?.message).toMatch(
      /^Whether this stays below 1000\.00 EUR a month is not known: [\d.]+ EUR, without b, c, d, e, f and 2 more, which have no known price\.$/,
    );
    expect(check(1000, server("b", "new99"))[0]?.message).toContain("without b, which");
    expect(check(0.01, server("a"), server("b", "new99"))[0]?.message).toMatch(
      /without b, which have no known price: more than/,
    );
    expect(check(1000, ...["b", "c", "d", "e", "f"].map((name) => server(name, "new99")))[0]?.message).toContain(
      "b, c, d, e, f, which",
    );
  });

  test("the stack is named where the source names one; what is no cost is none", () => {
    const inputs = { serverType: "cpx32", location: "fsn1" };
    const [finding] = found(cost, [resource({ type: "hcloud:index/server:Server", inputs })], {
      settings: { monthlyCostCeiling: 0.01 },
      source: { stack: "production" },
    });
    expect(finding?.resource).toMatchObject({ name: "production", urn: "stack#production" });
    expect(check(0.01, resource({ type: "x:y:Z" }))).toEqual([]);
  });
});
