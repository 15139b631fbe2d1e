import { setTimeout as sleep } from "node:timers/promises";
import lockfile from "proper-lockfile";
import { privateFolder } from "./cache.ts";
import { explainCacheFault, ToolchainCancelled, throwIfCancelled } from "./errors.ts";
import { elapsed, type OnProgress } from "./progress.ts";

/** Milliseconds between two looks at a lock that somebody else holds. */
const POLL = 1_000;

/** What a locked section is given and gives back. */
export interface LockOptions {
  onProgress: OnProgress;
  signal?: AbortSignal;
  /** Milliseconds without a sign of life after which the holder counts as dead. @default 15000 */
  stale?: number;
}

/**
 * Runs work while no other process runs work under the same folder's lock. A second caller waits and says so; a holder
 * that died is noticed. The signal given to the work is aborted when the lock is lost.
 * @throws ToolchainCancelled when the caller's signal is given while waiting.
 */
export async function withLock<T>(
  folder: string,
  options: LockOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  const release = await acquire(folder, options, () => lost.abort(new Error(`the lock on ${folder} was lost`)));
  try {
    return await work(options.signal ? AbortSignal.any([options.signal, lost.signal]) : lost.signal);
  } finally {
    // A lock that was lost belongs to somebody else by now.
    await release().catch(() => undefined);
  }
}

async function acquire(folder: string, options: LockOptions, onCompromised: () => void): Promise<() => Promise<void>> {
  const { onProgress, signal, stale = 15_000 } = options;
  const since = Date.now();
  for (;;) {
    throwIfCancelled(signal);
    try {
      return await lockfile.lock(privateFolder(folder), { stale, onCompromised });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ELOCKED")) {
        throw explainCacheFault(error, folder);
      }
    }
    onProgress(`another run is preparing the toolchain; waiting for it (${elapsed(since)})`);
    await sleep(POLL, undefined, { signal }).catch(() => {
      throw new ToolchainCancelled();
    });
  }
}
