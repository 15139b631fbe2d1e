/** Reports of real deployments are what other programs expect of their formats. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { check, type Format, render } from "../../cli/check/check.ts";
import { readGraph } from "../../graph/read.ts";
import { reportJsonSchema } from "../../policies/report/json.ts";
import { junitOf, reportOf, sarifOf } from "./formats.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sovereign-reports-"));
  const exemption = {
    rule: "sovereignty/endpoints",
    resource: "web",
    justification: 'Until "our" own <mirror> & co. are up',
    owner: "platform team",
    approvedBy: "data protection officer",
    expiresAt: "2999-12-31",
  };
  writeFileSync(join(folder, "exemptions.yaml"), JSON.stringify({ exemptions: [exemption, { rule: "broken" }] }));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function checked(name: string) {
  const graph = await readGraph(join(import.meta.dirname, "programs", `${name}.yaml`));
  return check(graph, { pack: ["sovereignty", "operations"], today: "2026-11-22", folder });
}

describe.each(["aws", "azure", "google", "scaleway", "ovh", "kubernetes"])("%s", (name) => {
  const report = async (format: Format) => {
    const result = await checked(name);
    return { text: render(result, format, { byFramework: true, color: false }), result };
  };

  it("SARIF is valid against the schema of 2.1.0, each result names its rule, and exempted ones are suppressed", async () => {
    const { text, result } = await report("sarif");
    const [run] = sarifOf(text).runs;
    expect(run!.results).toHaveLength(result.evaluation.findings.length);
    for (const { ruleId, ruleIndex } of run!.results) expect(run!.tool.driver.rules[ruleIndex]!.id).toBe(ruleId);
    const suppressed = run!.results.filter(({ suppressions }) => suppressions.length > 0).length;
    expect(suppressed).toBe(result.evaluation.findings.filter(({ exemption }) => exemption).length);
  });

  it("JUnit is XML, and its numbers are those of its cases", async () => {
    const { text, result } = await report("junit");
    const suites = junitOf(text);
    for (const suite of suites) {
      expect(suite.testcase).toHaveLength(Number(suite["@_tests"]));
      expect(suite.testcase.filter(({ failure }) => failure !== undefined)).toHaveLength(Number(suite["@_failures"]));
    }
    const failures = suites.reduce((sum, suite) => sum + Number(suite["@_failures"]), 0);
    const refused = result.evaluation.findings.filter((each) => each.severity === "refuse" && !each.exemption);
    expect(failures).toBe(refused.length);
  });

  it("JSON is valid against the published schema", async () => {
    const { text, result } = await report("json");
    expect(reportOf(text)).toMatchObject({ verdict: { code: 1 }, resources: result.evaluation.resources });
  });
});

it("the schema that is published is the one that reports are checked against", () => {
  const published = readFileSync(join(import.meta.dirname, "../../policies/report/report.schema.json"), "utf8");
  expect(JSON.parse(published)).toEqual(reportJsonSchema());
});

it("a report that lacks something is not valid", async () => {
  const report = JSON.parse(render(await checked("ovh"), "json", { byFramework: false, color: false }));
  delete report.verdict;
  expect(() => reportOf(JSON.stringify(report))).toThrow("verdict");
  const sarif = JSON.parse(render(await checked("ovh"), "sarif", { byFramework: false, color: false }));
  sarif.runs[0].results[0].level = "fatal";
  expect(() => sarifOf(JSON.stringify(sarif))).toThrow("level");
  expect(() => junitOf("<testsuites><testsuite></testsuites>")).toThrow("testsuite");
});
