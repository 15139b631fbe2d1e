/** Runs the Pulumi engine and reads its event stream. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { childEnv, type Toolchain } from "../../toolchain/ensure.ts";

/** Where and with what the engine works. */
export interface EngineContext {
  readonly toolchain: Toolchain;
  readonly env: NodeJS.ProcessEnv;
  /** Folder with Pulumi.yaml. */
  readonly cwd: string;
  readonly stack: string;
  /** Aborted by Ctrl-C; aborted for good by the second one. */
  readonly interruption: Interruption;
}

export interface EngineResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly interrupted: boolean;
}

/** Bytes of the engine's own words that are kept. */
const KEPT = 64 * 1024;

/** Milliseconds within which two signals count as one. */
const SAME_SIGNAL_MS = 300;

const tail = (text: string) => (text.length > KEPT ? text.slice(-KEPT) : text);

/**
 * Passes Ctrl-C on in an order that leaves no lock behind: the first one asks the engine to cancel, which it does
 * after the calls under way; the second ends it at once.
 */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #children = new Set<ChildProcess>();
  readonly #onSignal = () => this.interrupt();
  #count = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** Given with the first Ctrl-C. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  listen(): void {
    process.on("SIGINT", this.#onSignal).on("SIGTERM", this.#onSignal);
  }

  unlisten(): void {
    process.off("SIGINT", this.#onSignal).off("SIGTERM", this.#onSignal);
  }

  interrupt(): void {
    // The terminal and a parent may both pass on the same Ctrl-C.
    const now = performance.now();
    if (now - this.#last < SAME_SIGNAL_MS) return;
    this.#last = now;
    this.#count++;
    this.#controller.abort();
    for (const child of this.#children) child.kill(this.#count > 2 ? "SIGKILL" : "SIGINT");
  }

  /** Takes a child into its care until it ends. */
  guard(child: ChildProcess): void {
    this.#children.add(child);
    child.once("close", () => this.#children.delete(child));
    if (this.signal.aborted) child.kill("SIGINT");
  }
}

/** Runs one Pulumi command. With `onEvent` its stdout is taken for the event stream. */
export function runEngine(
  context: EngineContext,
  args: readonly string[],
  options: { onEvent?: (event: EngineEvent) => void; input?: string } = {},
): Promise<EngineResult> {
  const { toolchain, cwd, interruption } = context;
  const { onEvent, input } = options;
  const child = spawn(toolchain.pulumi, [...args, "--stack", context.stack, "--non-interactive"], {
    cwd,
    env: childEnv(toolchain, context.env),
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    // A group of its own: Ctrl-C in the terminal reaches it through `interruption` alone, once.
    detached: true,
  });
  interruption.guard(child);
  child.stdin?.end(input);
  let stdout = "";
  let stderr = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    stderr = tail(stderr + text);
  });
  if (onEvent) {
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const event = parseEvent(line);
      if (event && !isDebug(event)) onEvent(event);
      if (!event) stdout = tail(`${stdout}${line}\n`);
    });
  } else {
    child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) =>
      resolve({ exitCode: code ?? 1, stdout, stderr, interrupted: interruption.signal.aborted }),
    );
  });
}

/** The SDK's debug messages carry resources' outputs with their secrets in clear: they go no further. */
function isDebug({ diagnosticEvent }: EngineEvent): boolean {
  return (diagnosticEvent?.severity as string | undefined) === "debug";
}

/** An event, or undefined for a line that is none. */
export function parseEvent(line: string): EngineEvent | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as EngineEvent;
  } catch {
    return undefined;
  }
}
