import { createReadStream } from "node:fs";
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

/**
 * Calls with each line of a file as it is read.
 * @throws {InputError} for a line longer than {@link MAX_LINE_BYTES}: it is not read to its end.
 */
export async function eachLineOfFile(path: string, call: (line: string) => void): Promise<void> {
  let parts: Buffer[] = [];
  let length = 0;
  let line = 1;
  const end = (last: Buffer) => {
    call((parts.length ? Buffer.concat([...parts, last]) : last).toString("utf8"));
    parts = [];
    length = 0;
    line++;
  };
  for await (const chunk of bytesOf(path)) {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      end(chunk.subarray(from, at));
      from = at + 1;
    }
    if (from === chunk.length) continue;
    parts.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > MAX_LINE_BYTES) throw new InputError(path, tooLong(), line);
  }
  if (parts.length) end(Buffer.alloc(0));
}

async function* bytesOf(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>;
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
