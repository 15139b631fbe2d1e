/** The toolchain of an open network: nothing is built, the vendor's own downloads are used. */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { privateFolder } from "./cache.ts";
import { explainCacheFault, ToolchainCancelled, ToolchainError } from "./errors.ts";
import { type OnProgress, reporting } from "./progress.ts";
import { projectRoot, type Versions } from "./versions.ts";

/** How the fetching is done and told of. */
export interface OpenOptions {
  env: NodeJS.ProcessEnv;
  onProgress: OnProgress;
  signal: AbortSignal;
  /** Runs a command in the given environment; tests put their own here. */
  run?: (file: string, args: readonly string[], env: NodeJS.ProcessEnv, signal: AbortSignal) => Promise<void>;
}

/** The file whose presence says that everything for these versions has been fetched. */
export function openMarker(home: string, versions: Versions): string {
  return path.join(home, `fetched-${versions.pulumi}-${versions.hcloud}-${versions.random}`);
}

/**
 * Lets the npm package `pulumi` fetch the CLI and the CLI fetch the plugins. The caller holds the cache's lock.
 * @throws ToolchainError when a download fails.
 */
export async function fetchOpen(home: string, versions: Versions, options: OpenOptions): Promise<void> {
  const { env, onProgress, signal, run = runCommand } = options;
  const within: NodeJS.ProcessEnv = { ...env, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const step = (what: string, file: string, args: readonly string[]) =>
    reporting(
      onProgress,
      () => `fetching ${what}`,
      () => run(file, args, within, signal),
    ).catch((error) => {
      throw explainFetch(what, error);
    });
  try {
    privateFolder(home);
    const version = path.join(home, "versions", versions.pulumi);
    // Without the marker an earlier download may have been cut off, and half a CLI looks like a CLI.
    if (existsSync(version) && !(await works(path.join(version, "bin", "pulumi"), within, options))) {
      rmSync(version, { recursive: true, force: true });
    }
    const npmPulumi = path.join(projectRoot, "node_modules", ".bin", "pulumi");
    await step(`the Pulumi engine ${versions.pulumi}`, npmPulumi, ["version"]);
    for (const name of ["hcloud", "random"] as const) {
      const args = ["plugin", "install", "resource", name, `v${versions[name]}`];
      await step(`the plugin ${name} ${versions[name]}`, npmPulumi, args);
    }
    writeFileSync(openMarker(home, versions), "");
  } catch (error) {
    throw explainCacheFault(error, home);
  }
}

async function works(cli: string, env: NodeJS.ProcessEnv, options: OpenOptions): Promise<boolean> {
  const { run = runCommand, signal } = options;
  return run(cli, ["version"], env, signal).then(
    () => true,
    () => false,
  );
}

async function runCommand(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  await execa(file, args, { env, extendEnv: false, stdin: "ignore", cancelSignal: signal, forceKillAfterDelay: 5_000 });
}

function explainFetch(what: string, error: unknown): Error {
  if (error instanceof Error && "isCanceled" in error && error.isCanceled) return new ToolchainCancelled();
  const stderr = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
  const said = (stderr || String(error)).trim().split("\n").slice(-5).join("\n");
  return new ToolchainError(
    `Fetching ${what} failed: try again, or set SOVEREIGN_NETWORK=sealed to build it from Go modules. The vendor's installer said:\n${said}`,
  );
}
