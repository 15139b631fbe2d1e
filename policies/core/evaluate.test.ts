import { expect, test } from "vitest";
import { createCatalogue } from "../catalogue/lookup.ts";
import { evaluate, verdict } from "./evaluate.ts";
import { parseExemptions } from "./exemptions.ts";
import { defaultSettings, parseSettings } from "./settings.ts";
import { graph, resource } from "./testing.ts";
import type { Report, Rule } from "./types.ts";

const catalogue = createCatalogue({ vendors: [], providers: [], addresses: [] });
const today = "2026-11-22";
const extract = () => ({ endpoints: [], blind: [] });

const report = (over: Partial<Report> & Pick<Report, "resource">): Report => ({
  outcome: "violation",
  message: "is bad",
  why: "because",
  fix: "mend it",
  ...over,
});

const rule = (over: Partial<Rule> = {}): Rule => ({
  id: "sovereignty/location",
  title: "",
  description: "",
  severity: "refuse",
  controls: ["gdpr-44"],
  examples: { bad: "", good: "" },
  applies: ({ type }) => type === "x:y:Z",
  *resource(it) {
    if (it.inputs.bad) yield report({ resource: it, property: "bad", subject: { host: "h.test" } });
  },
  ...over,
});

const bad = resource({ type: "x:y:Z", name: "bad", inputs: { bad: true } });
const good = resource({ type: "x:y:Z", name: "good" });
const exemption = {
  rule: "sovereignty/location",
  resource: "bad",
  justification: "Until the move in spring",
  owner: "platform team",
  approvedBy: "the board",
  expiresAt: "2026-12-31",
};

function check(rules: Rule[], exemptions?: unknown[], settings = defaultSettings, resources = [good, bad]) {
  return evaluate(graph(resources), catalogue, settings, {
    rules,
    extract,
    today,
    ...(exemptions && { exemptions: parseExemptions({ exemptions }, "exemptions.yaml") }),
  });
}

test("a finding carries rule, controls, resource and a fingerprint", () => {
  const { findings, applied } = check([rule()]);
  expect(applied).toEqual({ "sovereignty/location": 2 });
  expect(findings).toEqual([
    {
      rule: "sovereignty/location",
      pack: "sovereignty",
      severity: "refuse",
      controls: ["gdpr-44"],
      outcome: "violation",
      property: "bad",
      subject: { host: "h.test" },
      message: "is bad",
      why: "because",
      fix: "mend it",
      resource: { urn: bad.urn, type: "x:y:Z", name: "bad" },
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    },
  ]);
});

test("the order of findings is that of the graph, then of rules and properties, whatever rules yield first", () => {
  const messy = rule({
    *resource(it) {
      yield report({ resource: it, property: "b" });
      yield report({ resource: it, property: "a" });
    },
  });
  const other = rule({
    id: "operations/cost",
    *resource(it) {
      yield report({ resource: it, property: "z" });
    },
  });
  const { findings } = check([messy, other]);
  expect(findings.map((f) => [f.resource.name, f.rule, f.property])).toEqual([
    ["good", "operations/cost", "z"],
    ["good", "sovereignty/location", "a"],
    ["good", "sovereignty/location", "b"],
    ["bad", "operations/cost", "z"],
    ["bad", "sovereignty/location", "a"],
    ["bad", "sovereignty/location", "b"],
  ]);
});

test("a rule that throws stops the check: it must not look like one that passed", () => {
  const broken = rule({
    resource() {
      throw new Error("boom");
    },
  });
  expect(() => check([broken])).toThrow("boom");
});

test("resources that will be gone are not looked at", () => {
  const change = { op: "delete", diff: [], replaceKeys: [] } as const;
  expect(check([rule()], undefined, defaultSettings, [{ ...bad, change }]).findings).toEqual([]);
});

test("severities: the settings win over the report, the report over the rule, and what was not seen follows its own setting", () => {
  const blind = rule({
    *resource(it) {
      yield report({ resource: it, outcome: "not-established" });
    },
  });
  const heavy = rule({
    *resource(it) {
      yield report({ resource: it, outcome: "not-established", severity: "refuse" });
    },
  });
  const severity = (rules: Rule[], settings: unknown) =>
    check(rules, undefined, parseSettings(settings)).findings[0]!.severity;
  expect(severity([blind], {})).toBe("warn");
  expect(severity([blind], { notEstablished: "refuse" })).toBe("refuse");
  expect(severity([heavy], {})).toBe("refuse");
  expect(severity([heavy], { severities: { "sovereignty/location": "notice" } })).toBe("notice");
});

test("verdicts: passes, refused, nothing established, passes only through exemptions", () => {
  expect(verdict(check([rule()], undefined, defaultSettings, [good])).code).toBe(0);
  expect(verdict(check([rule()])).code).toBe(1);
  expect(verdict(check([rule({ applies: () => false })])).code).toBe(3);
  expect(verdict(check([rule()], undefined, defaultSettings, [])).code).toBe(3);
  expect(verdict(check([rule()], [exemption])).code).toBe(4);
});

