import fc from "fast-check";
import { expect, test } from "vitest";
import { dataClasses, dataClassesOf, dataClassLabels, isFlexibleClass, isSovereignClass } from "./data-classes.ts";

test("every class is either sovereign or flexible", () => {
  for (const name of dataClasses)
    expect([isSovereignClass(name), isFlexibleClass(name)].filter(Boolean)).toEqual([true]);
  expect(isSovereignClass("public")).toBe(false);
  expect(isFlexibleClass("personal")).toBe(false);
  expect(isFlexibleClass("toString")).toBe(false);
});

test("labels state any classes in what the provider takes, and can be read back", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...dataClasses], { minLength: 1 }), (classes) => {
      const labels = dataClassLabels(classes);
      for (const value of Object.values(labels)) expect(value).toMatch(/^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/);
      expect(dataClassesOf(labels).sort()).toEqual([...classes].sort());
      expect(dataClassLabels([...classes].reverse())).toEqual(labels);
    }),
  );
  expect(dataClassLabels(["static", "public"])).toEqual({ "data-class": "public.static" });
  expect(Object.keys(dataClassLabels([...dataClasses]))).toEqual(["data-class", "data-classes"]);
});

test("labels of others state nothing", () => {
  expect(dataClassesOf({ role: "edge", "data-class": 5 })).toEqual([]);
});
