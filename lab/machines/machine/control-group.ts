import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where the lab's world has the hierarchy. */
const hierarchy = "/sys/fs/cgroup";

/** What a machine may take of its host. */
export interface MachineLimits {
  readonly memoryGb: number;
  readonly cores: number;
}

/** Path of a machine's control group, made when it is missing. */
export function ensureControlGroup(lab: string, machine: string, limits: MachineLimits): string {
  const path = join(hierarchy, lab, machine);
  mkdirSync(path, { recursive: true });
  // Files of controllers that this kernel has in the old hierarchy, or not at all, are missing.
  setWherePresent(join(path, "memory.max"), String(limits.memoryGb * 1024 ** 3));
  setWherePresent(join(path, "cpu.weight"), String(Math.min(10_000, limits.cores * 100)));
  return path;
}

function setWherePresent(file: string, value: string): void {
  if (existsSync(file)) writeFileSync(file, value);
}

/** Removes a group and those in it; none may have a process. */
export function removeControlGroup(lab: string, machine: string): void {
  const path = join(hierarchy, lab, machine);
  if (existsSync(path)) removeBelow(path);
}

function removeBelow(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeBelow(join(path, entry.name));
  }
  rmdirSync(path);
}
