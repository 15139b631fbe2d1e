import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { type FaultSpec, faultSchema } from "./core/faults.ts";
import { DataFolderInUseError } from "./core/sqlite.ts";
import { LabStartError, startLabApi } from "./server.ts";

/** Runs the local Hetzner Cloud API as a process: one ready line on stdout, SIGTERM and SIGINT stop it cleanly. */

interface Flags {
  data: string;
  port: number;
  host: string;
  tokenFile?: string;
  actionDuration: number;
  fault: FaultSpec[];
  seed: number;
  rateLimit: number;
  verbose?: boolean;
}

const EXAMPLES = `
Examples:
  $ lab-api --data .sovereign/lab                            a free port and a new token, both in the ready line
  $ LAB_TOKEN=... lab-api --data d --port 8473               a token of yours
  $ lab-api --data d --action-duration 500                   actions take half a second
  $ lab-api --data d --fault '{"type":"server_error","status":503,"path":"/servers","count":2}'
  $ lab-api --data d --fault '{"type":"resource_unavailable","server_type":"cpx22","location":"fsn1"}'

The token comes from --token-file, else from LAB_TOKEN; without either a new one is made and printed. It never
comes from a flag, which every user of the machine could read.`;

function wholeNumber(max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value <= max)) throw new InvalidArgumentError(`must be a whole number from 0 to ${max}.`);
    return value;
  };
}

function fault(text: string, previous: FaultSpec[]): FaultSpec[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidArgumentError('must be JSON, such as {"type":"latency","ms":200}.');
  }
  const result = faultSchema.safeParse(value);
  if (!result.success) throw new InvalidArgumentError(`does not fit: ${z.prettifyError(result.error)}`);
  return [...previous, result.data];
}

function tokenFrom(flags: Flags): { token: string; made: boolean } {
  const given = flags.tokenFile === undefined ? process.env.LAB_TOKEN : readFileSync(flags.tokenFile, "utf8").trim();
  if (given === "") throw new LabStartError("the token is empty: put 64 characters into the file or LAB_TOKEN");
  // The provider insists on 64 characters.
  return given === undefined ? { token: randomBytes(32).toString("hex"), made: true } : { token: given, made: false };
}

async function run(flags: Flags): Promise<void> {
  const { token, made } = tokenFrom(flags);
  const lab = await startLabApi({
    dataDir: flags.data,
    port: flags.port,
    host: flags.host,
    token,
    actionDuration: flags.actionDuration,
    faults: flags.fault,
    seed: flags.seed,
    rateLimit: flags.rateLimit,
    ...(flags.verbose ? { log: (line: string) => process.stderr.write(`${line}\n`) } : {}),
  });
  const stop = () => void lab.close().then(() => process.exit(0), fail);
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  const ready = { event: "ready", url: lab.url, pid: process.pid, ...(made ? { token } : {}) };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

function fail(error: unknown): never {
  const known = error instanceof LabStartError || error instanceof DataFolderInUseError;
  const { code, message } = error as NodeJS.ErrnoException;
  const text = known || code !== undefined ? message : `unexpected: ${error instanceof Error ? error.stack : error}`;
  process.stderr.write(`lab-api: ${text}\n`);
  process.exit(1);
}

new Command("lab-api")
  .description("A Hetzner Cloud API on this machine, for loopback only")
  .requiredOption("--data <folder>", "folder of the store; created where missing, one lab per folder")
  .option("--port <number>", "port to listen on; 0 takes a free one", wholeNumber(65_535), 0)
  .option("--host <address>", "loopback address to listen on", "127.0.0.1")
  .option("--token-file <file>", "file with the token that requests must carry")
  .option("--action-duration <ms>", "milliseconds that an action takes; 0: at once", wholeNumber(3_600_000), 20)
  .option("--fault <json>", "a fault to play; may be repeated (lab/api/core/faults.ts has the fields)", fault, [])
  .option("--seed <number>", "seed for faults with a probability", wholeNumber(999_999_999), 1)
  .option("--rate-limit <number>", "requests per hour before 429; 0: count only", wholeNumber(100_000_000), 0)
  .option("--verbose", "one line per request on stderr")
  .addHelpText("after", EXAMPLES)
  .action((flags: Flags) => run(flags).catch(fail))
  .parseAsync();
