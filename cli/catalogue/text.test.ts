import { expect, test } from "vitest";
import { explain } from "../../policies/catalogue/explain.ts";
import { loadCatalogue } from "../../policies/catalogue/load.ts";
import { renderExplanation } from "./text.ts";

const catalogue = loadCatalogue();
const render = (query: string, today = "2026-11-30") => renderExplanation(explain(catalogue, query, today));

test("a region of an American owner in the EU says both", () => {
  const text = render("aws/eu-central-1");
  expect(text).toContain("place       aws eu-central-1: Frankfurt, Germany, in the EU");
  expect(text).toContain("outside the EU (law of United States)");
});

test("old entries say that they are to be read again", () => {
  expect(render("hcloud/fsn1", "2030-01-01")).toContain("more than 365: read it again");
  expect(render("hcloud/fsn1")).not.toContain("read it again");
});

test("what is not known says what to do", () => {
  expect(render("nobody.example.org")).toContain("Add it with its owner and source to a file of your own");
});

test("a provider's regions are grouped by where they stand", () => {
  expect(render("hcloud")).toContain("in the EU: fsn1, nbg1, hel1, eu-central");
});
