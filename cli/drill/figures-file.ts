/** Figures of drills, kept beside the docs. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { type MeasuredDrill, measuredSchema } from "../../lab/drills/docs.ts";
import type { Series } from "../../lab/drills/result.ts";

/** What the figures were measured on. */
export function machine(): string {
  const memory = Math.round(totalmem() / 1024 ** 3);
  return `${cpus().length} cores, ${memory} GB, Linux ${release().split(".").slice(0, 2).join(".")}`;
}

export function readFigures(file: string): MeasuredDrill[] {
  return existsSync(file) ? measuredSchema.parse(JSON.parse(readFileSync(file, "utf8"))) : [];
}

/** Puts series in the place of those of the same drills. */
export function mergeFigures(known: readonly MeasuredDrill[], all: readonly Series[], on: string): MeasuredDrill[] {
  const fresh = all
    .filter((series) => series.runs.length > 0)
    .map((series): MeasuredDrill => {
      const names = [...new Set(series.runs.flatMap((run) => run.figures.map((figure) => figure.name)))];
      return {
        drill: series.drill,
        date: series.runs.at(-1)!.startedAt.slice(0, 10),
        machine: on,
        runs: series.runs.length,
        medianOutageSeconds: series.medianOutageSeconds,
        worstOutageSeconds: series.worstOutageSeconds,
        acknowledged: series.runs.reduce((sum, run) => sum + run.acknowledged, 0),
        mostErrors: Math.max(...series.runs.map((run) => run.errors)),
        lost: series.runs.reduce((sum, run) => sum + run.lost, 0),
        duplicates: series.runs.reduce((sum, run) => sum + run.duplicates, 0),
        disagreeing: series.runs.reduce((sum, run) => sum + run.disagreeing.length, 0),
        figures: Object.fromEntries(
          names.map((name) => [
            name,
            series.runs.flatMap((run) => run.figures.filter((f) => f.name === name).map((f) => f.value)),
          ]),
        ),
        violations: [...series.violations],
      };
    });
  const replaced = new Set(fresh.map((series) => series.drill));
  return [...known.filter((series) => !replaced.has(series.drill)), ...fresh].sort((a, b) =>
    a.drill.localeCompare(b.drill),
  );
}

export function saveFigures(file: string, all: readonly Series[]): void {
  writeFileSync(file, `${JSON.stringify(mergeFigures(readFigures(file), all, machine()), undefined, 2)}\n`);
}
