/** One measurement: users grow in steps, and all that is told of each step is put together. */
import { setTimeout as sleep } from "node:timers/promises";
import { AlertTimeline } from "./alerts.ts";
import { errorMessage, LoadError } from "./errors.ts";
import type { SeenByUsers, Step } from "./k6.ts";
import { mix } from "./mix.ts";
import { type LoadPlan, warmSeconds } from "./plan.ts";
import type { ActiveAlert, FiguresOfStep } from "./prometheus.ts";
import { percent } from "./report.ts";
import { isFelt, type LoadRun, type LoadSettings, type LoadStep, usedUpIn } from "./result.ts";

/** Processor time of the host since its start, any unit. */
export interface HostTime {
  readonly busy: number;
  readonly total: number;
}

/** What a measurement is made with; tests put their own here. */
export interface LoadParts {
  play(step: Step): Promise<SeenByUsers>;
  readonly metrics: {
    alerts(): Promise<readonly ActiveAlert[]>;
    figures(from: number, to: number): Promise<FiguresOfStep>;
  };
  /** Begins to watch how often machines are held back; what it returns tells, by role. */
  watch(): () => Record<string, number>;
  hostTime(): HostTime;
  now(): number;
  say(line: string): void;
  /** Name of the host's kind, for the record. */
  readonly machine: string;
  /** Unique among measurements on one stack. */
  readonly run: string;
  readonly signal: AbortSignal;
  /** Seconds between two looks at the alerts. @default 5 */
  readonly alertSeconds?: number;
}

/** Prometheus scrapes every 15 s: what it knows so long after the beginning of a step is of that step. */
const scrapeMs = 15_000;

/** Steps in a row that users notice after which no more are added. */
const enough = 2;

const nothingKnown: FiguresOfStep = {
  pools: { use: null, waiting: null, shopUse: null, shopWaiting: null },
  queue: null,
};

export function settingsOf({ stepSeconds, cpu }: LoadPlan): LoadSettings {
  const sorted = Object.entries(cpu).sort(([a], [b]) => a.localeCompare(b));
  return { stepSeconds, warmSeconds, cpu: Object.fromEntries(sorted), mix: { ...mix } };
}

/**
 * Measures the stack as it is deployed.
 * @param servers app servers that it has
 */
export async function measure(servers: number, plan: LoadPlan, parts: LoadParts): Promise<LoadRun> {
  const begin = parts.now();
  const timeline = new AlertTimeline(begin, await parts.metrics.alerts());
  const steps: LoadStep[] = [];
  for (const users of plan.users) {
    parts.signal.throwIfAborted();
    const step = await measureStep(users, plan, parts, timeline);
    steps.push(step);
    parts.say(sayStep(step));
    if (steps.length >= enough && steps.slice(-enough).every(isFelt)) break;
  }
  return {
    startedAt: new Date(begin).toISOString(),
    machine: parts.machine,
    servers,
    settings: settingsOf(plan),
    steps,
    alerts: timeline.alerts,
  };
}

async function measureStep(
  users: number,
  plan: LoadPlan,
  parts: LoadParts,
  timeline: AlertTimeline,
): Promise<LoadStep> {
  const begin = parts.now();
  const throttled = parts.watch();
  const before = parts.hostTime();
  const over = new AbortController();
  const watching = watchAlerts(users, parts, timeline, over.signal);
  const step: Step = { run: parts.run, users, warmSeconds, steadySeconds: plan.stepSeconds };
  let seen: SeenByUsers;
  try {
    seen = await parts.play(step);
  } finally {
    over.abort();
    await watching;
  }
  const after = parts.hostTime();
  const heldBack = throttled();
  const end = begin + (warmSeconds + plan.stepSeconds) * 1000;
  const known = await parts.metrics.figures(begin + scrapeMs, end).catch((error) => {
    parts.say(`no figures of Prometheus for this step: ${errorMessage(error)}`);
    return nothingKnown;
  });
  const total = after.total - before.total;
  const hostBusy = total > 0 ? Math.round(((after.busy - before.busy) / total) * 100) / 100 : 0;
  return { ...seen, ...known, throttled: heldBack, hostBusy };
}

/** An overloaded Prometheus may miss a look; the next one tells the same and when it began. */
async function watchAlerts(users: number, parts: LoadParts, timeline: AlertTimeline, over: AbortSignal): Promise<void> {
  const pause = (parts.alertSeconds ?? 5) * 1000;
  const look = async () => timeline.observe(parts.now(), users, await parts.metrics.alerts());
  while (!over.aborted) {
    await sleep(pause, undefined, { signal: over }).catch(() => undefined);
    await look().catch((error) => {
      if (!(error instanceof LoadError)) throw error;
      parts.say(error.message);
    });
  }
}

function sayStep(step: LoadStep): string {
  const failed = Object.entries(step.errors).map(([kind, count]) => `${count} × ${kind}`);
  return [
    `${step.users} users: ${step.requestsPerSecond} requests/s`,
    `p95 ${Math.round(step.p95Ms)} ms`,
    failed.length > 0 ? failed.join(", ") : "no errors",
    ...(step.pools.use === null ? [] : [`pool ${percent(step.pools.use)}`]),
    ...(usedUpIn(step).length > 0 ? [`used up: ${usedUpIn(step).join(", ")}`] : []),
    ...(isFelt(step) ? ["users notice"] : []),
  ].join(" · ");
}
