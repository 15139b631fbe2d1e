/** Pretended measurements for tests. */
import type { Machine } from "../drills/world.ts";
import { mix } from "./mix.ts";
import type { LoadRun, LoadStep, SeenAlert } from "./result.ts";

export const stepWith = (own: Partial<LoadStep> = {}): LoadStep => ({
  users: 50,
  seconds: 30,
  requests: 1500,
  requestsPerSecond: 50,
  orders: 40,
  p50Ms: 12,
  p95Ms: 40,
  p99Ms: 90,
  p95ByKind: { page: 30, order: 60 },
  errors: {},
  pools: { use: 0.2, waiting: 0, shopUse: 0.1, shopWaiting: 0 },
  queue: 0,
  throttled: { app: 0.1 },
  hostBusy: 0.6,
  ...own,
});

export const alertWith = (own: Partial<SeenAlert> = {}): SeenAlert => ({
  name: "ResponseTimeHigh",
  isScaleTrigger: true,
  pendingUsers: 100,
  pendingSecond: 80,
  firingUsers: null,
  firingSecond: null,
  ...own,
});

export const runWith = (servers: number, steps: readonly LoadStep[], own: Partial<LoadRun> = {}): LoadRun => ({
  startedAt: "2026-11-22T12:00:00.000Z",
  machine: "2 cores, 24 GB, Linux 6.18",
  servers,
  settings: { stepSeconds: 30, warmSeconds: 8, cpu: { app: 0.2 }, mix: { ...mix } },
  steps: [...steps],
  alerts: [],
  ...own,
});

export const machineOf = (id: number, role: string): Machine => ({
  id,
  name: `shop-${role}-fsn1-${id}`,
  role,
  status: "running",
  booted: true,
  location: "fsn1",
  privateAddress: `10.0.1.${id}`,
  publicAddress: undefined,
});
