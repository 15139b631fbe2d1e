import { closeSync, openSync, readSync } from "node:fs";
import { InputError } from "./errors.ts";

/** Bytes of one line: an event holds a resource before and after; the engine itself takes messages of at most 400 MB. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;

/**
 * Calls with each line of a text, without its end. What follows the last line end is a line too, unless it is empty.
 */
export function eachLine(text: string, call: (line: string) => void): void {
  let from = 0;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
    call(text.slice(from, end));
    from = end + 1;
  }
  if (from < text.length) call(text.slice(from));
}

/** Bytes that are read at once. More makes it no faster; the same memory is used again and again. */
const CHUNK = 256 * 1024;

/**
 * Calls with each line of a file as it is read.
 * @throws {InputError} for a line longer than {@link MAX_LINE_BYTES}: it is not read to its end.
 */
export async function eachLineOfFile(path: string, call: (line: string) => void): Promise<void> {
  const file = onDisk(path, () => openSync(path, "r"));
  try {
    eachLineOf((buffer, from) => onDisk(path, () => readSync(file, buffer, { offset: from })), path, call);
  } finally {
    closeSync(file);
  }
}

/** @param read puts the next bytes into the buffer from there on, and says how many they are; 0 at the end. */
function eachLineOf(read: (buffer: Buffer, from: number) => number, name: string, call: (line: string) => void): void {
  let buffer = Buffer.allocUnsafeSlow(CHUNK);
  let held = 0;
  for (let line = 1; ; ) {
    const count = read(buffer, held);
    if (count === 0) break;
    // What was held has no line end.
    let end = buffer.subarray(0, held + count).indexOf(LINE_END, held);
    held += count;
    let from = 0;
    for (; end >= 0 && end < held; end = buffer.indexOf(LINE_END, from)) {
      call(buffer.toString("utf8", from, end));
      from = end + 1;
      line++;
    }
    held = buffer.copy(buffer, 0, from, held);
    if (held > MAX_LINE_BYTES) throw new InputError(name, tooLong(), line);
    if (held === buffer.length) buffer = Buffer.concat([buffer], 2 * held);
  }
  if (held > 0) call(buffer.toString("utf8", 0, held));
}

const LINE_END = 10;

/** @throws {InputError} for what cannot be read. */
export function onDisk<T>(path: string, access: () => T): T {
  try {
    return access();
  } catch (error) {
    throw cannotRead(path, error);
  }
}

/** Why a file or folder cannot be read, as an {@link InputError}. */
export function cannotRead(path: string, error: unknown): InputError {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return new InputError(path, `cannot be read: ${REASONS[code] ?? (code || "unknown error")}`);
}

const REASONS: Readonly<Record<string, string | undefined>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "access is denied",
  EISDIR: "it is a folder",
};

export function tooLong(): string {
  return `the line is longer than ${MAX_LINE_BYTES / 1024 / 1024} MB: no event is`;
}
