/** What machines need of the host, and why they cannot run where it is missing. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { ensurePrograms, type HostProgram } from "../debian/apt.ts";
import { DebianUnavailable } from "../debian/build.ts";
import type { DebianTree } from "../debian/run.ts";
import { checkMachine, type EnsureSettings, ensureDebianTree } from "../debian/tree.ts";

export const programs: readonly HostProgram[] = [
  { program: "systemd-nspawn", packages: ["systemd-container"] },
  { program: "ip", packages: ["iproute2"] },
  { program: "tc", packages: ["iproute2"] },
  { program: "losetup", packages: ["mount", "util-linux"] },
  ...["mount", "umount"].map((program) => ({ program, packages: ["mount"] })),
  ...["nsenter", "unshare", "setpriv", "mountpoint"].map((program) => ({ program, packages: ["util-linux"] })),
  { program: "mkfs.ext4", packages: ["e2fsprogs"] },
  { program: "mkfs.xfs", packages: ["xfsprogs"] },
];

/** What the kernel must be able to do: by the words for it, a shell command that fails where it cannot. In namespaces of its own. */
const abilities: Readonly<Record<string, string>> = {
  "control groups of version 2 (cgroup2)": "mount -t cgroup2 cgroup2 /sys/fs/cgroup",
  "a file system for temporary files (tmpfs)": "mount -t tmpfs tmpfs /mnt",
  "overlay file systems (overlayfs)":
    "mkdir /mnt/lower /mnt/upper /mnt/work /mnt/root && " +
    "mount -t overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/root",
  "virtual network cables (veth)": "ip link add lab0 type veth peer name lab1",
};

/**
 * Everything that machines need: the host's programs, which are installed by apt where they are missing, and the Debian tree, which is
 * built at the first call.
 */
export async function prepareMachines(
  settings: EnsureSettings & { /** Where disks of machines are to lie. */ readonly folder?: string } = {},
): Promise<DebianTree | { unavailable: string }> {
  const onProgress = (line: string) => settings.onProgress?.(`machines: ${line}`);
  try {
    checkMachine();
    await ensurePrograms(programs, { onProgress, ...(settings.signal ? { signal: settings.signal } : {}) });
    const missing = missingAbility() ?? (settings.folder === undefined ? undefined : diskProblem(settings.folder));
    if (missing !== undefined) throw new DebianUnavailable(missing);
  } catch (error) {
    settings.signal?.throwIfAborted();
    if (error instanceof DebianUnavailable) return { unavailable: error.message };
    throw error;
  }
  return ensureDebianTree(settings);
}

/** $1 is a folder for it. */
const diskScript = `
probe="$1/.probe"
rm -rf "$probe"
mkdir -p "$probe/lower" "$probe/upper" "$probe/work"
trap 'rm -rf "$probe"' EXIT
mount -t overlay -o "lowerdir=$probe/lower,upperdir=$probe/upper,workdir=$probe/work" overlay /mnt
touch /mnt/file
umount /mnt
`;

/** Why disks of machines cannot lie in a folder. */
function diskProblem(folder: string): string | undefined {
  const namespaces = ["--mount", "--propagation", "private", "--"];
  const probe = spawnSync("unshare", [...namespaces, "sh", "-ec", diskScript, "sh", folder]);
  if (probe.status === 0) return undefined;
  const said = String(probe.stderr ?? "").trim() || probe.error?.message;
  return (
    `disks of machines cannot lie in ${folder}, which may be on an overlay itself (as in a container) or on a network ` +
    `file system: put the project on a local disk (${said})`
  );
}

/** What this kernel, or the container that this is, lacks. */
function missingAbility(): string | undefined {
  for (const [ability, command] of Object.entries(abilities)) {
    // Each once more with those before it, as one may build on another.
    const upTo = Object.values(abilities).slice(0, Object.keys(abilities).indexOf(ability));
    const script = [...upTo, command].join(" && ");
    const probe = spawnSync("unshare", ["--mount", "--propagation", "private", "--net", "--", "sh", "-ec", script]);
    if (probe.status === 0) continue;
    const said = String(probe.stderr ?? "").trim() || probe.error?.message;
    return `machines need ${ability}, which this kernel or container does not allow: ${said}`;
  }
  if (existsSync("/dev/loop-control")) return undefined;
  return "machines need loop devices for their volumes: /dev/loop-control is missing (a container without --privileged?)";
}
