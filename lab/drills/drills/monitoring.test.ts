import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { DrillContext } from "../drill.ts";
import { FakePostgres } from "../testing.ts";
import type { Notification } from "../world.ts";
import { monitoringDrills, quiet, raisedAndResolved } from "./monitoring.ts";

const labels = { alertname: "HostDown", host: "h" };

/** A stack with rules that fire as `firing` says, and receivers that are told what `told` holds. */
function pretended(firing: Map<string, Record<string, string>[]>, share = "") {
  const told: Notification[] = [];
  const pending = new Set<string>();
  const figures = new Map<string, number>();
  const problems: (string | undefined)[] = [];
  const said: string[] = [];
  const log: string[] = [];
  const world = new FakePostgres();
  world.notifications = async () => told;
  world.run = async () => ({ code: 0, stdout: share, stderr: "" });
  const rules = async () =>
    new Map([...firing].map(([name, all]) => [name, { forSeconds: 0, firing: all, pending: pending.size }] as const));
  const context = {
    world,
    monitoring: { rules, alert: async (name: string) => (await rules()).get(name)! },
    brokenAt: Date.now(),
    signal: AbortSignal.timeout(20_000),
    heal: async () => void log.push("heal"),
    pause: async () => undefined,
    figure: (name: string, value: number) => figures.set(name, value),
    check: (_: string, problem: string | undefined) => problems.push(problem),
    say: (line: string) => said.push(line),
  } as unknown as DrillContext;
  const tell = (status: Notification["status"]) => told.push({ received: Date.now(), status, labels });
  return { context, tell, pending, log, figures, problems, said, firing };
}

describe.concurrent("a drill of an alert", () => {
  it("heals only when a receiver was told, and ends only when one was told that it is over", async () => {
    const { context, tell, log, figures, firing } = pretended(new Map([["HostDown", [labels]]]));
    const drill = raisedAndResolved(context, [{ alert: "HostDown", labels: { host: "h" } }]).then(() =>
      log.push("end"),
    );
    await sleep(700);
    expect(log).toEqual([]);
    tell("firing");
    await sleep(1200);
    expect(log).toEqual(["heal"]);
    firing.set("HostDown", []);
    await sleep(1500);
    expect(log).toEqual(["heal"]);
    tell("resolved");
    await drill;
    expect([...figures.keys()]).toEqual([
      "seconds until HostDown",
      "seconds until a receiver knew of HostDown",
      "seconds until HostDown was over",
      "seconds until a receiver knew that HostDown was over",
    ]);
  });

  it("does not begin while receivers wait for the word that an earlier one is over", async () => {
    const { context, tell, log } = pretended(new Map([["HostDown", []]]));
    tell("firing");
    const waiting = quiet(context, ["HostDown"]).then(() => log.push("quiet"));
    await sleep(1300);
    expect(log).toEqual([]);
    tell("resolved");
    await waiting;
  });
});

it("a drill of an alert does not begin while that is about to fire by another cause", async () => {
  const { context, pending, log } = pretended(new Map([["HostDown", []]]));
  pending.add("HostDown");
  const waiting = quiet(context, ["HostDown"]).then(() => log.push("quiet"));
  await sleep(1300);
  expect(log).toEqual([]);
  await quiet(context, ["HostDown"], true);
  pending.clear();
  await waiting;
});

describe("without anything broken", () => {
  const none = monitoringDrills.find(({ name }) => name === "alert-none")!;
  const busy = { alertname: "CpuBusy", host: "shop-app-fsn1-1" };
  const judged = async (alert: string, share: string) => {
    const { context, problems, said } = pretended(new Map([[alert, [{ ...busy, alertname: alert }]]]), share);
    await none.during!(context);
    return { problem: problems[0], said };
  };

  it("CpuBusy counts when the machine itself is busy, and when that cannot be known", async () => {
    expect((await judged("CpuBusy", "0 19500000 2\n")).problem).toMatch(
      /^CpuBusy \(shop-app-fsn1-1: it uses 98 % itself/,
    );
    expect((await judged("CpuBusy", "")).problem).toContain("cannot be told");
  });

  it("what others on the host use does not, and that is said", async () => {
    const { problem, said } = await judged("CpuBusy", "0 400000 2\n");
    expect(problem).toBeUndefined();
    expect(said).toEqual([expect.stringContaining("CpuBusy of shop-app-fsn1-1 does not count: it uses 2 % itself")]);
  });

  it("every other alert counts", async () => {
    expect((await judged("MemoryLow", "0 0 2\n")).problem).toBe("MemoryLow");
  });
});
