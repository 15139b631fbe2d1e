/** Waits until a lab's machines do their work. */
import { setTimeout as sleep } from "node:timers/promises";
import { nameFlag } from "../../lab/session/files.ts";
import { listMachines, type Machine } from "../../lab/session/machines.ts";
import type { RunningLab } from "../../lab/session/session.ts";
import { type Display, duration } from "../demo/display.ts";
import { labApi } from "../demo/lab-api.ts";
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
