/** Waits until a lab's machines do their work. */
import { setTimeout as sleep } from "node:timers/promises";
import { labApi } from "../../lab/session/client.ts";
import { nameFlag } from "../../lab/session/files.ts";
import { listMachines, type Machine } from "../../lab/session/machines.ts";
import type { RunningLab } from "../../lab/session/session.ts";
import { type Display, duration } from "../lab/display.ts";
import { ReportedError } from "../output.ts";
import { failedUnits, type Health, healthOf, parseLoadBalancers, renderHealth } from "./health.ts";

const POLL_MS = 1000;

/** In ms. */
export const healthLimit = 10 * 60_000;

/**
 * @returns milliseconds that it took
 * @throws ReportedError when a first boot has failed, or not everything is healthy in time
 */
export async function untilHealthy(
  lab: RunningLab,
  display: Display,
  signal: AbortSignal,
  limitMs = healthLimit,
): Promise<number> {
  const since = Date.now();
  let line = "asking the machines";
  await display.during(
    () => `${duration(Date.now() - since)} · ${line}`,
    async () => {
      for (;;) {
        const { machines, health } = await look(lab);
        line = renderHealth(health);
        if (health.failures.length > 0) throw failed(lab, health);
        if (health.waitingFor.length === 0) return;
        if (Date.now() - since > limitMs) throw late(lab, machines, health, limitMs);
        await sleep(POLL_MS, undefined, { signal });
      }
    },
  );
  return Date.now() - since;
}

/** What there is to say of a lab's machines while a deployment waits for them: how far they are, and at once what went wrong. */
export function watchMachines(lab: RunningLab, display: Display): { line(): string; stop(): void } {
  const ended = new AbortController();
  const told = new Set<string>();
  let line = "";
  const watch = async () => {
    for (;;) {
      await sleep(2 * POLL_MS, undefined, { signal: ended.signal });
      // A lab that is too busy to answer is no news.
      const health = await look(lab).then(
        (seen) => seen.health,
        () => undefined,
      );
      if (!health) continue;
      line = renderHealth(health);
      for (const { machine, why } of health.failures) {
        if (told.has(machine)) continue;
        told.add(machine);
        display.say(`${machine} did not get through its first boot: ${why}\n  see: ${seeLogs(lab, machine)}`);
      }
    }
  };
  watch().catch(() => undefined);
  return { line: () => line, stop: () => ended.abort() };
}

async function look(lab: RunningLab): Promise<{ machines: Machine[]; health: Health }> {
  const [machines, answer] = await Promise.all([listMachines(lab), labApi(lab)("GET", "/load_balancers?per_page=50")]);
  return { machines, health: healthOf(machines, parseLoadBalancers(answer)) };
}

const seeLogs = (lab: RunningLab, machine: string): string => `npx sovereign lab logs ${machine}${nameFlag(lab.name)}`;

function failed(lab: RunningLab, { failures }: Health): ReportedError {
  const lines = failures.map(({ machine, why }) => `${machine}: ${why}\n  see: ${seeLogs(lab, machine)}`);
  return new ReportedError(["machines that did not get through their first boot:", ...lines].join("\n"));
}

function late(lab: RunningLab, machines: readonly Machine[], health: Health, limitMs: number): ReportedError {
  const [first = ""] = health.waitingFor;
  return new ReportedError(
    [
      `not everything is healthy after ${duration(limitMs)}: ${renderHealth(health)}`,
      ...failedUnits(machines).map((unit) => `  failed unit  ${unit}`),
      `  see: ${seeLogs(lab, first)}`,
    ].join("\n"),
  );
}
