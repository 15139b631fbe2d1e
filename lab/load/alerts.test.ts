import { expect, it } from "vitest";
import { AlertTimeline } from "./alerts.ts";
import type { ActiveAlert } from "./prometheus.ts";

const begin = 1_000_000;
const active = (state: "pending" | "firing", own: Partial<ActiveAlert> = {}): ActiveAlert => ({
  name: "ResponseTimeHigh",
  isScaleTrigger: true,
  state,
  since: begin + 30_000,
  ...own,
});

it("tells when a condition began and when the alert fired, with how many users", () => {
  const timeline = new AlertTimeline(begin, []);
  timeline.observe(begin + 35_000, 50, [active("pending")]);
  timeline.observe(begin + 90_000, 100, [active("pending")]);
  timeline.observe(begin + 151_000, 200, [active("firing")]);
  timeline.observe(begin + 160_000, 300, [active("firing")]);
  expect(timeline.alerts).toEqual([
    {
      name: "ResponseTimeHigh",
      isScaleTrigger: true,
      pendingUsers: 50,
      pendingSecond: 30,
      firingUsers: 200,
      firingSecond: 151,
    },
  ]);
});

it("what was there before is not of this measurement; the first of several series counts", () => {
  const old = active("firing", { name: "BackupTooOld", isScaleTrigger: false });
  const timeline = new AlertTimeline(begin, [old]);
  timeline.observe(begin + 60_000, 50, [old, active("pending", { since: begin + 50_000 }), active("pending")]);
  expect(timeline.alerts).toHaveLength(1);
  expect(timeline.alerts[0]).toMatchObject({ pendingSecond: 30, firingUsers: null });
});
