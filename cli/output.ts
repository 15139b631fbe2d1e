/** What commands say. Results go to stdout, everything about how they come about to stderr. */
import pc from "picocolors";

/** A line for people, on stderr: safe beside output that a shell evaluates. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A hint, less loud than the rest. */
export function hint(line: string): void {
  tell(pc.dim(line));
}

/** A result, on stdout. */
export function print(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** Ends a command: what went wrong, and the exit code. */
export class CommandError extends Error {
  readonly exitCode: 1 | 2;

  /** @param exitCode 1: refused or failed; 2: could not run as asked (usage, configuration) */
  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** One whose message is a report already: several lines, each with what it is. */
export class ReportedError extends CommandError {}
