/** Alerts as receivers were told of them. Pure. */
import type { Notification } from "./world.ts";

type Labels = Readonly<Record<string, string>>;

/** Notifications of an alert since some time. */
export const notificationsOf = (all: readonly Notification[], labels: Labels, since: number): Notification[] =>
  all.filter(
    (one) => one.received >= since && Object.entries(labels).every(([name, value]) => one.labels[name] === value),
  );

/** Of each alert, told apart by its labels, the last notification. */
function lastOfEach(all: readonly Notification[]): Notification[] {
  const identity = ({ labels }: Notification) => JSON.stringify(Object.entries(labels).sort());
  return [...new Map(all.map((one) => [identity(one), one])).values()];
}

/** Alerts of which receivers were last told that they fire. */
export const stillTold = (all: readonly Notification[]): Notification[] =>
  lastOfEach(all).filter((one) => one.status === "firing");

/**
 * When receivers had been told that all of these alerts are over, milliseconds since 1970; undefined while one is not, or while they
 * were told of none.
 */
export function toldOver(all: readonly Notification[]): number | undefined {
  const last = lastOfEach(all);
  if (last.length === 0 || last.some((one) => one.status === "firing")) return undefined;
  return Math.max(...last.map((one) => one.received));
}
