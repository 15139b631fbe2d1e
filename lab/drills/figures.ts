/** Figures from a record. Pure. */
import type { Entry } from "./record.ts";

/** The longest time without an acknowledged write. */
export interface Outage {
  /** From the break, or the last acknowledged write after it, to the next acknowledged one. */
  readonly seconds: number;
  /** When writes came again, milliseconds since 1970. */
  readonly resumedAt: number;
}

/** The longest outage after a moment; undefined when nothing was acknowledged after it. */
export function longestOutage(record: readonly Entry[], since: number): Outage | undefined {
  const acknowledged = acknowledgedAt(record).filter((at) => at > since);
  let longest: Outage | undefined;
  let last = since;
  for (const at of acknowledged) {
    const seconds = (at - last) / 1000;
    if (!longest || seconds > longest.seconds) longest = { seconds, resumedAt: at };
    last = at;
  }
  return longest;
}

/** Seconds from a moment to the first acknowledged write after it. */
export function firstWriteAfter(record: readonly Entry[], since: number): number | undefined {
  const at = acknowledgedAt(record).find((time) => time > since);
  return at === undefined ? undefined : (at - since) / 1000;
}

/** Acknowledged writes between two moments. */
export function acknowledgedBetween(record: readonly Entry[], from: number, to: number): number {
  return acknowledgedAt(record).filter((at) => at >= from && at <= to).length;
}

function acknowledgedAt(record: readonly Entry[]): number[] {
  return record
    .filter((entry) => entry.error === undefined)
    .map((entry) => entry.at)
    .sort((a, b) => a - b);
}

export function countErrors(record: readonly Entry[]): number {
  return record.filter((entry) => entry.error !== undefined).length;
}

/** Middle of some figures; of an even number the upper one of the two, so that it is a figure that was measured. */
export function median(figures: readonly number[]): number | undefined {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)];
}

/** Latency below which that share of acknowledged writes was, ms. */
export function percentile(record: readonly Entry[], share: number): number | undefined {
  const took = record
    .filter((entry) => entry.error === undefined)
    .map((entry) => entry.took)
    .sort((a, b) => a - b);
  return took[Math.min(took.length - 1, Math.floor(took.length * share))];
}
