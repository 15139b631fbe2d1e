import { expect, test } from "vitest";
import { selects } from "./selector.ts";

const labels = { role: "edge", stack: "shop", "data-class": "public.static", empty: "" };

test.each([
  ["role=edge", true],
  ["role==edge", true],
  ["role=app", false],
  ["role!=app", true],
  ["role!=edge", false],
  ["missing!=edge", true],
  ["missing=edge", false],
  ["role", true],
  ["!role", false],
  ["!missing", true],
  ["missing", false],
  ["role in (app, edge)", true],
  ["role in (app,db)", false],
  ["role notin (app,db)", true],
  ["missing notin (app)", true],
  ["missing in (app)", false],
  ["stack=shop,role=edge", true],
  ["stack=shop,role in (app,db)", false],
  ["data-class=public.static", true],
  ["empty=", true],
  ["", true],
  ["constructor", false],
  ["role ~ what is this", true],
])("%s: %s", (selector, expected) => {
  expect(selects(selector, labels)).toBe(expected);
});
