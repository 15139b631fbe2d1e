import { expect, it } from "vitest";
import type { Machine, Ran, World } from "../drills/world.ts";
import { highest, parseAlerts, queries, StackMetrics } from "./prometheus.ts";
import { machineOf } from "./testing.ts";

const matrix = (...values: string[]) => ({ data: { result: [{ values: values.map((value, i) => [i, value]) }] } });

it("the highest value of a step counts; nothing and not-a-number are no value", () => {
  expect(highest(matrix("0.25", "0.75001", "NaN", "0.5"))).toBe(0.75);
  expect(highest(matrix("NaN"))).toBeNull();
  expect(highest({ data: { result: [] } })).toBeNull();
  expect(() => highest({ status: "error" })).toThrow();
});

it("knows scale triggers by their label", () => {
  const alert = (labels: object, state = "pending") => ({ labels, state, activeAt: "2026-11-22T12:00:00.5Z" });
  const all = [alert({ alertname: "QueueDepthHigh", scale: "up" }, "firing"), alert({ alertname: "HostDown" })];
  expect(parseAlerts({ data: { alerts: all } })).toEqual([
    { name: "QueueDepthHigh", isScaleTrigger: true, state: "firing", since: Date.UTC(2026, 10, 22, 12, 0, 0, 500) },
    { name: "HostDown", isScaleTrigger: false, state: "pending", since: Date.UTC(2026, 10, 22, 12, 0, 0, 500) },
  ]);
});

function worldWith(machines: readonly Machine[], answer: (argv: readonly string[]) => Ran) {
  const asked: string[][] = [];
  const run = async (_: Machine, argv: readonly string[]) => {
    asked.push([...argv]);
    return answer(argv);
  };
  return { asked, world: { machines: async () => machines, run } as unknown as World };
}

it("asks the monitoring machine for the time of the step", async () => {
  const { asked, world } = worldWith([machineOf(1, "app"), machineOf(2, "monitoring")], (argv) => ({
    code: 0,
    stdout: JSON.stringify(argv.includes(`query=${queries.waiting}`) ? matrix("3", "7") : { data: { result: [] } }),
    stderr: "",
  }));
  const nothing = { use: null, shopUse: null, shopWaiting: null };
  const figures = await new StackMetrics(world).figures(10_000, 40_000);
  expect(figures).toEqual({ pools: { ...nothing, waiting: 7 }, queue: null });
  expect(asked[0]).toEqual(expect.arrayContaining(["start=10", "end=40", "http://10.0.1.2:9090/api/v1/query_range"]));
});

it("says where Prometheus is missing or does not answer", async () => {
  const silent = worldWith([machineOf(2, "monitoring")], () => ({ code: 28, stdout: "", stderr: "curl: timed out" }));
  await expect(new StackMetrics(silent.world).alerts()).rejects.toThrow(
    "Prometheus on shop-monitoring-fsn1-2 does not answer /api/v1/alerts: curl: timed out",
  );
  const none = worldWith([machineOf(1, "app")], () => ({ code: 0, stdout: "{}", stderr: "" }));
  await expect(new StackMetrics(none.world).alerts()).rejects.toThrow("no monitoring machine");
});

it("waits until Prometheus knows as many app servers", async () => {
  const counts = ["3", "3", "1"];
  const { asked, world } = worldWith([machineOf(2, "monitoring")], () => ({
    code: 0,
    stdout: JSON.stringify(matrix(counts.shift()!)),
    stderr: "",
  }));
  await new StackMetrics(world, 1).untilWatched(1, new AbortController().signal);
  expect(asked).toHaveLength(3);
});
