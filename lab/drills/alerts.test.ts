import { expect, it } from "vitest";
import { notificationsOf, stillTold, toldOver } from "./alerts.ts";
import type { Notification } from "./world.ts";

const told = (received: number, status: Notification["status"], labels: Notification["labels"]): Notification => ({
  received,
  status,
  labels,
});

it("only notifications of this alert and since the break count", () => {
  const own = { alertname: "MonitoringDown", host: "m" };
  const all = [
    told(1, "firing", own),
    told(5, "firing", { ...own, host: "other" }),
    told(6, "firing", { ...own, severity: "critical" }),
    told(7, "firing", {}),
  ];
  expect(notificationsOf(all, own, 5).map((one) => one.received)).toEqual([6]);
});

it("an alert is over when that was told of each host that it was told of", () => {
  const all = [told(1, "firing", { host: "a" }), told(1, "firing", { host: "b" }), told(3, "resolved", { host: "a" })];
  expect(stillTold(all).map(({ labels }) => labels.host)).toEqual(["b"]);
  expect(toldOver(all)).toBeUndefined();
  expect(toldOver([...all, told(4, "resolved", { host: "b" })])).toBe(4);
});

it("one that fires again is not over, and one that nobody was told of neither", () => {
  const again = [told(1, "firing", {}), told(2, "resolved", {}), told(3, "firing", {})];
  expect(toldOver(again)).toBeUndefined();
  expect(stillTold(again)).toHaveLength(1);
  expect(toldOver([])).toBeUndefined();
});
