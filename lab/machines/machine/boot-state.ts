import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from "node:fs";

/** How far a machine's first boot is. */
export interface BootState {
  /** Whether cloud-init is through with the user data, without an error. */
  readonly booted: boolean;
  /** What went wrong, in its own words where it says so; null when nothing did. */
  readonly failed: string | null;
}

export const notBooted: BootState = { booted: false, failed: null };

/** Most that is read of a machine's files. */
const maxBytes = 1024 * 1024;

/** From the files of cloud-init in a machine; undefined while it is at work. */
export function readBootState(leader: number): BootState | undefined {
  const root = `/proc/${leader}/root`;
  // A link, made anew at each boot when all stages are over.
  if (lstatSync(`${root}/run/cloud-init/result.json`, { throwIfNoEntry: false }) === undefined) return undefined;
  const status = readBounded(`${root}/var/lib/cloud/data/status.json`);
  const errors = status === undefined ? undefined : finishedErrors(status);
  if (errors === undefined) return undefined;
  if (errors.length === 0) return { booted: true, failed: null };
  const output = readBounded(`${root}/var/log/cloud-init-output.log`) ?? "";
  return { booted: false, failed: failureLine(output) ?? errors.join("; ").slice(0, 500) };
}

/** Errors of all stages in cloud-init's status.json; undefined while a stage is at work or to come. */
export function finishedErrors(statusJson: string): string[] | undefined {
  let status: unknown;
  try {
    status = JSON.parse(statusJson);
  } catch {
    // Half written.
    return undefined;
  }
  const stages = (status as { v1?: Record<string, unknown> } | null)?.v1;
  if (stages === undefined || stages === null || typeof stages !== "object") return undefined;
  const last = stages["modules-final"] as { finished?: unknown } | undefined;
  if (typeof last?.finished !== "number") return undefined;
  return Object.values(stages).flatMap((stage) => {
    const errors = (stage as { errors?: unknown } | null)?.errors;
    return Array.isArray(errors) ? errors.map(String) : [];
  });
}

/** The line in which a first boot says what it stumbled over: one that says so, or the last one before cloud-init noticed. */
export function failureLine(output: string): string | undefined {
  const lines = output.split("\n").map((line) => line.trim());
  const noticed = lines.findIndex((line) => /\[(WARNING|ERROR|CRITICAL)\]: Failed to run module/.test(line));
  const before = lines.slice(0, Math.max(0, noticed)).filter((line) => line !== "");
  return (before.findLast((line) => /failed: /.test(line)) ?? before.at(-1))?.slice(0, 500);
}

/** The end of a regular file; a machine's links are not followed at the last step. */
function readBounded(path: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { size } = fstatSync(descriptor);
    return size > maxBytes ? undefined : readFileSync(descriptor, "utf8");
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
