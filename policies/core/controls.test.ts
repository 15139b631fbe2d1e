import { expect, test } from "vitest";
import { CONTROLS, controlIds, FRAMEWORKS } from "./controls.ts";

const PREFIXES: Readonly<Record<string, string>> = {
  secnumcloud: "SecNumCloud",
  c5: "C5",
  c3a: "C3A",
  csf: "CSF",
  gaia: "Gaia-X",
  dora: "DORA",
  gdpr: "GDPR",
  waf: "WAF-SOV",
};

test("a control's id names its framework, and every framework has controls and a place where it is published", () => {
  for (const id of controlIds) expect([id, CONTROLS[id].framework]).toEqual([id, PREFIXES[id.split("-")[0]!]]);
  expect(new Set(controlIds.map((id) => CONTROLS[id].framework))).toEqual(new Set(Object.keys(FRAMEWORKS)));
  for (const published of Object.values(FRAMEWORKS)) expect(published).toMatch(/\w/);
});
