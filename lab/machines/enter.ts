/** How commands get into a machine. Root only. */

/** From the lab's world: all namespaces of a process there. A machine keeps nobody out who is root on its host. */
export function insideArgv(leader: number, argv: readonly string[]): string[] {
  const namespaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd"];
  return ["nsenter", "--target", String(leader), ...namespaces, "--", ...argv];
}

/**
 * From the host: into the lab's world, then into the machine.
 * @param lab number of the lab's process on the host
 * @param leader the machine's first process, as `GET /_lab/machines` shows it
 */
export function enterArgv(lab: number, leader: number, argv: readonly string[]): string[] {
  return ["nsenter", "--target", String(lab), "--mount", "--pid", "--", ...insideArgv(leader, argv)];
}

/** What a command in a machine finds in its environment; nothing of the host's is passed on. */
export const insideEnvironment = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
  LANG: "C.UTF-8",
} as const;
