/** What a measurement found. Pure. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";

const figures = z.record(z.string(), z.number());
const maybe = z.number().nullable();

const stepSchema = z.object({
  users: z.int(),
  /** Seconds that counted. */
  seconds: z.number(),
  requests: z.int(),
  requestsPerSecond: z.number(),
  orders: z.int(),
  p50Ms: z.number(),
  p95Ms: z.number(),
  p99Ms: z.number(),
  /** p95 in ms by kind of request. */
  p95ByKind: figures,
  /** Failed requests by kind of error; kinds that did not occur are left out. */
  errors: figures,
  /** Highest value of the step; null where Prometheus had none. */
  pools: z.object({
    /** PgBouncer's fullest pool: share of its connections to Postgres at work. */
    use: maybe,
    /** Queries that wait in PgBouncer, all servers together. */
    waiting: maybe,
    /** The shop's fullest pool: share of its connections to PgBouncer in use. */
    shopUse: maybe,
    /** Requests that wait for one of those, all servers together. */
    shopWaiting: maybe,
  }),
  /** Most requests that waited for the workload in front of it. */
  queue: maybe,
  /** Share of the scheduler's periods in which machines of a role wanted more processor time than they may have. */
  throttled: figures,
  /** Share of the host's processor time that was taken, by anybody. */
  hostBusy: z.number(),
});
export type LoadStep = z.infer<typeof stepSchema>;

const alertSchema = z.object({
  name: z.string(),
  /** Whether it asks for more capacity. */
  isScaleTrigger: z.boolean(),
  /** Users when its condition began to hold, and seconds since the beginning. */
  pendingUsers: z.int(),
  pendingSecond: z.number(),
  /** The same for when it had held for as long as the rule wants; null: it did not until the end. */
  firingUsers: z.int().nullable(),
  firingSecond: z.number().nullable(),
});
export type SeenAlert = z.infer<typeof alertSchema>;

const settingsSchema = z.object({
  stepSeconds: z.number(),
  warmSeconds: z.number(),
  cpu: figures,
  /** What users do: {@link file://./mix.ts}. */
  mix: z.record(z.string(), z.unknown()),
});
export type LoadSettings = z.infer<typeof settingsSchema>;

const runSchema = z.object({
  startedAt: z.string(),
  machine: z.string(),
  /** App servers. */
  servers: z.int(),
  settings: settingsSchema,
  steps: z.array(stepSchema).min(1),
  alerts: z.array(alertSchema),
});
export type LoadRun = z.infer<typeof runSchema>;

/** Runs that can be told together: all with the same settings on the same kind of machine. */
const groupSchema = z.object({
  /** What people found in the runs, as Markdown. */
  note: z.string(),
  runs: z.tuple([runSchema], runSchema),
});
export type MeasuredGroup = z.infer<typeof groupSchema>;

/** A file of measurements. */
export const measurementsSchema = z.array(groupSchema);
export type Measurements = z.infer<typeof measurementsSchema>;

/** From here on users notice. */
export const patience = { p95Ms: 1000, errorShare: 0.01 } as const;

export const errorCount = (step: LoadStep): number => Object.values(step.errors).reduce((sum, n) => sum + n, 0);
export const errorShare = (step: LoadStep): number => (step.requests === 0 ? 1 : errorCount(step) / step.requests);
export const isFelt = (step: LoadStep): boolean =>
  step.p95Ms > patience.p95Ms || errorShare(step) > patience.errorShare;

/** The first step that users notice. */
export const wallOf = (steps: readonly LoadStep[]): LoadStep | undefined => steps.find(isFelt);

/** Most requests per second that users were served with before they noticed anything. */
export function capacityOf(steps: readonly LoadStep[]): number {
  const wall = steps.findIndex(isFelt);
  const before = wall === -1 ? steps : steps.slice(0, wall);
  return Math.max(0, ...before.map((step) => step.requestsPerSecond));
}

/** From these shares on something counts as used up. */
const usedUp = { throttled: 0.5, pool: 0.8, host: 0.95 } as const;

/** What was used up in a step. */
export function usedUpIn(step: LoadStep): string[] {
  const { pools, throttled, queue, hostBusy } = step;
  return [
    ...Object.entries(throttled)
      .filter(([, share]) => share >= usedUp.throttled)
      .map(([role]) => `processor of ${role}`),
    ...((pools.use ?? 0) >= usedUp.pool || (pools.waiting ?? 0) > 0 ? ["PgBouncer's pool"] : []),
    ...((pools.shopUse ?? 0) >= usedUp.pool || (pools.shopWaiting ?? 0) > 0 ? ["the shop's pool"] : []),
    ...((queue ?? 0) > 0 ? ["requests at work"] : []),
    ...(hostBusy >= usedUp.host ? ["the host's cores"] : []),
  ];
}

export interface Series {
  readonly servers: number;
  readonly runs: readonly LoadRun[];
  /** For each number of users: the run whose p95 is the middle one. */
  readonly steps: readonly LoadStep[];
}

/** Runs by number of servers, each with its middle step for each number of users. */
export function seriesOf(runs: readonly LoadRun[]): Series[] {
  const servers = [...new Set(runs.map((run) => run.servers))].sort((a, b) => a - b);
  return servers.map((count) => {
    const own = runs.filter((run) => run.servers === count);
    const all = own.flatMap((run) => run.steps);
    const users = [...new Set(all.map((step) => step.users))].sort((a, b) => a - b);
    return { servers: count, runs: own, steps: users.map((n) => middle(all.filter((step) => step.users === n))) };
  });
}

/** The middle one by p95; of two the slower. */
function middle(steps: readonly LoadStep[]): LoadStep {
  return [...steps].sort((a, b) => a.p95Ms - b.p95Ms)[Math.floor(steps.length / 2)]!;
}

/** Puts a run to those with the same settings; measurements on another kind of machine make room, with what was found in them. */
export function merge(known: Measurements, fresh: LoadRun): Measurements {
  const kept = known.filter(({ runs }) => runs[0].machine === fresh.machine);
  const isSame = ({ runs }: MeasuredGroup) => isDeepStrictEqual(runs[0].settings, fresh.settings);
  return kept.some(isSame)
    ? kept.map((group) => (isSame(group) ? { ...group, runs: [...group.runs, fresh] } : group))
    : [...kept, { note: "", runs: [fresh] }];
}
