/** What the kernel does not remove with a lab's world: control groups, which by then are empty, and loop devices of an unlucky moment. */
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { controlGroup } from "./world.ts";

/** $1 is the group. In a mount namespace of its own, as hosts mount the hierarchy in different places or not at all. */
const removeGroup = `
mount -t cgroup2 cgroup2 /mnt
test ! -d "/mnt/$1" || find "/mnt/$1" -depth -type d -exec rmdir {} +
`;

/** For the kernel to write back and unmount what died with the lab. */
const DEVICES_LIMIT_MS = 15_000;

/**
 * Removes what an earlier run of the lab in this folder has left. The lab must not be running.
 * @throws Error when a volume is still in use
 */
export async function removeLeftovers(labFolder: string): Promise<void> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return;
  for (const device of loopDevicesBelow(labFolder)) spawnSync("losetup", ["--detach", device], { stdio: "ignore" });
  // A second device over the same file would not see what the first one has yet to write.
  for (const until = Date.now() + DEVICES_LIMIT_MS; loopDevicesBelow(labFolder).length > 0; await sleep(50)) {
    if (Date.now() < until) continue;
    throw new Error(`${loopDevicesBelow(labFolder).join(", ")} of ${labFolder} is still in use: who has it mounted?`);
  }
  const group = controlGroup(labFolder);
  execFileSync("unshare", ["--mount", "--propagation", "private", "--", "sh", "-ec", removeGroup, "sh", group], {
    stdio: ["ignore", "ignore", "pipe"],
  });
}

/** Undefined where there is no such file: the kernel takes a device away while others are looked at. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    // ENXIO and ENODEV: it was opened, and went before it was read.
    if (["ENOENT", "ENXIO", "ENODEV"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

/** Loop devices whose file is below a folder. */
export function loopDevicesBelow(folder: string): string[] {
  const blocks = "/sys/block";
  return readdirSync(blocks)
    .filter((name) => name.startsWith("loop"))
    .filter((name) => {
      const backing = readIfThere(join(blocks, name, "loop", "backing_file"));
      return backing?.startsWith(`${folder}/`) ?? false;
    })
    .map((name) => `/dev/${name}`);
}
