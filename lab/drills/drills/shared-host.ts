/** What a machine itself uses of the host that all machines of a lab share. */
import type { DrillContext } from "../drill.ts";
import type { Machine } from "../world.ts";

/** Seconds over which it is measured. */
const seconds = 10;

/** Run in a machine, whose control group is the root that it sees: its own microseconds of processor time before and after, and how many it has. */
const script = `used() { sed -n 's/^usage_usec //p' /sys/fs/cgroup/cpu.stat; }
before=$(used); sleep ${seconds}; echo "$before $(used) $(nproc)"`;

/** Share of its processors, 0 to 1, from what {@link script} prints; undefined when it printed something else. */
export function parseCpuShare(printed: string): number | undefined {
  const [before, after, processors] = /^(\d+) (\d+) (\d+)\n?$/.exec(printed)?.slice(1).map(Number) ?? [];
  if (before === undefined || after === undefined || !processors || after < before) return undefined;
  return (after - before) / 1e6 / seconds / processors;
}

/** The share of its processors that a machine uses itself; undefined where it has no control group of its own to tell it. */
export async function ownCpuShare(
  { world }: Pick<DrillContext, "world">,
  machine: Machine,
): Promise<number | undefined> {
  const ran = await world.run(machine, ["sh", "-c", script], { timeoutMs: (seconds + 20) * 1000 });
  return ran.code === 0 ? parseCpuShare(ran.stdout) : undefined;
}
