import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { labNodeFlags } from "../../api/node-flags.ts";
import type { DebianTree } from "../../debian/run.ts";
import type { LabNetwork, NetworkOptions } from "./network.ts";
import type { WorldAnswer, WorldRequest } from "./test-world.ts";

/** For tests: a lab's network in a world of its own, as a lab has one, with programs in its namespaces instead of machines. */

/** /run is private, so that names of namespaces are, and files of the API go with the world. */
const enter = 'mount -t tmpfs tmpfs /run; mkdir /run/netns; export TMPDIR=/run; ip link set lo up; exec "$@"';

export interface TestWorldOptions extends Pick<NetworkOptions, "delays" | "uplink"> {
  /** @default the lab is called "test" */
  readonly lab?: string;
}

export class TestWorld {
  readonly #child: ChildProcess;
  readonly #tree: DebianTree;
  readonly #waiting = new Map<number, (answer: WorldAnswer) => void>();
  #last = 0;

  private constructor(child: ChildProcess, tree: DebianTree) {
    this.#child = child;
    this.#tree = tree;
    child.on("message", (answer: WorldAnswer) => this.#waiting.get(answer.id)?.(answer));
  }

  /**
   * A new world with a network namespace of its own, which stands for the host's: nothing of a test can collide with anything else.
   * @param netns joins this process' "host" instead, as another lab on the same machine would
   */
  static async start(tree: DebianTree, netns?: TestWorld): Promise<TestWorld> {
    const host = netns === undefined ? ["unshare", "--net"] : ["nsenter", `--net=/proc/${netns.#child.pid}/ns/net`];
    const world = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"];
    const file = fileURLToPath(new URL("test-world.ts", import.meta.url));
    const argv = [...host, "--", ...world, "--", "sh", "-ec", enter, "sh"];
    const node = [process.execPath, ...labNodeFlags, "--no-warnings", file];
    const [program = "", ...args] = [...argv, ...node];
    const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const [first] = await Promise.race([once(child, "message"), once(child, "exit")]);
    if (first !== "ready") throw new Error(`the world ended with ${first} before it was there`);
    return new TestWorld(child, tree);
  }

  open({ lab = "test", ...options }: TestWorldOptions = {}): Promise<{ uplink?: string }> {
    return this.#ask({ kind: "open", options: { tree: this.#tree, lab, ...options } }) as Promise<{
      uplink?: string;
    }>;
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  api(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<any> {
    return this.#ask({ kind: "api", method, path, body });
  }

  /** Calls the network and says how many commands it ran. */
  async network(method: keyof LabNetwork, ...args: readonly unknown[]): Promise<{ value: unknown; commands: number }> {
    return (await this.#ask({ kind: "network", method, args })) as { value: unknown; commands: number };
  }

  /** Runs a command in a namespace, or on the host. @throws Error when it fails */
  async run(namespace: string | undefined, argv: readonly string[], input?: string): Promise<string> {
    return (await this.#ask({ kind: "run", namespace, argv, input })) as string;
  }

  /** Runs a program of Python in a namespace, or on the host. */
  python(namespace: string | undefined, program: string, ...args: readonly (string | number)[]): Promise<string> {
    return this.run(namespace, this.#python(program, args));
  }

  /** Starts a program of Python, waits for its first line, and lets it run. */
  async start(namespace: string | undefined, program: string, ...args: readonly (string | number)[]): Promise<number> {
    return (await this.#ask({ kind: "start", namespace, argv: this.#python(program, args) })) as number;
  }

  /** The next line of a program that was started, after this one to its input. */
  async ask(program: number, line = ""): Promise<string> {
    return (await this.#ask({ kind: "ask", program, line })) as string;
  }

  /** What the "host" has of devices, routes and rules. */
  async host(): Promise<string> {
    const parts = [
      ["ip", "-br", "link"],
      ["ip", "-br", "address"],
      ["ip", "route", "show", "table", "all"],
    ];
    const shown = await Promise.all(parts.map((argv) => this.run(undefined, argv)));
    const rules = await this.run(undefined, ["chroot", this.#tree.root, "/usr/sbin/nft", "list", "ruleset"]);
    return [...shown, rules].join("\n");
  }

  /** As kill -9 of the process that holds the world. */
  async kill(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.disconnect();
    await ended;
  }

  #python(program: string, args: readonly (string | number)[]): string[] {
    return ["chroot", this.#tree.root, "/usr/bin/python3", "-ISuc", program, ...args.map(String)];
  }

  #ask(request: WorldRequest): Promise<unknown> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (answer) => {
        this.#waiting.delete(id);
        if ("error" in answer) reject(new Error(answer.error));
        else resolve(answer.value);
      });
      this.#child.send({ id, request });
    });
  }
}
