import { expect, it } from "vitest";
import type { Notification } from "../world.ts";
import { notificationsOf, watcherLimit } from "./watcher.ts";

const told = (received: number, labels: Notification["labels"]): Notification => ({
  received,
  status: "firing",
  labels,
});

it("two rounds, and as many more as have to fail", () => {
  expect(watcherLimit({ intervalSeconds: 15, checks: [{ failures: 8 }, { failures: 4 }] })).toBe(75);
  expect(watcherLimit({ intervalSeconds: 10, checks: [{ failures: 1 }] })).toBe(20);
});

it("only notifications of this alert and since the break count", () => {
  const own = { alertname: "MonitoringDown", host: "m" };
  const all = [
    told(1, own),
    told(5, { ...own, host: "other" }),
    told(6, { ...own, severity: "critical" }),
    told(7, {}),
  ];
  expect(notificationsOf(all, own, 5).map((one) => one.received)).toEqual([6]);
});
