import type { Finding, Rule } from "../core/types.ts";
import { type Checked, whereabouts } from "./checked.ts";

/**
 * JUnit XML, as CI systems show it: a test case for each rule and finding. What refuses is a failure; what warns, and what an exemption
 * covers, is written into the case's output, since JUnit knows nothing between passed and failed. A rule that applied to nothing is skipped.
 */
export function renderJunit({ rules, evaluation, source }: Checked): string {
  const suites = rules.map((rule) =>
    suite(
      rule,
      evaluation.findings.filter((finding) => finding.rule === rule.id),
      evaluation.applied[rule.id] ?? 0,
    ),
  );
  const sum = (key: "tests" | "failures" | "skipped") => suites.reduce((total, each) => total + each[key], 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xml(source.name)}" tests="${sum("tests")}" failures="${sum("failures")}" skipped="${sum("skipped")}">`,
    ...suites.map(({ text }) => text),
    "</testsuites>",
    "",
  ].join("\n");
}

function suite(rule: Rule, findings: readonly Finding[], applied: number) {
  const cases = findings.length > 0 ? findings.map(findingCase) : [quietCase(rule, applied)];
  const failures = findings.filter(fails).length;
  const skipped = findings.length === 0 && applied === 0 ? 1 : 0;
  return {
    tests: cases.length,
    failures,
    skipped,
    text: [
      `  <testsuite name="${xml(rule.id)}" tests="${cases.length}" failures="${failures}" skipped="${skipped}">`,
      ...cases,
      "  </testsuite>",
    ].join("\n"),
  };
}

function quietCase(rule: Rule, applied: number): string {
  const name = `<testcase classname="${xml(rule.id)}" name="${xml(rule.title)}"`;
  return applied > 0 ? `    ${name}/>` : `    ${name}><skipped message="applied to no resource"/></testcase>`;
}

function fails({ severity, exemption }: Finding): boolean {
  return severity === "refuse" && exemption === undefined;
}

function findingCase(finding: Finding): string {
  const { rule, resource, message, why, fix, exemption, severity, outcome } = finding;
  const where = [resource.urn, whereabouts(finding)].filter(Boolean).join(" > ");
  const open = `    <testcase classname="${xml(rule)}" name="${xml(where)}">`;
  const text = `${message}\nwhere: ${where}\nwhy: ${why}\nfix: ${fix}`;
  const body = fails(finding)
    ? `<failure type="${outcome}" message="${xml(message)}">${xml(text)}</failure>`
    : `<system-out>${xml(exemption ? `exempted until ${exemption.expiresAt} by ${exemption.approvedBy}: ${exemption.justification}\n${text}` : `${severity}: ${text}`)}</system-out>`;
  return `${open}${body}</testcase>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Text that XML 1.0 may hold: control characters are not among it, not even escaped. */
function xml(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, (char) => ("\t\n\r".includes(char) ? char : "\ufffd"))
    .replace(/[&<>"']/g, (char) => ENTITIES[char]!);
}
