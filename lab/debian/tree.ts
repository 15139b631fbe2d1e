import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, statfs, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import lockfile from "proper-lockfile";
import { ensurePrograms } from "./apt.ts";
import { buildRoot, DebianUnavailable, progressMs, recipe } from "./build.ts";
import type { DebianTree } from "./run.ts";

export interface EnsureSettings {
  /** Told what is being done, at least every 3 seconds. @default nobody */
  readonly onProgress?: (line: string) => void;
  /** Stops the build: nothing is left mounted or running, and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** @default `${XDG_CACHE_HOME:-~/.cache}/sovereign-stacks/debian` */
  readonly cache?: string;
}

/** Bytes that a build needs at its peak: the tree and the downloaded packages. Measured, rounded up. */
const spaceNeeded = 2e9;

/**
 * The Debian 13 tree of the lab, built at the first call (about a minute or two, needs root and Debian's package mirror) and found in the
 * per-user cache ever after. Runs at the same time wait for one another. An interrupted build is started again without downloading twice.
 */
export async function ensureDebianTree(settings: EnsureSettings = {}): Promise<DebianTree | { unavailable: string }> {
  const cache = settings.cache ?? defaultCache();
  const key = createHash("sha256").update(recipe()).digest("hex").slice(0, 16);
  const folder = join(cache, key);
  const tree: DebianTree = { root: join(folder, "root"), mountPoint: join(folder, "mount") };
  const onProgress = (line: string) => settings.onProgress?.(`Debian tree: ${line}`);
  try {
    checkMachine();
    if (existsSync(folder)) return tree;
    await mkdir(cache, { recursive: true });
    await withLock(folder, { onProgress, signal: settings.signal }, async (context) => {
      if (!existsSync(folder)) await build(cache, key, context);
    });
    return tree;
  } catch (error) {
    settings.signal?.throwIfAborted();
    if (error instanceof DebianUnavailable) return { unavailable: error.message };
    if (isSystemError(error)) return { unavailable: `${cache}: ${error.message}` };
    throw error;
  }
}

type Context = { readonly onProgress: (line: string) => void; readonly signal?: AbortSignal };

async function build(cache: string, key: string, context: Context): Promise<void> {
  const building = join(cache, `${key}.building`);
  const archives = join(cache, `${key}.archives`);
  const clear = () => rm(building, { recursive: true, force: true, maxRetries: 10 });
  await clear();
  const { bavail, bsize } = await statfs(cache);
  if (bavail * bsize < spaceNeeded) {
    throw new DebianUnavailable(
      `${cache} has ${Math.round((bavail * bsize) / 1e6)} MB free, ${spaceNeeded / 1e6} MB are needed: ` +
        "free some, or let XDG_CACHE_HOME name a larger disk",
    );
  }
  await ensurePrograms([{ program: "mmdebstrap", packages: ["mmdebstrap", "debian-archive-keyring"] }], context);
  await mkdir(archives, { recursive: true });
  await mkdir(join(building, "mount"), { recursive: true });
  const began = Date.now();
  try {
    await buildRoot(join(building, "root"), archives, context);
  } catch (error) {
    await clear();
    throw error;
  }
  await writeFile(join(building, "recipe.json"), recipe());
  await rename(building, join(cache, key));
  await rm(archives, { recursive: true, force: true });
  context.onProgress(`built in ${Math.round((Date.now() - began) / 1000)} s`);
}

function defaultCache(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "sovereign-stacks", "debian");
}

/**
 * What no waiting or installing would change.
 * @throws DebianUnavailable
 */
export function checkMachine(): void {
  if (process.platform !== "linux") throw new DebianUnavailable(`it needs Linux, this is ${process.platform}`);
  if (process.getuid?.() !== 0) {
    throw new DebianUnavailable(
      "it needs root, for mounts and file owners: run it as root, for instance in a container",
    );
  }
  const probe = spawnSync("unshare", [
    "--mount",
    "--propagation",
    "private",
    "--pid",
    "--fork",
    "--net",
    "mount",
    "-t",
    "tmpfs",
    "tmpfs",
    "/mnt",
  ]);
  if (probe.status !== 0) {
    const said = String(probe.stderr ?? "").trim() || probe.error?.message;
    throw new DebianUnavailable(
      `this machine lets root make no mount and network namespaces (a container without CAP_SYS_ADMIN?): ${said}`,
    );
  }
}

/** Waits, as long as it takes, for other runs that hold the lock; then does the work, which is stopped should the lock be lost. */
async function withLock(path: string, context: Context, work: (context: Context) => Promise<void>): Promise<void> {
  const lost = new AbortController();
  const onCompromised = () =>
    lost.abort(new DebianUnavailable("this process slept too long, and another run took over its build: run it again"));
  const acquire = async () => {
    for (let told = 0; ; await sleep(500, undefined, { signal: context.signal })) {
      try {
        return await lockfile.lock(path, { realpath: false, stale: 15_000, update: 3_000, onCompromised });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ELOCKED") throw error;
      }
      if (Date.now() - told < progressMs) continue;
      context.onProgress("waiting for another run that is building it");
      told = Date.now();
    }
  };
  const release = await acquire();
  try {
    await work({ ...context, signal: AbortSignal.any([lost.signal, ...(context.signal ? [context.signal] : [])]) });
  } finally {
    if (!lost.signal.aborted) await release();
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
