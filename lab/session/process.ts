/** The process that serves a lab, and whether it still is the one that the lab's files speak of. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { labId } from "../api/core/auth.ts";
import type { FaultSpec } from "../api/core/faults.ts";
import type { MachinesSettings } from "../machines/settings.ts";
import { type LabFiles, readJson } from "./files.ts";
import { readSecrets } from "./secrets.ts";

const schema = z.object({
  pid: z.int().min(2),
  port: z.int().min(1).max(65_535),
  started: z.string(),
  /** With machines: the process that holds the lab's namespaces. It ends when nothing is left in them. */
  world: z.int().min(2).optional(),
});

export type LabProcess = z.infer<typeof schema>;

export interface ServeSettings {
  readonly port: number;
  /** Whether a free port will do when `port` is taken. */
  readonly anyPort: boolean;
  readonly actionDuration?: number | undefined;
  readonly faults: readonly FaultSpec[];
  readonly machines?: MachinesSettings | undefined;
}

/** What the process tells the one that started it, once. */
export type ServeReport = { readonly ready: LabProcess } | { readonly failed: string };

/** What the lab's files say of its process, true or not. */
export function recordedProcess(files: LabFiles): LabProcess | undefined {
  return schema.safeParse(readJson(files.process)).data;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Ended, but nobody has asked how: so it is when a container's first process does not. */
function isZombie(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .startsWith("Z");
  } catch {
    return false;
  }
}

/** Whether a process serves this lab's folder: a number from a file may by now belong to any other program. */
export function servesFolder(pid: number, files: LabFiles): boolean {
  return isAlive(pid) && commandLine(pid).includes(` ${files.folder} `);
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {}
  try {
    return execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}

/** The process of a lab that answers as this lab; undefined when there is none. */
export async function runningProcess(files: LabFiles): Promise<LabProcess | undefined> {
  const recorded = recordedProcess(files);
  const secrets = readSecrets(files);
  if (!recorded || !secrets || !isAlive(recorded.pid)) return undefined;
  return (await healthId(recorded.port)) === labId(secrets.token) ? recorded : undefined;
}

async function healthId(port: number): Promise<string | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/_lab/health`, { signal: AbortSignal.timeout(3000) });
    return z.object({ id: z.string() }).safeParse(await response.json()).data?.id;
  } catch {
    return undefined;
  }
}
