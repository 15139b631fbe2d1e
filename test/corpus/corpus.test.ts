import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadCatalogue } from "../../policies/catalogue/load.ts";
import { extract } from "../../policies/endpoints/index.ts";
import { evaluate, parseRegister, parseSettings, sovereigntyRules } from "../../policies/index.ts";
import { graphOf, inputsOf, judge, readShop, type Seen } from "./run.ts";
import { type Case, readCases } from "./schema.ts";

/** The day of the deployments: reviews and switches are measured against it. */
const TODAY = "2026-06-01";

const cases = readCases(fileURLToPath(new URL("cases", import.meta.url)));
const shop = readShop();
const catalogue = loadCatalogue({ today: TODAY });

function check(entry: Case): readonly Seen[] {
  const { settings, register } = inputsOf(entry, shop);
  const approved = parseRegister(register);
  expect(approved.problems, entry.name).toEqual([]);
  return evaluate(graphOf(entry), catalogue, parseSettings(settings), {
    rules: sovereigntyRules,
    extract,
    today: TODAY,
    register: approved.register,
  }).findings;
}

const judged = cases.map((entry) => ({ entry, findings: check(entry) }));

const title = ({ file, name }: Case) => `${file}: ${name}`;
const shown = (finding: Seen) =>
  `${finding.rule} ${finding.severity} ${finding.outcome} on ${finding.resource.name}: ${finding.message}`;

describe("the corpus", () => {
  it("has at least 330 cases, of which neither kind is rare", () => {
    const leaks = cases.filter(({ expect }) => expect.length > 0);
    expect(cases.length).toBeGreaterThanOrEqual(330);
    expect(leaks.length / cases.length).toBeGreaterThan(0.4);
    expect(leaks.length / cases.length).toBeLessThan(0.6);
    expect(new Set(cases.map(title)).size).toBe(cases.length);
  });

  it("has no leak that is missed", () => {
    const missed = judged.flatMap(({ entry, findings }) =>
      judge(entry, findings).missed.map(
        (expected) =>
          `${title(entry)} [${entry.why}]\n  wanted ${JSON.stringify(expected)}\n  found ${findings.map(shown).join("\n        ") || "nothing"}`,
      ),
    );
    expect(missed, `${missed.length} missed\n${missed.join("\n")}`).toEqual([]);
  });

  it("has at most one false alarm in a hundred harmless cases", () => {
    const harmless = judged.filter(({ entry }) => entry.expect.length === 0);
    const alarms = harmless.flatMap(({ entry, findings }) => {
      const found = judge(entry, findings).alarms;
      return found.length > 0 ? [`${title(entry)} [${entry.why}]\n  ${found.map(shown).join("\n  ")}`] : [];
    });
    const share = alarms.length / harmless.length;
    expect(share, `${alarms.length} of ${harmless.length}\n${alarms.join("\n")}`).toBeLessThanOrEqual(0.01);
  });
});
