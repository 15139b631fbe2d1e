import { writeFileSync } from "node:fs";
import { monitoringDown } from "../watch.ts";
import { everything, ruleGroups } from "./all.ts";
import { queueDepth } from "./app.ts";
import type { AlertRule } from "./rule.ts";

export const documentFile = new URL("../../../docs/alerts.md", import.meta.url);

/** docs/alerts.md: every alert that there is, with what to do. */
export function renderDocument(): string {
  const groups = ruleGroups(everything(queueDepth(undefined)));
  return `# Alerts

Made from the rules in components/monitoring/rules by \`node components/monitoring/rules/document.ts\`; do not edit. A stack has those
rules whose services it has; figures that depend on its configuration are here for 3 Postgres members, 3 Redis hosts, and at
least 2 app servers.

\`critical\`: users notice or data is at risk. \`warning\`: to be dealt with today. \`info\`: to be known.

${watcher}

${groups.map((group) => `## ${group.name}\n\n${group.rules.map(section).join("\n")}`).join("\n")}`;
}

/** Placeholders of the notification become plain words. */
const plain = (text: string) =>
  text
    .replace(/\{\{\s*(?:with|end)[^}]*\}\}|\{\{\s*\.\s*\}\}/g, "")
    .replace(/\{\{\s*\$labels\.(\w+)[^}]*\}\}/g, "<$1>")
    .replace(/\{\{\s*\$value[^}]*\}\}/g, "<value>")
    .replace(/ by $/, "");

const { alert, severity, for: time, summary, action } = monitoringDown;

/** What is no rule of Prometheus. */
const watcher = `## the watcher

### ${alert}

${severity}: ${plain(summary)}, for ${time}.

${action}

Not a rule: another host asks Prometheus and Alertmanager, and tells the webhooks itself.`;

function section(rule: AlertRule): string {
  const scale = rule.scale ? ", scale trigger" : "";
  return `### ${rule.alert}

${rule.severity}${scale}: ${plain(rule.summary)}${rule.for ? `, for ${rule.for}` : ""}.

${rule.action}

\`\`\`promql
${rule.expr}
\`\`\`
`;
}

if (import.meta.main) writeFileSync(documentFile, renderDocument());
