/** One drill at a time on a lab: two would break each other's machines, and neither's figures would mean anything. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { lock } from "proper-lockfile";
import { z } from "zod";
import { readJson, writeJson } from "../session/files.ts";
import { isAlive } from "../session/process.ts";
import { DrillError } from "./errors.ts";

const holderSchema = z.object({ pid: z.int(), drill: z.string() });
export type Holder = z.infer<typeof holderSchema>;

/** Milliseconds without a sign of life after which the lock of a process that was killed is free. */
const staleMs = 10_000;

const holderFile = (folder: string): string => join(folder, "running.json");

/** The process that runs a drill in this folder, and which; undefined when none does. */
export function runningDrill(folder: string): Holder | undefined {
  const holder = holderSchema.safeParse(readJson(holderFile(folder))).data;
  return holder && isAlive(holder.pid) ? holder : undefined;
}

/**
 * Does something while no other drill runs on the lab.
 * @param folder of the lab's drills
 * @param first name of the drill, or of what is done; `work` tells of the next ones
 * @throws DrillError that names the drill that runs and its process
 */
export async function alone<T>(folder: string, first: string, work: (next: (drill: string) => void) => Promise<T>) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const release = await acquire(folder);
  const tell = (drill: string) => writeJson(holderFile(folder), { pid: process.pid, drill } satisfies Holder);
  try {
    tell(first);
    return await work(tell);
  } finally {
    rmSync(holderFile(folder), { force: true });
    await release().catch(() => undefined);
  }
}

async function acquire(folder: string): Promise<() => Promise<void>> {
  const until = Date.now() + staleMs + 2000;
  for (;;) {
    try {
      // Without a handler a lock that is lost, because the machine slept for instance, ends the process from a timer.
      return await lock(folder, { stale: staleMs, onCompromised: () => undefined });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED") throw error;
      const holder = runningDrill(folder);
      if (holder && holder.pid !== process.pid) {
        throw new DrillError(
          `the drill ${holder.drill} runs on this lab already (process ${holder.pid}): wait for its end, or end it with kill ${holder.pid}, which makes good what it broke`,
        );
      }
      // Its process was killed a moment ago, or is just beginning.
      if (Date.now() > until) throw new DrillError(`another drill is beginning on this lab: try again in a moment`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
