import { expect, test } from "vitest";
import { createCatalogue } from "../catalogue/lookup.ts";
import { evaluate, verdict } from "../core/evaluate.ts";
import { parseExemptions } from "../core/exemptions.ts";
import { defaultSettings } from "../core/settings.ts";
import { graph, resource } from "../core/testing.ts";
import type { Report, Rule } from "../core/types.ts";
import type { Checked } from "./checked.ts";
import { renderJson, reportSchema } from "./json.ts";
import { renderJunit } from "./junit.ts";
import { renderMarkdown } from "./markdown.ts";
import { renderSarif } from "./sarif.ts";
import { renderText } from "./text.ts";

const catalogue = createCatalogue({ vendors: [], providers: [], addresses: [] });

const rule = (id: Rule["id"], over: Partial<Rule> = {}): Rule => ({
  id,
  title: `Title of ${id}`,
  description: "",
  severity: "refuse",
  controls: ["gdpr-44", "waf-sov-090"],
  examples: { bad: "", good: "" },
  applies: () => true,
  ...over,
});

const report = (over: Partial<Report> & Pick<Report, "resource">): Report => ({
  outcome: "violation",
  message: "sentry.io belongs to Functional Software (US).",
  why: "Its law reaches the data.",
  fix: "Take it out.",
  ...over,
});

function checked(names: readonly string[], rules: Rule[], exemptions: unknown[] = []): Checked {
  const resources = names.map((name) =>
    resource({ type: "x:y:Z", name, origin: `${name.replace(/\W/g, "")}.yaml, document 1` }),
  );
  const evaluation = evaluate(graph(resources), catalogue, defaultSettings, {
    rules,
    extract: () => ({ endpoints: [], blind: [] }),
    today: "2026-11-22",
    exemptions: parseExemptions({ exemptions }, "exemptions.yaml"),
  });
  return {
    source: { kind: "events", name: "preview.jsonl" },
    rules,
    evaluation,
    verdict: verdict(evaluation),
    today: "2026-11-22",
  };
}

const endpoints = rule("sovereignty/endpoints", {
  *resource(it) {
    yield report({
      resource: it,
      property: "userData",
      place: ["part 2", "runcmd[3]"],
      subject: { host: "sentry.io" },
      alternatives: ["Bugsink (NL)"],
    });
  },
});
const quiet = rule("operations/cost", { severity: "warn", applies: () => false });
const three = checked(
  ["web-1", "web-2", "web-3"],
  [endpoints, quiet],
  [
    {
      rule: "sovereignty/endpoints",
      resource: "web-3",
      justification: "Until the move in spring",
      owner: "the team",
      approvedBy: "the board",
      expiresAt: "2026-12-31",
    },
  ],
);

/** What somebody may call a resource to get something past a reader. */
const HOSTILE = "<script>alert(1)</script>]]>&`|@everyone [x](http://evil.test) \u001b[2J\u202e\ud800\u0000";
const hostile = checked(
  [HOSTILE],
  [
    rule("sovereignty/endpoints", {
      *resource(it) {
        yield report({ resource: it, message: `${it.name} is bad.` });
      },
    }),
  ],
);

test("text: what, where, why, fix, alternatives, exemption, and what it comes to", () => {
  expect(renderText(three)).toMatchSnapshot();
});

test("text by framework says nothing found, never fulfilled", () => {
  const text = renderText(checked(["web"], [rule("sovereignty/location"), quiet]), { byFramework: true });
  expect(text).toContain("nothing found");
  expect(text).not.toMatch(/compliant|fulfilled|passed/i);
});

test("colours are an option, and hostile names move no cursor", () => {
  expect(renderText(three, { color: true })).toContain("\u001b[");
  expect(renderText(hostile)).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
});

test("json is valid against its own published schema, with and without frameworks", () => {
  for (const byFramework of [false, true]) {
    const parsed = reportSchema.parse(JSON.parse(renderJson(three, { byFramework })));
    expect(parsed.counts).toEqual({ refuse: 2, warn: 0, notice: 0, exempted: 1 });
    expect(parsed.frameworks?.map(({ control, state }) => [control, state])).toEqual(
      byFramework
        ? [
            ["gdpr-44", "against"],
            ["waf-sov-090", "against"],
          ]
        : undefined,
    );
  }
});

test("sarif: one result a finding, exempted ones suppressed, our fingerprints, files of the repository", () => {
  const { runs } = JSON.parse(renderSarif(three));
  const [{ results, tool }] = runs;
  expect(tool.driver.rules.map((each: { id: string }) => each.id)).toEqual([
    "sovereignty/endpoints",
    "operations/cost",
  ]);
  expect(results).toHaveLength(3);
  expect(results.map((each: { suppressions: unknown[] }) => each.suppressions.length)).toEqual([0, 0, 1]);
  expect(results[0]).toMatchObject({
    ruleId: "sovereignty/endpoints",
    level: "error",
    partialFingerprints: { "sovereign/v1": three.evaluation.findings[0]!.fingerprint },
    locations: [{ physicalLocation: { artifactLocation: { uri: "web1.yaml" } } }],
  });
});

test("junit: what refuses fails, what is exempted does not, a rule without anything to look at is skipped", () => {
  const text = renderJunit(three);
  expect(text).toContain('tests="4" failures="2" skipped="1"');
  expect(text.match(/<failure /g)).toHaveLength(2);
  expect(text).toContain("exempted until 2026-12-31 by the board");
});

test("junit: hostile names stay text", () => {
  const text = renderJunit(hostile);
  expect(text).not.toContain("<script>");
  expect(text).not.toMatch(/(?!\n)\p{Cc}|\p{Cs}/u);
});

test("markdown: the verdict first; hostile names are no markup, mention or link", () => {
  expect(renderMarkdown(three)).toMatchSnapshot();
  // What stands in code spans is no markup anyway.
  const text = renderMarkdown(hostile).replace(/`[^`\n]*`/g, "");
  expect(text).not.toMatch(/(?<!\\)<script|@everyone|\u202e|\]\(http:\/\//);
});

test("markdown stays below the limit, keeps the verdict, and says what was cut", () => {
  const many = rule("sovereignty/endpoints", {
    *resource(it) {
      for (let i = 0; i < 2000; i++)
        yield report({
          resource: it,
          message: `host-${i}.test is not known: ${"x".repeat(60)}`,
          property: `env.E${i}`,
        });
    },
  });
  const text = renderMarkdown(checked(["web"], [many]));
  expect(text.length).toBeLessThan(65_536);
  expect(text).toContain("Sovereignty check: refused");
  expect(text).toMatch(/Cut here: \d+ more parts of 2000/);
});

test("the order of findings makes no difference to groups", () => {
  const names = (text: string) => text.match(/web-\d/g);
  expect(names(renderText(three))).toEqual(["web-1", "web-2", "web-3"]);
});
