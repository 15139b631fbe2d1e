/**
 * Bounds of processor time for the machines of a lab, while a measurement lasts: without them all machines take from the same cores,
 * and one more app server adds nothing. Root only.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "../drills/world.ts";
import { controlGroup } from "../machines/world.ts";
import { LoadError } from "./errors.ts";

/** Microseconds of the scheduler's period: short, so that a bound slows requests down rather than stop them for a moment. */
const periodUs = 20_000;

export const quotaUs = (cores: number): number => Math.max(1000, Math.round(cores * periodUs));

/** Where the host has its control groups and processes; tests put their own here. */
export interface HostPaths {
  readonly cgroups: string;
  readonly proc: string;
}
const host: HostPaths = { cgroups: "/sys/fs/cgroup", proc: "/proc" };

export interface Throttling {
  readonly periods: number;
  readonly throttled: number;
}

interface Bounded {
  readonly role: string;
  /** Group whose bound it is. */
  readonly group: string;
  /** In the old hierarchy: where its processes came from. */
  readonly parent: string | undefined;
}

/** Processes of a machine: those in its group in the new hierarchy, which is how the lab keeps machines apart. */
export function processesOf(lab: string, machine: number, { proc }: HostPaths): number[] {
  const own = `/${lab}/m${machine}`;
  return readdirSync(proc)
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const line = /^0::(.*)$/m.exec(readOr(join(proc, pid, "cgroup")))?.[1] ?? "";
      return line.endsWith(own) || line.includes(`${own}/`);
    })
    .map(Number);
}

function readOr(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** How often machines of a group were held back, since it exists. */
export function parseThrottling(text: string): Throttling {
  const value = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1] ?? 0);
  return { periods: value("nr_periods"), throttled: value("nr_throttled") };
}

/** Share of periods that were cut short between two looks, by role; the machine that was held back most counts. */
export function throttledBetween(
  before: ReadonlyMap<string, Throttling>,
  after: ReadonlyMap<string, Throttling>,
  roleOf: (group: string) => string,
): Record<string, number> {
  const shares: Record<string, number> = {};
  for (const [group, now] of after) {
    const then = before.get(group) ?? { periods: 0, throttled: 0 };
    const periods = now.periods - then.periods;
    const share = periods > 0 ? (now.throttled - then.throttled) / periods : 0;
    const role = roleOf(group);
    shares[role] = Math.max(shares[role] ?? 0, Math.round(share * 100) / 100);
  }
  return shares;
}

export class CpuBounds {
  readonly #bounded: Bounded[] = [];

  /**
   * @param labFolder folder of the lab
   * @throws LoadError where the kernel has no such bounds
   */
  static set(
    labFolder: string,
    machines: readonly Machine[],
    cores: Readonly<Record<string, number>>,
    paths: HostPaths = host,
  ): CpuBounds {
    const bounds = new CpuBounds();
    removeLeftovers(controlGroup(labFolder), paths);
    try {
      for (const machine of machines) {
        const own = cores[machine.role];
        if (own !== undefined) bounds.#bound(controlGroup(labFolder), machine, own, paths);
      }
    } catch (error) {
      bounds.release();
      throw error;
    }
    return bounds;
  }

  #bound(lab: string, { id, name, role }: Machine, cores: number, paths: HostPaths): void {
    const unified = join(paths.cgroups, lab, `m${id}`);
    if (existsSync(join(unified, "cpu.max"))) {
      writeFileSync(join(unified, "cpu.max"), `${quotaUs(cores)} ${periodUs}`);
      this.#bounded.push({ role, group: unified, parent: undefined });
      return;
    }
    const old = join(paths.cgroups, "cpu");
    if (!existsSync(join(old, "cgroup.procs"))) {
      throw new LoadError(
        "this kernel has no control group for processors: measure without bounds (--cpu none), where all machines share all cores",
      );
    }
    const group = join(old, `${lab}-m${id}`);
    mkdirSync(group, { recursive: true });
    this.#bounded.push({ role, group, parent: old });
    writeFileSync(join(group, "cpu.cfs_period_us"), String(periodUs));
    writeFileSync(join(group, "cpu.cfs_quota_us"), String(quotaUs(cores)));
    if (moveAll(() => processesOf(lab, id, paths), group) === 0)
      throw new LoadError(`${name} has no process that could be given a bound: does it run?`);
  }

  #look(): Map<string, Throttling> {
    return new Map(this.#bounded.map(({ group }) => [group, parseThrottling(readOr(join(group, "cpu.stat")))]));
  }

  /** Begins to watch; what it returns tells how often machines were held back since then, by role. */
  watch(): () => Record<string, number> {
    const before = this.#look();
    const roles = new Map(this.#bounded.map(({ group, role }) => [group, role]));
    return () => throttledBetween(before, this.#look(), (group) => roles.get(group)!);
  }

  /** Takes all bounds away. */
  release(): void {
    for (const { group, parent } of this.#bounded.splice(0)) {
      if (parent === undefined) {
        if (existsSync(join(group, "cpu.max"))) writeFileSync(join(group, "cpu.max"), `max ${periodUs}`);
        continue;
      }
      moveAll(() => pidsIn(group), parent);
      removeWhenEmpty(group);
    }
  }
}

/** Of a measurement that was killed: its groups stay as long as their machines run. */
function removeLeftovers(lab: string, { cgroups }: HostPaths): void {
  const old = join(cgroups, "cpu");
  if (!existsSync(old)) return;
  for (const name of readdirSync(old)) {
    if (name.startsWith(`${lab}-m`) && pidsIn(join(old, name)).length === 0) removeWhenEmpty(join(old, name));
  }
}

/** Processes that have ended but were not waited for keep a group for a moment; the next measurement removes it then. */
function removeWhenEmpty(group: string): void {
  try {
    rmdirSync(group);
  } catch (error) {
    if (!["EBUSY", "ENOTEMPTY"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

const pidsIn = (group: string): number[] => readOr(join(group, "cgroup.procs")).split("\n").filter(Boolean).map(Number);

/** Also those that are born meanwhile: until a look finds nobody new. */
function moveAll(find: () => number[], group: string): number {
  const moved = new Set<number>();
  for (let round = 0; round < 20; round++) {
    const found = find().filter((pid) => !moved.has(pid));
    if (found.length === 0) break;
    for (const pid of found) {
      moved.add(pid);
      try {
        writeFileSync(join(group, "cgroup.procs"), String(pid));
      } catch (error) {
        // It has ended.
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    }
  }
  return moved.size;
}
