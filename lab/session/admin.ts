/** The lab's own endpoints, under /_lab. */
import { z } from "zod";
import type { Fault, FaultSpec } from "../api/core/faults.ts";
import { callLab } from "./client.ts";
import type { RunningLab } from "./session.ts";

const counted = z.object({ counts: z.record(z.string(), z.number()), driver: z.string() });

/** Whether real machines stand behind the lab's servers. */
export async function hasMachines(lab: RunningLab): Promise<boolean> {
  return counted.parse(await callLab(lab, "GET", "/state")).driver !== "none";
}

/** How many records of each kind the lab holds; kinds without any and the past actions are left out. */
export async function countResources(lab: RunningLab): Promise<Record<string, number>> {
  const { counts } = counted.parse(await callLab(lab, "GET", "/state"));
  return Object.fromEntries(Object.entries(counts).filter(([kind, count]) => kind !== "actions" && count > 0));
}

export async function listFaults(lab: RunningLab): Promise<Fault[]> {
  return ((await callLab(lab, "GET", "/faults")) as { faults: Fault[] }).faults;
}

export async function addFault(lab: RunningLab, fault: FaultSpec): Promise<Fault> {
  return ((await callLab(lab, "POST", "/faults", { body: fault })) as { fault: Fault }).fault;
}

/** Clears one fault, or all. */
export async function clearFaults(lab: RunningLab, id?: number): Promise<void> {
  await callLab(lab, "DELETE", id === undefined ? "/faults" : `/faults/${id}`);
}
