/** Something outside this project keeps the toolchain from working; the message says what and what to do. */
export class ToolchainError extends Error {
  override name = "ToolchainError";
}

/** The run was ended on purpose, by Ctrl-C for instance. */
export class ToolchainCancelled extends Error {
  override name = "ToolchainCancelled";

  constructor() {
    super("stopped; what is finished is kept, the next run goes on from there");
  }
}

/** @throws ToolchainCancelled once the signal has been given. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ToolchainCancelled();
}

const CACHE_FAULTS: Record<string, string> = {
  ENOSPC: "there is no space left on the disk; free about 6 GB, or set XDG_CACHE_HOME to a folder on a larger disk",
  EACCES: "it is not writable for you; make it so, or set XDG_CACHE_HOME to a folder of yours",
  EPERM: "it is not writable for you; make it so, or set XDG_CACHE_HOME to a folder of yours",
  EROFS: "its file system is read-only; set XDG_CACHE_HOME to a folder that is writable",
  ENOTDIR: "a file stands where a folder is needed; remove it, or set XDG_CACHE_HOME to another folder",
};

/** Makes a file system's error one that says what to do; gives back any other as it is. */
export function explainCacheFault(error: unknown, folder: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const advice = CACHE_FAULTS[code];
  if (!advice) return error;
  return new ToolchainError(`The cache folder ${folder} cannot be used: ${advice}. (${code})`, { cause: error });
}
