import { expect, it } from "vitest";
import { LoadError } from "./errors.ts";
import type { SeenByUsers, Step } from "./k6.ts";
import { type LoadPlan, warmSeconds } from "./plan.ts";
import type { ActiveAlert } from "./prometheus.ts";
import { type LoadParts, measure } from "./run.ts";

const plan: LoadPlan = { servers: [1], users: [10, 20, 30, 40, 50], stepSeconds: 20, cpu: { postgres: 0.4, app: 0.2 } };

interface Fake {
  readonly parts: LoadParts;
  readonly played: Step[];
  readonly windows: (readonly [number, number])[];
  readonly said: string[];
}

/** A stack that serves 25 users; its time passes by steps. */
function fake(own: Partial<LoadParts> = {}, alerts: () => readonly ActiveAlert[] = () => []): Fake {
  const state = {
    now: 1_000_000,
    played: [] as Step[],
    windows: [] as (readonly [number, number])[],
    said: [] as string[],
  };
  const play = async (step: Step): Promise<SeenByUsers> => {
    state.played.push(step);
    await new Promise((resolve) => setTimeout(resolve, 20));
    state.now += (step.warmSeconds + step.steadySeconds) * 1000;
    const served = Math.min(step.users, 25);
    return {
      ...{
        users: step.users,
        seconds: step.steadySeconds,
        requests: served * 20,
        requestsPerSecond: served,
        orders: 1,
      },
      ...{ p50Ms: 10, p95Ms: step.users > 25 ? 3000 : 50, p99Ms: 5000, p95ByKind: {}, errors: {} },
    };
  };
  const parts: LoadParts = {
    play,
    metrics: {
      alerts: async () => alerts(),
      figures: async (from, to) => {
        state.windows.push([from, to]);
        return { pools: { use: 0.5, waiting: 0, shopUse: 0.1, shopWaiting: 0 }, queue: 0 };
      },
    },
    watch: () => () => ({ app: 0.6 }),
    hostTime: () => ({ busy: state.played.length * 75, total: state.played.length * 100 }),
    now: () => state.now,
    say: (line) => state.said.push(line),
    machine: "2 cores",
    run: "load-1",
    signal: new AbortController().signal,
    alertSeconds: 0.005,
    ...own,
  };
  return { parts, played: state.played, windows: state.windows, said: state.said };
}

it("users grow until they have noticed twice in a row", async () => {
  const { parts, played, windows, said } = fake();
  const run = await measure(2, plan, parts);
  expect(played.map((step) => step.users)).toEqual([10, 20, 30, 40]);
  expect(run).toMatchObject({ servers: 2, machine: "2 cores", startedAt: new Date(1_000_000).toISOString() });
  expect(run.steps.map((step) => step.p95Ms)).toEqual([50, 50, 3000, 3000]);
  expect(run.steps[0]).toMatchObject({ throttled: { app: 0.6 }, hostBusy: 0.75, pools: { use: 0.5 } });
  expect(windows[0]).toEqual([1_015_000, 1_000_000 + (warmSeconds + 20) * 1000]);
  expect(Object.keys(run.settings.cpu)).toEqual(["app", "postgres"]);
  expect(said[2]).toContain("users notice");
});

it("alerts are seen while users are there", async () => {
  let users = 0;
  const alerts = (): ActiveAlert[] =>
    users >= 30 ? [{ name: "ResponseTimeHigh", isScaleTrigger: true, state: "pending", since: 1_060_000 }] : [];
  const own = fake();
  const { parts } = fake({ play: async (step) => own.parts.play(step).finally(() => {}) }, alerts);
  const watched: LoadParts = {
    ...parts,
    play: async (step) => {
      users = step.users;
      return parts.play(step);
    },
  };
  const run = await measure(1, plan, watched);
  expect(run.alerts).toMatchObject([{ name: "ResponseTimeHigh", pendingUsers: 30, pendingSecond: 60 }]);
});

it("a Prometheus that is overloaded costs figures, not the measurement", async () => {
  let asked = 0;
  const metrics: LoadParts["metrics"] = {
    alerts: async () => {
      if (asked++ === 0) return [];
      throw new LoadError("Prometheus does not answer");
    },
    figures: async () => {
      throw new LoadError("Prometheus does not answer");
    },
  };
  const { parts, said } = fake({ metrics });
  const run = await measure(1, { ...plan, users: [10] }, parts);
  expect(run.steps[0]!.pools).toEqual({ use: null, waiting: null, shopUse: null, shopWaiting: null });
  expect(said.join()).toContain("no figures of Prometheus");
});

it("ends when it is told to, and with the error of the users", async () => {
  const stop = new AbortController();
  stop.abort();
  await expect(measure(1, plan, fake({ signal: stop.signal }).parts)).rejects.toThrow("abort");
  const play = async () => {
    throw new LoadError("k6 ended with 1");
  };
  await expect(measure(1, plan, fake({ play }).parts)).rejects.toThrow("k6 ended with 1");
});
