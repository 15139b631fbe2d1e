import { appendFileSync, renameSync, statSync } from "node:fs";

/** Bytes after which a log is put aside; one older log is kept, so a lab's logs stay below twice this. */
const LIMIT_BYTES = 2 * 1024 * 1024;

/** Appends lines with their time to a file of bounded size. */
export function boundedLog(file: string, limit = LIMIT_BYTES): (line: string) => void {
  let size = sizeOf(file);
  return (line) => {
    const entry = `${new Date().toISOString()} ${line}\n`;
    if (size > 0 && size + entry.length > limit) {
      renameSync(file, `${file}.1`);
      size = 0;
    }
    appendFileSync(file, entry, { mode: 0o600 });
    size += Buffer.byteLength(entry);
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
