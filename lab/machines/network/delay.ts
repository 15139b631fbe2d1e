import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { DebianTree } from "../../debian/run.ts";
import type { Run } from "../run.ts";
import type { DelayMethod, Line } from "./changes.ts";
import { inside, NetworkError } from "./inside.ts";

const script = readFileSync(new URL("delay-line.py", import.meta.url), "utf8");

/** Opens the device within the namespace that this shell is in: that is where the kernel looks for the line's end. */
const openTun = (descriptor: number) => `exec ${descriptor}<>/dev/net/tun; exec "$@"`;

/** Milliseconds until a line that died is started again. */
const RESTART_MS = 500;

/** What this kernel delays packets with. */
export async function findDelayMethod(run: Run): Promise<DelayMethod> {
  const probe = "delay-probe";
  await run(["ip", "netns", "add", probe]);
  try {
    await run(["tc", "-n", probe, "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"]);
    return "netem";
  } catch {
    return "user-space";
  } finally {
    await run(["ip", "netns", "delete", probe]);
  }
}

/** The command of a line: both devices opened, each in its namespace, then the program from the Debian tree. */
export function lineCommand(tree: Pick<DebianTree, "root">, { ends, oneWayMs }: Line): [string, ...string[]] {
  const [near, far] = ends;
  const python = ["chroot", tree.root, "/usr/bin/python3", "-ISc", script];
  return [
    ...inside(near.namespace, "sh", "-ec", openTun(3), "sh"),
    ...inside(far.namespace, "sh", "-ec", openTun(4), "sh"),
    ...python,
    String(oneWayMs),
    near.device,
    far.device,
  ] as [string, ...string[]];
}

/** The delay lines of a lab that the kernel has no netem for. */
export class DelayLines {
  readonly #tree: Pick<DebianTree, "root">;
  readonly #onProblem: (line: string) => void;
  readonly #running = new Map<string, ChildProcess>();

  constructor(tree: Pick<DebianTree, "root">, onProblem: (line: string) => void) {
    this.#tree = tree;
    this.#onProblem = onProblem;
  }

  /** Resolves once packets flow. A line that dies later is started again. */
  start(line: Line): Promise<void> {
    const [program, ...args] = lineCommand(this.#tree, line);
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#running.set(line.key, child);
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-2000);
    });
    const what = `the delay line between ${line.ends[0].namespace} and ${line.ends[1].namespace}`;
    return new Promise((resolve, reject) => {
      let ready = false;
      child.stdout.once("data", () => {
        ready = true;
        resolve();
      });
      child.once("error", (error) => reject(new NetworkError(`${what} could not be started: ${error.message}`)));
      child.once("close", () => {
        if (!ready) reject(new NetworkError(`${what} could not be started: ${said.trim()}`));
        else if (this.#running.get(line.key) === child)
          this.#restart(line, `${what} ended and is started again: ${said.trim()}`);
      });
    });
  }

  stop({ key }: Line): void {
    const child = this.#running.get(key);
    this.#running.delete(key);
    child?.kill("SIGKILL");
  }

  #restart(line: Line, problem: string): void {
    this.#onProblem(problem);
    const dead = this.#running.get(line.key);
    const timer = setTimeout(() => {
      if (this.#running.get(line.key) !== dead) return;
      this.start(line).catch((error: Error) => this.#onProblem(error.message));
    }, RESTART_MS);
    timer.unref();
  }
}
