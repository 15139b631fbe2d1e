/** Results as people read them. Pure. */
import type { Drill } from "./drill.ts";
import type { Series } from "./result.ts";

const heads = ["drill", "runs", "no write, s", "worst", "errors", "acked", "lost", "twice", "differ", ""] as const;

function cells(series: Series): string[] {
  const { runs } = series;
  const sum = (pick: (run: Series["runs"][number]) => number) => runs.reduce((total, run) => total + pick(run), 0);
  const seconds = (value: number | null) => (value === null ? "-" : value.toFixed(1));
  return [
    series.drill,
    String(runs.length),
    seconds(series.medianOutageSeconds),
    seconds(series.worstOutageSeconds),
    String(Math.max(0, ...runs.map((run) => run.errors))),
    String(sum((run) => run.acknowledged)),
    String(sum((run) => run.lost)),
    String(sum((run) => run.duplicates)),
    String(new Set(runs.flatMap((run) => run.disagreeing)).size),
    series.violations.length === 0 ? "passed" : "FAILED",
  ];
}

/** One line for each drill: median and worst over its runs, sums of what may not be. */
export function renderTable(all: readonly Series[]): string {
  const rows = [[...heads], ...all.map(cells)];
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 || column === heads.length - 1 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join("  ")
      .trimEnd();
  return rows.map(line).join("\n");
}

/** What else a series measured, and what was wrong. */
export function renderDetails(series: Series): string[] {
  const names = [...new Set(series.runs.flatMap((run) => run.figures.map((figure) => figure.name)))];
  const figures = names.map((name) => {
    const values = series.runs.flatMap((run) => run.figures.filter((f) => f.name === name).map((f) => f.value));
    return `  ${name}: ${values.join(", ")}`;
  });
  return [...figures, ...series.violations.map((text) => `  ${text}`)];
}

/** The drills there are, by family. */
export function renderList(drills: readonly Drill[]): string {
  const width = Math.max(...drills.map((drill) => drill.name.length));
  const families = [...new Set(drills.map((drill) => drill.family))];
  return families
    .map((family) =>
      [family, ...drills.filter((d) => d.family === family).map((d) => `  ${d.name.padEnd(width)}  ${d.title}`)].join(
        "\n",
      ),
    )
    .join("\n");
}
