import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { type BuildContext, DebianUnavailable, progressMs } from "./build.ts";

/** A program that must be on this machine, and the Debian packages that bring it. */
export interface HostProgram {
  readonly program: string;
  readonly packages: readonly string[];
}

/**
 * Installs by apt what is missing on this machine, as root.
 *
 * @throws DebianUnavailable when there is no apt, or it fails.
 */
export async function ensurePrograms(wanted: readonly HostProgram[], context: BuildContext): Promise<void> {
  const missing = wanted.filter(({ program }) => !isInstalled(program));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.flatMap((one) => one.packages))];
  if (spawnSync("apt-get", ["--version"]).status !== 0) {
    const names = missing.map(({ program }) => program).join(", ");
    throw new DebianUnavailable(`it needs ${names}, and this machine has no apt to install it with: install ${names}`);
  }
  const doing = `installing ${packages.join(", ")} by apt`;
  context.onProgress(doing);
  const ticker = setInterval(() => context.onProgress(`still ${doing}`), progressMs);
  try {
    for (const argv of [["update"], ["install", "-y", "--no-install-recommends", ...packages]]) {
      const result = await execa("apt-get", ["-o", "DPkg::Lock::Timeout=120", ...argv], {
        env: { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" },
        stdin: "ignore",
        reject: false,
        cancelSignal: context.signal,
      });
      context.signal?.throwIfAborted();
      if (result.exitCode !== 0 && argv[0] === "install") {
        const names = packages.join(", ");
        throw new DebianUnavailable(`${names} could not be installed by apt: ${result.stderr.trim().slice(-500)}`);
      }
    }
  } finally {
    clearInterval(ticker);
  }
}

/** Folders of root's programs, which an ordinary user's PATH lacks. */
const systemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

function isInstalled(program: string): boolean {
  return [...(process.env.PATH ?? "").split(delimiter), ...systemFolders].some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
