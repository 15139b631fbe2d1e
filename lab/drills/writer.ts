/** Writers: each attempt goes into the record, whatever came of it. */
import { readFileSync } from "node:fs";
import { longestOutage } from "./figures.ts";
import { paths } from "./platform.ts";
import { type Entry, parseEntry, type RecordFile } from "./record.ts";
import type { Machine, Running, World } from "./world.ts";

/** sql: rows through PgBouncer and HAProxy of an app server. redis: sessions the same way. shop: orders, from outside. */
export type WriterKind = "sql" | "redis" | "shop";

export interface Writer {
  /** Everything recorded until now. */
  readonly entries: readonly Entry[];
  /** Acknowledged writes after a moment. */
  acknowledgedSince(at: number): number;
  /** Ends it; what was under way is recorded as an error. */
  stop(): Promise<void>;
  /** Whether it was told to stop. */
  readonly stopped: boolean;
  /** Why it ended by itself, if it did. */
  readonly failed: string | undefined;
  /** Lines that were no entry: attempts of which nothing is known, not even that they were made. @default none */
  readonly unreadable?: readonly string[];
}

/** Keeps what is recorded in memory and on disk. */
export class Ledger {
  readonly entries: Entry[] = [];
  readonly #file: RecordFile;

  constructor(file: RecordFile) {
    this.#file = file;
  }

  add(entries: readonly Entry[]): void {
    this.#file.append(entries);
    this.entries.push(...entries);
  }

  acknowledgedSince(at: number): number {
    let count = 0;
    // From the end: the record is about in order, and only its last part is of interest.
    for (let i = this.entries.length - 1; i >= 0 && this.entries[i]!.at > at - 60_000; i--) {
      const entry = this.entries[i]!;
      if (entry.error === undefined && entry.at > at) count++;
    }
    return count;
  }
}

export interface MachineWriterOptions {
  readonly run: string;
  /** @default 4 */
  readonly workers?: number;
  /** Seconds between two writes of a worker. @default 0.02 */
  readonly pause?: number;
}

/** Seconds that a writer waits for its last answers. */
const patienceSeconds = 5;

/** The program of a writer in a machine. */
export function writerProgram(kind: "sql" | "redis"): string {
  const read = (name: string) => readFileSync(new URL(`writers/${name}.py`, import.meta.url), "utf8");
  return `${read("common")}\n${read(kind)}`;
}

/** A writer in an app server, which connects exactly as the workload does. */
export async function startMachineWriter(
  world: World,
  machine: Machine,
  kind: "sql" | "redis",
  file: RecordFile,
  options: MachineWriterOptions,
): Promise<Writer> {
  const settings = {
    run: options.run,
    workers: options.workers ?? 4,
    pause: options.pause ?? 0.02,
    patience: patienceSeconds,
    environment: paths.workloadEnvironment,
  };
  const running = await world.start(machine, ["python3", "-c", writerProgram(kind), JSON.stringify(settings)]);
  return followWriter(running, new Ledger(file));
}

/** The record of what a program in a machine prints, one entry a line. */
export function followWriter(running: Running, ledger: Ledger): Writer {
  let failed: string | undefined;
  let stopping = false;
  const unreadable: string[] = [];
  running.onLines((lines) => {
    const entries = lines.map((line) => parseEntry(line));
    ledger.add(entries.filter((entry) => entry !== undefined));
    unreadable.push(...lines.filter((_, i) => entries[i] === undefined));
  });
  const ended = running.ended.then((stderr) => {
    if (!stopping) failed = stderr.trim().slice(-500) || "it ended by itself";
  });
  return {
    entries: ledger.entries,
    unreadable,
    acknowledgedSince: (at) => ledger.acknowledgedSince(at),
    get stopped() {
      return stopping;
    },
    get failed() {
      return failed;
    },
    async stop() {
      stopping = true;
      await running.stop();
      await ended;
    },
  };
}

/** Why writes do not yet flow steadily since a moment; undefined when they do. */
export function unsteady(writer: Writer, since: number, now: number, seconds = 2): string | undefined {
  if (writer.failed !== undefined) return `the writer has ended: ${writer.failed}`;
  const from = Math.max(since, now - seconds * 1000);
  if (now - since < seconds * 1000) return `only ${((now - since) / 1000).toFixed(1)} s have passed`;
  const recent = writer.entries.filter((entry) => entry.at > from);
  const outage = longestOutage(recent, from);
  const last = writer.entries.at(-1);
  const told = last?.error === undefined ? "" : `; the last answer: ${last.error}`;
  if (!outage) return `no write was acknowledged in the last ${seconds} s${told}`;
  if (outage.seconds > 1) return `writes come ${outage.seconds.toFixed(1)} s apart${told}`;
  return undefined;
}