test("an exemption covers its rule on its resource until its last day, and says who decided", () => {
  const { findings } = check([rule()], [{ ...exemption, expiresAt: today }]);
  expect(findings.map((f) => f.exemption?.approvedBy)).toEqual(["the board"]);
});

test.each([
  ["another rule", { rule: "sovereignty/owner" }],
  ["another resource", { resource: "good" }],
  ["another subject", { subject: "other.test" }],
  ["a day that has passed", { expiresAt: "2026-11-21" }],
  ["a day that does not exist", { expiresAt: "2026-02-30" }],
  ["no reason", { justification: "" }],
  ["all resources", { resource: "*" }],
  ["all rules", { rule: "sovereignty/*" }],
  ["an unknown key", { expires: "2027-01-01" }],
])("an exemption with %s exempts nothing, and is a finding itself", (_, over) => {
  const evaluation = check([rule()], [{ ...exemption, ...over }]);
  expect(verdict(evaluation).code).toBe(1);
  expect(evaluation.findings.filter((f) => f.rule === "sovereignty/exemptions")).toHaveLength(1);
});

test("a wildcard in an exemption's resource matches names and URNs, and nothing else is special", () => {
  const code = (pattern: string) => verdict(check([rule()], [{ ...exemption, resource: pattern }])).code;
  expect(code("b*d")).toBe(4);
  expect(code("urn:pulumi:*::bad")).toBe(4);
  expect(code("b.d")).toBe(1);
  expect(code("bad*bad")).toBe(1);
});

test("fingerprints stay when lists grow before the place, and differ by what the finding is about", () => {
  const at = (property: string, host: string) =>
    check([
      rule({
        *resource(it) {
          yield report({ resource: it, property, subject: { host } });
        },
      }),
    ]).findings[0]!.fingerprint;
  expect(at("env[0].value", "a.test")).toBe(at("env[7].value", "a.test"));
  expect(at("env[0].value", "a.test")).not.toBe(at("env[0].value", "b.test"));
});

test("exemptions of a pack that did not run are not called unused, broken ones always are", () => {
  const rules = (exemptions: unknown[]) =>
    check([rule()], exemptions, defaultSettings, [good]).findings.map((f) => f.severity);
  expect(rules([{ ...exemption, rule: "operations/cost" }])).toEqual([]);
  expect(rules([exemption])).toEqual(["warn"]);
  expect(rules([{ rule: "operations/cost" }])).toEqual(["refuse"]);
});

test("a setting that there is not is an error with the nearest that there is", () => {
  expect(() => parseSettings({ ownDomain: [] })).toThrow(
    'Unrecognized key: "ownDomain"; ownDomain: did you mean ownDomains?',
  );
  expect(() => parseSettings({ dataPrivacyFramework: { classes: [], til: "2026-12-31" } })).toThrow(
    "til: did you mean until?",
  );
  expect(() => parseSettings({ eea: "yes" })).toThrow(/^eea: Invalid option[^;]*$/);
  expect(parseSettings(undefined)).toEqual(defaultSettings);
});

test("a wildcard in an exemption's subject is told apart: it would match nothing", () => {
  const { problems, entries } = parseExemptions({ exemptions: [{ ...exemption, subject: "*.sentry.io" }] }, "e.yaml");
  expect(entries).toEqual([]);
  expect(problems[0]?.message).toMatch(
    /^subject: one host, address, region or vendor, .*wildcards stand only in `resource`/,
  );
});

test("verdicts in words, and what only warns refuses nothing", () => {
  expect(verdict(check([rule()], undefined, defaultSettings, [good])).word).toBe("passes");
  expect(verdict(check([rule()])).word).toBe("refused");
  expect(verdict(check([rule()], undefined, defaultSettings, [])).word).toBe("nothing established");
  expect(verdict(check([rule()], [exemption])).word).toBe("passes only through exemptions");
  expect(verdict(check([rule({ severity: "warn" })])).code).toBe(0);
  const other = rule({ id: "operations/cost", applies: () => false });
  expect(verdict(check([rule(), other], undefined, defaultSettings, [good])).code).toBe(0);
  const always = rule({ applies: () => true, resource: undefined as never });
  expect(verdict({ findings: [], applied: { x: 1 }, resources: 0, limits: [] }).code).toBe(3);
  expect(verdict(check([always], undefined, defaultSettings, [])).code).toBe(3);
});

test("a finding names its pack, and the file that its resource stands in where there is one", () => {
  const { findings } = check([rule(), rule({ id: "operations/cost" })], undefined, defaultSettings, [
    { ...bad, origin: "objects.yaml" },
  ]);
  expect(findings.map(({ pack, resource }) => [pack, resource.origin])).toEqual([
    ["operations", "objects.yaml"],
    ["sovereignty", "objects.yaml"],
  ]);
  expect(check([rule()]).findings[0]!.resource).not.toHaveProperty("origin");
});

test("what is about no resource of the graph comes last", () => {
  const about = rule({
    *stack({ graph }) {
      yield report({ resource: { urn: "stack#test", type: "pulumi:pulumi:Stack", name: graph.source.name } });
    },
  });
  expect(check([about]).findings.map(({ resource }) => resource.name)).toEqual(["bad", "test"]);
});
