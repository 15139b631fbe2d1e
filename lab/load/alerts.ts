import type { ActiveAlert } from "./prometheus.ts";
import type { SeenAlert } from "./result.ts";

/** When which alert began, with how many users. Alerts that were there before are left out. */
export class AlertTimeline {
  readonly #begin: number;
  readonly #seen = new Map<string, SeenAlert>();
  readonly #before: ReadonlySet<string>;

  /** @param begin ms */
  constructor(begin: number, before: readonly ActiveAlert[]) {
    this.#begin = begin;
    this.#before = new Set(before.map((alert) => alert.name));
  }

  observe(now: number, users: number, active: readonly ActiveAlert[]): void {
    const second = (at: number) => Math.max(0, Math.round((at - this.#begin) / 1000));
    for (const { name, isScaleTrigger, state, since } of active) {
      if (this.#before.has(name)) continue;
      const known = this.#seen.get(name);
      const alert = known ?? {
        name,
        isScaleTrigger,
        pendingUsers: users,
        pendingSecond: second(since),
        firingUsers: null,
        firingSecond: null,
      };
      const earlier = { ...alert, pendingSecond: Math.min(alert.pendingSecond, second(since)) };
      const fires = state === "firing" && alert.firingSecond === null;
      this.#seen.set(name, fires ? { ...earlier, firingUsers: users, firingSecond: second(now) } : earlier);
    }
  }

  get alerts(): SeenAlert[] {
    return [...this.#seen.values()].sort((a, b) => a.pendingSecond - b.pendingSecond);
  }
}
