/**
 * The world of a lab with machines: namespaces of its own for processes and mounts, in which the lab's process and everything that it
 * starts live. When its first process ends, however it ends, the kernel ends all others, and with them go their mounts and network
 * namespaces. The network is the host's, so that the API listens on the host's loopback.
 */
import { createHash } from "node:crypto";

/** What the lab's process cannot see from within: its number on the host, and that of the process that holds its world. */
export interface WorldIds {
  readonly pid: number;
  readonly world: number;
}

const pidVariable = "SOVEREIGN_LAB_PID";
const worldVariable = "SOVEREIGN_LAB_WORLD";

/**
 * As the first process: mounts, then the command as its only child, while it reaps what others leave behind. $1 is the name of the
 * lab's control group. Numbers of the host are read while /proc still is the host's. Descriptor 3, to the one that started the lab,
 * is for the command alone. The host's /run stays the host's: what is mounted over it here is for names of network namespaces,
 * nspawn's locks and the like.
 */
const script = `
group=$1
shift
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
read -r self name state ${worldVariable} rest < /proc/self/stat
export PATH ${worldVariable}
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p /run/netns /run/lock
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p "/sys/fs/cgroup/$group"
for controller in cpu memory; do
  for parent in /sys/fs/cgroup "/sys/fs/cgroup/$group"; do
    echo "+$controller" > "$parent/cgroup.subtree_control" || true
  done
done 2> /dev/null
(
  read -r ${pidVariable} rest < /proc/self/stat
  export ${pidVariable}
  mount -t proc proc /proc
  exec "$@"
) &
exec 3<&-
code=0
wait $! || code=$?
exit $code
`;

/** A command that runs `argv` in a new world, and ends with it. */
export function inWorld(group: string, argv: readonly string[]): readonly [string, ...string[]] {
  const namespaces = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"];
  return ["unshare", ...namespaces, "--", "sh", "-ec", script, "sh", group, ...argv];
}

/** The present process' numbers on the host; undefined outside of a world. */
export function worldIds(): WorldIds | undefined {
  const [pid, world] = [Number(process.env[pidVariable]), Number(process.env[worldVariable])];
  return pid > 1 && world > 1 ? { pid, world } : undefined;
}

/** Name of a lab's control group: labs of different projects on one machine do not meet. */
export function controlGroup(labFolder: string): string {
  return `sovereign-lab-${createHash("sha256").update(labFolder).digest("hex").slice(0, 12)}`;
}
