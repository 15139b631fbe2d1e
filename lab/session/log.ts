import { appendFileSync, renameSync, statSync } from "node:fs";

/** Bytes after which a log is put aside; one older log is kept, so a lab's logs stay below twice this. */
const LIMIT_BYTES = 2 * 1024 * 1024;

/** Appends lines with their time to a file of bounded size. */
export function boundedLog(file: string, limit = LIMIT_BYTES): (line: string) => void {
  let size = sizeOf(file);
  return (line) => {
    const entry = `${new Date().toISOString()} ${line}\n`;
    const bytes = Buffer.byteLength(entry);
    if (size > 0 && size + bytes > limit) {
      renameSync(file, `${file}.1`);
      size = 0;
    }
    appendFileSync(file, entry, { mode: 0o600 });
    size += bytes;
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
