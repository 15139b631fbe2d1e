import fc from "fast-check";
import { expect, test } from "vitest";
import { parseLabelSelector } from "./label-selector.ts";

test.each([
  ["env", { env: "" }, true],
  ["env", { other: "x" }, false],
  ["!env", { other: "x" }, true],
  ["env=prod", { env: "prod" }, true],
  ["env==prod", { env: "prod" }, true],
  ["env=prod", { env: "production" }, false],
  ["env=", { env: "" }, true],
  ["env!=prod", { env: "test" }, true],
  ["env!=prod", {}, true],
  ["env!=prod", { env: "prod" }, false],
  ["env in (a, b)", { env: "b" }, true],
  ["env in (a,b)", { env: "c" }, false],
  ["env in (a,b)", {}, false],
  ["env notin (a,b)", { env: "c" }, true],
  ["env notin (a,b)", {}, true],
  ["env notin (a,b)", { env: "a" }, false],
  ["env in (a,b),tier=web,!old", { env: "a", tier: "web" }, true],
  ["env in (a,b),tier=web,!old", { env: "a", tier: "web", old: "" }, false],
  ["example.com/role = db", { "example.com/role": "db" }, true],
  ["", { any: "x" }, true],
  ["toString", {}, false],
])("%s on %j is %s", (selector, labels, expected) => {
  expect(parseLabelSelector(selector)(labels as Record<string, string>)).toBe(expected);
});

test.each(["=x", "a=b=c", "a,,b", "a in b", "a in (b", "!a=b", "a in (b) c", "-a", "a=ä", "!", ",", "x".repeat(9000)])(
  "%.20s is not a selector",
  (selector) => {
    expect(() => parseLabelSelector(selector)).toThrow(expect.objectContaining({ code: "invalid_input" }));
  },
);

/** One requirement with its meaning, said in another way than the parser does. */
const word: fc.Arbitrary<string> = fc.constantFrom("a", "b", "c", "web-1", "x_y.z");
const requirement = fc.oneof(
  word.map((key) => ({ text: key, holds: (labels: Map<string, string>) => labels.has(key) })),
  word.map((key) => ({ text: `!${key}`, holds: (labels: Map<string, string>) => !labels.has(key) })),
  fc.tuple(word, fc.constantFrom("=", "=="), word).map(([key, operator, value]) => ({
    text: `${key}${operator}${value}`,
    holds: (labels: Map<string, string>) => labels.get(key) === value,
  })),
  fc.tuple(word, word).map(([key, value]) => ({
    text: `${key} != ${value}`,
    holds: (labels: Map<string, string>) => labels.get(key) !== value,
  })),
  fc.tuple(word, fc.array(word, { minLength: 1 })).map(([key, values]) => ({
    text: `${key} in (${values.join(",")})`,
    holds: (labels: Map<string, string>) => labels.has(key) && new Set(values).has(labels.get(key)!),
  })),
  fc.tuple(word, fc.array(word, { minLength: 1 })).map(([key, values]) => ({
    text: `${key} notin ( ${values.join(" , ")} )`,
    holds: (labels: Map<string, string>) => !labels.has(key) || !new Set(values).has(labels.get(key)!),
  })),
);

test("a selector holds exactly when all of its requirements hold", () => {
  fc.assert(
    fc.property(
      fc.array(requirement, { minLength: 1, maxLength: 4 }),
      fc.uniqueArray(fc.tuple(word, word), { selector: ([key]) => key }),
      (requirements, labels) => {
        const matches = parseLabelSelector(requirements.map(({ text }) => text).join(","));
        const map = new Map(labels);
        expect(matches(Object.fromEntries(labels))).toBe(requirements.every(({ holds }) => holds(map)));
      },
    ),
  );
});

test("any text either parses or is invalid_input, quickly", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200, unit: fc.constantFrom(..."ab=!(), in-._/notin") }), (text) => {
      try {
        parseLabelSelector(text)({ a: "b" });
      } catch (error) {
        expect(error).toMatchObject({ code: "invalid_input" });
      }
    }),
  );
});
