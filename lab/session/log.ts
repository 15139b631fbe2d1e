import { appendFileSync, readFileSync, renameSync, statSync } from "node:fs";

/** Bytes after which a file is put aside; one older one is kept, so both together stay below twice this. */
const LIMIT_BYTES = 2 * 1024 * 1024;

const older = (file: string): string => `${file}.1`;

/** Appends whole lines to a file of bounded size. */
export function boundedFile(file: string, limit = LIMIT_BYTES): (lines: string) => void {
  let size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return (lines) => {
    const bytes = Buffer.byteLength(lines);
    if (size > 0 && size + bytes > limit) {
      renameSync(file, older(file));
      size = 0;
    }
    appendFileSync(file, lines, { mode: 0o600 });
    size += bytes;
  };
}

/** What is left of what was appended, the oldest first; empty while there is no file. */
export function readBoundedFile(file: string): string {
  return [older(file), file]
    .map((name) => {
      try {
        return readFileSync(name, "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
        throw error;
      }
    })
    .join("");
}

/** Appends lines with their time to a file of bounded size. */
export function boundedLog(file: string, limit = LIMIT_BYTES): (line: string) => void {
  const append = boundedFile(file, limit);
  return (line) => append(`${new Date().toISOString()} ${line}\n`);
}
