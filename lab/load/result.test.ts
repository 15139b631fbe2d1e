import { expect, it } from "vitest";
import { capacityOf, isFelt, type Measurements, merge, seriesOf, usedUpIn, wallOf } from "./result.ts";
import { runWith, stepWith } from "./testing.ts";

const pools = { use: 0.2, waiting: 0, shopUse: 0.1, shopWaiting: 0 };

it("users notice slow answers and errors, not a few of them", () => {
  expect(isFelt(stepWith({ p95Ms: 1000 }))).toBe(false);
  expect(isFelt(stepWith({ p95Ms: 1001 }))).toBe(true);
  expect(isFelt(stepWith({ requests: 1000, errors: { timeout: 10 } }))).toBe(false);
  expect(isFelt(stepWith({ requests: 1000, errors: { timeout: 6, "status 503": 5 } }))).toBe(true);
  expect(isFelt(stepWith({ requests: 0, p95Ms: 0 }))).toBe(true);
});

it("the capacity is what was served before the wall, even if more was served behind it", () => {
  const steps = [
    stepWith({ users: 50, requestsPerSecond: 50 }),
    stepWith({ users: 100, requestsPerSecond: 90 }),
    stepWith({ users: 150, requestsPerSecond: 120, p95Ms: 2000 }),
    stepWith({ users: 200, requestsPerSecond: 130 }),
  ];
  expect(wallOf(steps)?.users).toBe(150);
  expect(capacityOf(steps)).toBe(90);
  expect(capacityOf(steps.slice(0, 2))).toBe(90);
  expect(capacityOf(steps.slice(2))).toBe(0);
});

it("tells what was used up", () => {
  expect(usedUpIn(stepWith())).toEqual([]);
  expect(usedUpIn(stepWith({ throttled: { app: 0.5, postgres: 0.49 } }))).toEqual(["processor of app"]);
  expect(usedUpIn(stepWith({ pools: { ...pools, use: 0.8 } }))).toEqual(["PgBouncer's pool"]);
  expect(usedUpIn(stepWith({ pools: { ...pools, waiting: 1 } }))).toEqual(["PgBouncer's pool"]);
  expect(usedUpIn(stepWith({ pools: { ...pools, shopWaiting: 3 } }))).toEqual(["the shop's pool"]);
  expect(usedUpIn(stepWith({ queue: 1, hostBusy: 0.95 }))).toEqual(["requests at work", "the host's cores"]);
  const unknown = { use: null, waiting: null, shopUse: null, shopWaiting: null };
  expect(usedUpIn(stepWith({ pools: unknown, queue: null }))).toEqual([]);
});

it("of several runs each step is the middle one, by number of servers", () => {
  const at = (users: number, p95Ms: number) => stepWith({ users, p95Ms });
  const runs = [
    runWith(2, [at(50, 40)]),
    runWith(1, [at(50, 90), at(100, 700)]),
    runWith(1, [at(50, 30)]),
    runWith(1, [at(50, 50), at(100, 300)]),
  ];
  const [one, two] = seriesOf(runs);
  expect([one!.servers, one!.runs.length, two!.servers]).toEqual([1, 3, 2]);
  expect(one!.steps.map((step) => [step.users, step.p95Ms])).toEqual([
    [50, 50],
    [100, 700],
  ]);
});

it("runs are told together with those of the same settings; another kind of machine makes room", () => {
  const old = runWith(1, [stepWith()]);
  const same = runWith(2, [stepWith()]);
  const slow = runWith(1, [stepWith()], { settings: { ...old.settings, stepSeconds: 60 } });
  const elsewhere = runWith(1, [stepWith()], { machine: "8 cores, 64 GB, Linux 6.18" });
  expect(merge([], old)).toEqual([{ note: "", runs: [old] }]);
  const found: Measurements = [{ note: "found", runs: [old] }];
  expect(merge(found, same)).toEqual([{ note: "found", runs: [old, same] }]);
  const both = merge(found, slow);
  expect(both).toEqual([...found, { note: "", runs: [slow] }]);
  expect(merge(both, same)).toEqual([{ note: "found", runs: [old, same] }, both[1]]);
  expect(merge(both, elsewhere)).toEqual([{ note: "", runs: [elsewhere] }]);
});
