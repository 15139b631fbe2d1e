/** The record of what a writer was told: the truth that nodes are compared with. */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";

/** One attempt to write. Without `error` it was acknowledged. */
export const entrySchema = z.object({
  /** What was written; unique within a run. */
  id: z.string().max(200),
  /** When the answer came, milliseconds since 1970. */
  at: z.number(),
  /** Milliseconds that it took. */
  took: z.number(),
  /** Why it was not acknowledged; whether it happened is not known then. */
  error: z.string().max(1000).optional(),
});
export type Entry = z.infer<typeof entrySchema>;

/** Append-only lines of JSON, on disk before the next ones are taken: a record that is lost would hide losses. */
export class RecordFile {
  readonly path: string;
  readonly #file: number;
  #open = true;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.path = path;
    this.#file = openSync(path, "ax", 0o600);
  }

  append(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    writeSync(this.#file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    fsyncSync(this.#file);
  }

  close(): void {
    if (this.#open) closeSync(this.#file);
    this.#open = false;
  }
}

export function readRecord(path: string): Entry[] {
  const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => entrySchema.parse(JSON.parse(line)));
}

/** An entry as a writer in a machine prints it; undefined for a line that is none. */
export function parseEntry(line: string): Entry | undefined {
  try {
    return entrySchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
