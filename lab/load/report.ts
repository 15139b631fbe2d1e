/** Results as people read them. Pure. */
import { capacityOf, errorCount, type LoadRun, type LoadStep, usedUpIn, wallOf } from "./result.ts";

export const heads = [
  "servers",
  "users",
  "requests/s",
  "p50 ms",
  "p95 ms",
  "p99 ms",
  "errors",
  "pool",
  "wait",
  "queue",
  "used up",
] as const;

const whole = (value: number | null): string => (value === null ? "-" : String(Math.round(value)));
export const percent = (share: number | null): string => (share === null ? "-" : `${Math.round(share * 100)} %`);

/** Errors with their kinds. */
export function renderErrors(step: LoadStep): string {
  const kinds = Object.entries(step.errors).map(([kind, count]) => `${count} ${kind}`);
  return errorCount(step) === 0 ? "0" : kinds.join(", ");
}

export function cells(servers: number, step: LoadStep): string[] {
  return [
    String(servers),
    String(step.users),
    step.requestsPerSecond.toFixed(1),
    whole(step.p50Ms),
    whole(step.p95Ms),
    whole(step.p99Ms),
    renderErrors(step),
    percent(step.pools.use),
    whole(step.pools.waiting),
    whole(step.queue),
    usedUpIn(step).join(", ") || "-",
  ];
}

/** A line for each step. */
export function renderTable(runs: readonly LoadRun[]): string {
  const rows = [[...heads], ...runs.flatMap((run) => run.steps.map((step) => cells(run.servers, step)))];
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === heads.length - 1 ? cell : cell.padStart(widths[i]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** What a run comes to, in sentences. */
export function renderFindings(run: LoadRun): string[] {
  const wall = wallOf(run.steps);
  const triggers = run.alerts.filter((alert) => alert.isScaleTrigger);
  const others = run.alerts.filter((alert) => !alert.isScaleTrigger && alert.firingUsers !== null);
  return [
    `${run.servers} app server${run.servers === 1 ? "" : "s"}: at most ${capacityOf(run.steps)} requests/s before users notice`,
    wall
      ? `users notice from ${wall.users} users on (p95 ${Math.round(wall.p95Ms)} ms, errors ${renderErrors(wall)}); used up there: ${usedUpIn(wall).join(", ") || "nothing that was watched"}`
      : "users noticed nothing up to the last step",
    ...(triggers.length === 0 ? ["no scale trigger"] : triggers.map((alert) => `scale trigger ${renderAlert(alert)}`)),
    ...others.map((alert) => `also ${renderAlert(alert)}`),
  ];
}

export function renderAlert({
  name,
  pendingUsers,
  pendingSecond,
  firingUsers,
  firingSecond,
}: LoadRun["alerts"][number]): string {
  const fires =
    firingUsers === null
      ? "did not hold long enough to fire"
      : `fires after ${firingSecond} s, at ${firingUsers} users`;
  return `${name}: condition holds after ${pendingSecond} s, at ${pendingUsers} users; ${fires}`;
}
