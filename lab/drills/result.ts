/** What a run of a drill found, and what it makes of it. Pure. */
import { type Break, type Comparison, lostBeyond } from "./compare.ts";
import type { Check, Drill } from "./drill.ts";
import { countErrors, longestOutage, median, percentile } from "./figures.ts";
import type { Entry } from "./record.ts";

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly limit?: number | undefined;
}

export interface DrillResult {
  readonly drill: string;
  readonly startedAt: string;
  /** Of the whole run. */
  readonly seconds: number;
  /** Longest time without an acknowledged write after the break, s; null without a writer, or when none came any more. */
  readonly outageSeconds: number | null;
  readonly acknowledged: number;
  readonly errors: number;
  readonly medianMs: number | null;
  readonly lost: number;
  /** Of those, lost although acknowledged earlier before the break than the drill allows, or after it. */
  readonly lostBeyondLimit: number;
  readonly duplicates: number;
  /** Written although the client was told of an error: allowed. */
  readonly unconfirmed: number;
  readonly invented: number;
  readonly disagreeing: readonly string[];
  readonly figures: readonly Figure[];
  readonly checks: readonly Check[];
  /** What was not as it should be; empty when the drill has passed. */
  readonly violations: readonly string[];
  /** File with every attempt, kept when something was wrong. */
  readonly record?: string | undefined;
}

export interface Findings {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly brokenAt: number;
  /** The first thing that was broken; undefined when nothing was. */
  readonly firstBreak?: Break | undefined;
  readonly entries: readonly Entry[];
  /** First after healing, then after the further crash. */
  readonly comparisons: readonly Comparison[];
  readonly figures: readonly Figure[];
  readonly checks: readonly Check[];
}

const few = (ids: readonly string[]): string => `${ids.slice(0, 3).join(", ")}${ids.length > 3 ? ", …" : ""}`;

/** A result from what a run found. */
export function conclude(drill: Drill, found: Findings): DrillResult {
  const { entries, comparisons, brokenAt } = found;
  const outage = longestOutage(entries, brokenAt);
  const lost = [...new Set(comparisons.flatMap((comparison) => comparison.lost))];
  const { lossWindowMs } = drill.limits;
  const firstBreak = found.firstBreak ?? { begin: brokenAt, end: brokenAt };
  // Without a window each lost write counts.
  const lostBeyondLimit = lossWindowMs === undefined ? lost : lostBeyond(entries, lost, firstBreak, lossWindowMs);
  const duplicates = [...new Set(comparisons.flatMap((comparison) => comparison.duplicates))];
  const invented = [...new Set(comparisons.flatMap((comparison) => comparison.invented))];
  const disagreeing = [...new Set(comparisons.flatMap((comparison) => comparison.disagreeing))];
  const errors = countErrors(entries);
  const { limits } = drill;
  const violations = [
    ...found.checks.flatMap(({ what, problem }) => (problem === undefined ? [] : [`${what}: ${problem}`])),
    ...found.figures.flatMap(({ name, value, limit }) =>
      limit !== undefined && value > limit ? [`${name}: ${value}, at most ${limit}`] : [],
    ),
    ...(drill.writer && !outage ? ["no write was acknowledged after the break"] : []),
    ...(limits.outage !== undefined && outage && outage.seconds > limits.outage
      ? [`${outage.seconds.toFixed(1)} s without a write, at most ${limits.outage} s`]
      : []),
    ...(limits.errors !== undefined && errors > limits.errors
      ? [`clients saw ${errors} errors, at most ${limits.errors}`]
      : []),
    ...(drill.expectsLoss
      ? lost.length === 0
        ? ["no loss was reported, though there must be one: the comparison cannot be trusted"]
        : []
      : lostBeyondLimit.length > 0
        ? [`${lostBeyondLimit.length} acknowledged writes are lost: ${few(lostBeyondLimit)}`]
        : []),
    ...(duplicates.length > 0 ? [`${duplicates.length} writes are there twice: ${few(duplicates)}`] : []),
    ...(invented.length > 0 ? [`${invented.length} rows that nobody wrote: ${few(invented)}`] : []),
    ...(disagreeing.length > 0 ? [`nodes disagree: ${disagreeing.join(", ")}`] : []),
  ];
  return {
    drill: drill.name,
    startedAt: new Date(found.startedAt).toISOString(),
    seconds: round((found.endedAt - found.startedAt) / 1000),
    outageSeconds: outage ? round(outage.seconds) : null,
    acknowledged: entries.length - errors,
    errors,
    medianMs: percentile(entries, 0.5) ?? null,
    lost: lost.length,
    lostBeyondLimit: lostBeyondLimit.length,
    duplicates: duplicates.length,
    unconfirmed: Math.max(0, ...comparisons.map((comparison) => comparison.unconfirmed)),
    invented: invented.length,
    disagreeing,
    figures: found.figures.map((figure) => ({ ...figure, value: round(figure.value) })),
    checks: found.checks,
    violations,
  };
}

const round = (value: number): number => Math.round(value * 100) / 100;

/** All runs of one drill. */
export interface Series {
  readonly drill: string;
  readonly runs: readonly DrillResult[];
  readonly medianOutageSeconds: number | null;
  readonly worstOutageSeconds: number | null;
  readonly violations: readonly string[];
}

/** Runs from which on a median says something. */
const runsOfMedian = 3;

export function judgeSeries(drill: Drill, runs: readonly DrillResult[]): Series {
  const outages = runs.flatMap((run) => (run.outageSeconds === null ? [] : [run.outageSeconds]));
  const middle = median(outages);
  const limit = drill.limits.medianOutage;
  return {
    drill: drill.name,
    runs,
    medianOutageSeconds: middle ?? null,
    worstOutageSeconds: outages.length > 0 ? Math.max(...outages) : null,
    violations: [
      ...runs.flatMap((run, i) => run.violations.map((text) => (runs.length > 1 ? `run ${i + 1}: ${text}` : text))),
      ...(limit !== undefined && middle !== undefined && runs.length >= runsOfMedian && middle > limit
        ? [`median of ${runs.length} runs: ${middle} s without a write, at most ${limit} s`]
        : []),
    ],
  };
}
