import { linkSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";

export interface WholeFileOptions {
  /** Of the file, less the umask. @default that of the file which is replaced; 0644 for a new one */
  readonly mode?: number;
  /** What happens to a file that is there: false refuses. @default true */
  readonly mayReplace?: boolean;
}

/**
 * Writes a file that is whole whenever this process or its machine ends: readers see the old content or the new one, never a part.
 * A link to a file stays one.
 * @throws Error of the system; its `code` is EEXIST where a file is there already and may not be replaced
 */
export function writeWholeFile(path: string, text: string, { mode, mayReplace = true }: WholeFileOptions = {}): void {
  const file = mayReplace ? (behindLinks(path) ?? path) : path;
  const beside = `${file}.${process.pid}.tmp`;
  // Of a process that was killed here and had the same number.
  rmSync(beside, { force: true });
  try {
    writeFileSync(beside, text, { mode: mode ?? modeOf(file) ?? 0o644, flag: "wx", flush: true });
    if (mayReplace) renameSync(beside, file);
    // A link, unlike a rename, takes nobody's place.
    else linkSync(beside, file);
  } finally {
    rmSync(beside, { force: true });
  }
}

const modeOf = (file: string): number | undefined => {
  // A link to nowhere has a mode of its own, which lets everybody do everything.
  const found = statSync(file, { throwIfNoEntry: false });
  return found && found.mode & 0o777;
};

/** The file that a path leads to; undefined where there is none. */
function behindLinks(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
