/** docs/drills.md from the drills themselves and the figures that were measured. Pure. */
import { z } from "zod";
import type { Drill, Family, Limits } from "./drill.ts";

export const measuredSchema = z.array(
  z.object({
    drill: z.string(),
    /** Day of the last run. */
    date: z.string(),
    machine: z.string(),
    runs: z.int(),
    medianOutageSeconds: z.number().nullable(),
    worstOutageSeconds: z.number().nullable(),
    acknowledged: z.int(),
    mostErrors: z.int(),
    lost: z.int(),
    duplicates: z.int(),
    disagreeing: z.int(),
    figures: z.record(z.string(), z.array(z.number())),
    violations: z.array(z.string()),
  }),
);
export type MeasuredDrill = z.infer<typeof measuredSchema>[number];

const families: Readonly<Record<Family, string>> = {
  postgres: "Postgres",
  locations: "Locations (`--stack multi-region-eu`)",
  edge: "Edge sites (`--stack hybrid`)",
  move: "Moves from one topology to another",
  redis: "Redis",
  app: "App servers and load balancer",
  backup: "Backups",
  monitoring: "Monitoring",
  controls: "Controls",
};

/** Limits in words. */
export function renderLimits(limits: Limits, drill: Pick<Drill, "expectsLoss" | "writer">): string {
  const words = [
    ...(limits.outage === undefined ? [] : [`${limits.outage} s without a write`]),
    ...(limits.medianOutage === undefined ? [] : [`median ${limits.medianOutage} s`]),
    ...(limits.errors === undefined ? [] : [`${limits.errors} errors`]),
    ...(drill.expectsLoss ? ["must report a loss"] : []),
    ...(limits.lossWindowMs === undefined ? [] : [`loss only of the last ${limits.lossWindowMs} ms before it`]),
    ...(drill.writer && !drill.expectsLoss && limits.lossWindowMs === undefined ? ["0 lost"] : []),
  ];
  return words.join(", ");
}

const seconds = (value: number | null): string => (value === null ? "-" : value.toFixed(1));

function measured(series: MeasuredDrill): string {
  const cells = [
    `\`${series.drill}\``,
    String(series.runs),
    seconds(series.medianOutageSeconds),
    seconds(series.worstOutageSeconds),
    String(series.mostErrors),
    String(series.acknowledged),
    String(series.lost),
    String(series.duplicates),
    String(series.disagreeing),
    series.violations.length === 0 ? "yes" : "no",
    series.date,
  ];
  return `| ${cells.join(" | ")} |`;
}

function renderFigures(all: readonly MeasuredDrill[]): string {
  if (all.length === 0) return "None were measured yet.";
  const machines = [...new Set(all.map((series) => series.machine))];
  const others = all.flatMap((series) => [
    ...Object.entries(series.figures).map(([name, values]) => `- \`${series.drill}\`: ${name}: ${values.join(", ")}`),
    ...series.violations.map((text) => `- \`${series.drill}\` did not pass: ${text}`),
  ]);
  return `Measured on: ${machines.join("; ")}. All machines of the stack share these cores, so seconds are an upper bound.

| drill | runs | no write, median s | worst s | errors, most | acknowledged | lost | twice | nodes that differ | passed | measured |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${all.map(measured).join("\n")}
${others.length > 0 ? `\nOther figures, run by run:\n\n${others.join("\n")}\n` : ""}`;
}

/** Which drills leave the stack otherwise than they found it; empty where none does. */
function lastingNote(drills: readonly Drill[]): string {
  const names = drills.filter(({ lasting }) => lasting).map(({ name }) => `\`${name}\``);
  if (names.length === 0) return "";
  return `\n${names.join(", ")}: the stack stays as the drill has made it, otherwise than its configuration says. They run only when they are named, not with \`all\` or their family, each last and once; take the lab down afterwards.\n`;
}

export function renderDrillsPage(drills: readonly Drill[], figures: readonly MeasuredDrill[]): string {
  const sections = Object.entries(families).flatMap(([family, title]) => {
    const own = drills.filter((drill) => drill.family === family);
    if (own.length === 0) return [];
    const rows = own.map(
      (drill) =>
        `| \`${drill.name}\` | ${drill.title} | ${drill.proves} | ${renderLimits(drill.limits, drill) || "-"} |`,
    );
    return [
      `### ${title}\n\n| drill | what happens | what it proves | at most |\n| --- | --- | --- | --- |\n${rows.join("\n")}`,
    ];
  });
  return `# Drills

Made from the drills themselves and from \`docs/drills.json\` by \`npm run generate\`.

\`\`\`sh
sudo npx sovereign lab up                          # the stack on real machines
sudo npx sovereign drill postgres-host-kill --repeat 5
sudo npx sovereign drill all
\`\`\`

A drill lets clients write, breaks something, waits until writes come again, heals, and then compares what was acknowledged with the rows of **every** node.
Drills with rows of Postgres then lose the primary's machine once more and compare again: whoever takes over has to have everything too.

- **no write**: the longest time between two acknowledged writes, counted from the break on. What a client notices that tries again.
- **errors**: answers that were no acknowledgement. Such a write may have happened or not; it counts neither as lost nor as a duplicate.
- **lost**: acknowledged, and missing on at least one node. **twice**: there more than once. **differ**: nodes whose rows are not those of the others.

Writers connect exactly as the workload does: \`sql\` from an app server through its own PgBouncer and HAProxy, \`redis\` through its HAProxy, \`shop\` as a customer over HTTPS at
the load balancer, with an idempotency key for each order and another try after each error. The record of acknowledged writes is on disk before the next ones are taken.

\`kill -9\` of a machine keeps what its host's kernel had not yet written to disk: a volume that lies about \`fsync\` would not be found out.

## The drills

${sections.join("\n\n")}
${lastingNote(drills)}
## Figures

${renderFigures(figures)}`;
}
