/** What a drill that was killed has left broken, and how another process makes it good. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readJson, writeJson } from "../session/files.ts";
import { PostgresCluster } from "./cluster.ts";
import { DrillError } from "./errors.ts";
import { notYet, until } from "./patience.ts";
import type { Machine, World } from "./world.ts";

const laterSchema = z.discriminatedUnion("kind", [
  /** A machine that was lost or powered off. */
  z.object({ kind: z.literal("power-on"), machine: z.string() }),
  /** A machine that was cut off. */
  z.object({ kind: z.literal("reconnect"), machine: z.string() }),
  /** A command as root, which may find it done already; without a machine on the primary of Postgres. */
  z.object({ kind: z.literal("run"), machine: z.string().optional(), argv: z.array(z.string()).min(1) }),
  /** Something that the stack has and that is no more. */
  z.object({ kind: z.literal("deploy") }),
]);
/** One step of a repair, as data. */
export type Later = z.infer<typeof laterSchema>;

const pendingSchema = z.object({
  drill: z.string(),
  stack: z.string(),
  /** In the order in which they were broken. `later` is missing where nobody but the drill knows how. */
  repairs: z.array(z.object({ what: z.string(), later: z.array(laterSchema).optional() })),
});

/** Something that is broken, and how it is made good. */
export interface PendingRepair {
  readonly what: string;
  readonly later?: readonly Later[] | undefined;
}
export interface Pending {
  readonly drill: string;
  readonly stack: string;
  readonly repairs: readonly PendingRepair[];
}

/** @param folder of the lab's drills */
export const pendingFile = (folder: string): string => join(folder, "pending.json");

/** What is left to be made good; undefined when nothing is. */
export function readPending(file: string): Pending | undefined {
  return pendingSchema.safeParse(readJson(file)).data;
}

/** Kept for whoever comes next; gone when nothing is left. */
export function writePending(file: string, pending: Pending): void {
  if (pending.repairs.length === 0) rmSync(file, { force: true });
  else writeJson(file, pending);
}

export interface RepairTools {
  readonly world: World;
  /** Brings the stack back to its own configuration. @default what needs it is left for the next drill */
  readonly deploy?: (() => Promise<unknown>) | undefined;
  readonly say: (line: string) => void;
  /** Seconds that a machine gets to run. @default 90 */
  readonly seconds?: number;
}

/**
 * Makes good what a drill that was killed has left, the last first.
 * @param file of {@link pendingFile}
 * @returns what could not be made good, with the reason
 */
export async function repairPending(file: string, tools: RepairTools): Promise<string[]> {
  const pending = readPending(file);
  if (!pending) return [];
  tools.say(`the drill ${pending.drill} has left something broken: it is made good`);
  const left: PendingRepair[] = [];
  const problems: string[] = [];
  for (const repair of pending.repairs.toReversed()) {
    const problem = await repaired(repair, tools);
    tools.say(`${repair.what}: ${problem ?? "made good"}`);
    if (problem !== undefined) {
      left.unshift(repair);
      problems.push(`${repair.what}: ${problem}`);
    }
    const at = pending.repairs.indexOf(repair);
    writePending(file, { ...pending, repairs: [...pending.repairs.slice(0, at), ...left] });
  }
  return problems;
}

/** Why a repair could not be done; undefined when it could. */
async function repaired({ later }: PendingRepair, tools: RepairTools): Promise<string | undefined> {
  if (!later) return "how is known to the drill alone: npx sovereign lab up, or start the lab anew";
  try {
    for (const step of later) await apply(step, tools);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function apply(step: Later, { world, deploy, seconds = 90 }: RepairTools): Promise<void> {
  if (step.kind === "deploy") {
    if (!deploy) throw new DrillError("pulumi up brings it back: npx sovereign lab up");
    await deploy();
    return;
  }
  const name = step.machine;
  const known = (await world.machines()).find((machine) => machine.name === name);
  // A machine that is no more has taken with it what was wrong with it.
  if (name !== undefined && !known) return;
  switch (step.kind) {
    case "power-on":
      return powerOn(world, known!);
    case "reconnect":
      return world.heal(known!);
    case "run": {
      const machine = known
        ? await running(world, known, seconds)
        : await new PostgresCluster(world, "postgres").primary({ seconds });
      const ran = await world.run(machine, step.argv, { timeoutMs: 60_000 });
      if (ran.code === 0) return;
      throw new DrillError(
        `${step.argv[0]} on ${machine.name} ended with ${ran.code}: ${ran.stderr.trim().slice(-200) || "it says nothing"}`,
      );
    }
  }
}

/** Powers a machine on that may run already. */
export async function powerOn(world: World, machine: Machine): Promise<void> {
  const now = (await world.machines()).find((other) => other.id === machine.id);
  if (now && now.status !== "running" && now.status !== "starting") await world.power(machine, "poweron");
}

function running(world: World, { id, name }: Machine, seconds: number): Promise<Machine> {
  return until(
    `${name} runs`,
    async () => {
      const now = (await world.machines()).find((machine) => machine.id === id);
      return now?.status === "running" ? now : notYet(`its status is ${now?.status ?? "unknown"}`);
    },
    { seconds, everyMs: 1000 },
  );
}
