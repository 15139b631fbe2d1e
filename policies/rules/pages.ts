/** The pages of the rules, made from the rules themselves. */
import { CONTROLS, FRAMEWORKS } from "../core/controls.ts";
import type { Rule } from "../core/types.ts";

const SEVERITIES = { refuse: "refuses", warn: "warns", notice: "is for the record" } as const;

/** `sovereignty/location` -> `sovereignty-location.md`. */
export function pageName({ id }: Rule): string {
  return `${id.replace("/", "-")}.md`;
}

export function renderRulePage(rule: Rule): string {
  const { id, title, description, severity, controls, examples } = rule;
  return `# ${title}

\`${id}\`: ${SEVERITIES[severity]}.

${description}

## Refused or reported

\`\`\`yaml
${examples.bad.trimEnd()}
\`\`\`

## In order

\`\`\`yaml
${examples.good.trimEnd()}
\`\`\`

Both are run as tests. What else stands beside \`resources:\` (settings, register, exemptions, the state's backend) is given by files and by the engine otherwise.

## Evidence for

| framework | clause | asks for |
| --- | --- | --- |
${controls.map((control) => `| ${CONTROLS[control].framework} | ${CONTROLS[control].clause} | ${CONTROLS[control].title} |`).join("\n")}

A finding is evidence against a control. No finding is no proof: most controls ask for contracts and processes too, which no graph of resources shows.
`;
}

export function renderRulesIndex(rules: readonly Rule[]): string {
  const row = (rule: Rule) => `| [\`${rule.id}\`](${pageName(rule)}) | ${rule.title} | ${SEVERITIES[rule.severity]} |`;
  return `# Rules

Made from the rules by \`npm run generate\`. How to run them: [checks](../checks.md).

| rule | | |
| --- | --- | --- |
${rules.map(row).join("\n")}

Frameworks: ${Object.values(FRAMEWORKS).join("; ")}.
`;
}
