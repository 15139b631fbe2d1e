/** A way into machines: over SSH, or the lab's own. */
import { type ChildProcess, spawn } from "node:child_process";
import type { HostState } from "./state.ts";

/** A command that could not be run at all. */
export const UNREACHABLE = 255;

export interface Ran {
  /** Exit code; {@link UNREACHABLE} when the machine was not reached or the command took too long. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Standard input. @default nothing */
  readonly input?: string;
  /** Milliseconds after which it is given up. @default 20000 */
  readonly timeoutMs?: number;
}

export interface Way {
  /** Runs a command as root in a machine, to its end. Never throws for what happens there. */
  run(host: HostState, argv: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Told of a machine that has just been made anew: nobody has met it before. */
  isNew(host: string): void;
}

/** Characters of an answer that are kept. */
const MOST = 4 * 1024 * 1024;

/** Runs a program beside this one, in a group of its own: Ctrl-C in the terminal is not for it. */
export function toItsEnd(
  file: string,
  args: readonly string[],
  { input = "", timeoutMs = 20_000 }: RunOptions,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"], env, detached: true });
    const said = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        if (said[stream].length < MOST) said[stream] += text;
      });
    }
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      endGroup(child);
    }, timeoutMs);
    // A program that ends without reading makes this pipe fail; how it ended says enough.
    child.stdin.on("error", () => undefined).end(input);
    child.once("error", (error) => {
      clearTimeout(limit);
      resolve({ code: UNREACHABLE, ...said, stderr: error.message });
    });
    child.once("close", (code) => {
      clearTimeout(limit);
      const stderr = late ? `no answer within ${timeoutMs / 1000} s` : said.stderr;
      resolve({ code: late ? UNREACHABLE : (code ?? UNREACHABLE), stdout: said.stdout, stderr });
    });
  });
}

function endGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

/** The last line of what a command said, for messages. */
export function lastWords({ stderr, stdout, code }: Ran): string {
  const line = (text: string) => text.trim().split("\n").at(-1)?.trim().slice(0, 300);
  return line(stderr) || line(stdout) || `ended with ${code}`;
}
