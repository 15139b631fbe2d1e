import { execa } from "execa";

/** Runs a program to its end and returns what it printed. */
export type Run = (argv: readonly [string, ...string[]], options?: RunOptions) => Promise<string>;

export interface RunOptions {
  /** What it reads on its standard input. @default nothing */
  readonly input?: string;
  /** Milliseconds. @default 30000 */
  readonly timeoutMs?: number;
}

/** @throws Error with the command and what it said, when it fails or takes too long (then it is killed) */
export const run: Run = async ([program, ...argv], { input, timeoutMs = 30_000 } = {}) => {
  const result = await execa(program, argv, {
    ...(input === undefined ? { stdin: "ignore" } : { input }),
    reject: false,
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  if (!result.failed) return result.stdout;
  const said = result.stderr.trim().slice(-1000) || result.shortMessage;
  throw new Error(`${[program, ...argv].join(" ").slice(0, 200)}: ${said}`);
};
