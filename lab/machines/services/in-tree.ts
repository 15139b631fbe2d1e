/** Programs of the Debian tree that run for as long as the lab does. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { type DebianTree, overlayInMemory } from "../../debian/run.ts";

export interface TreeProgram {
  readonly tree: DebianTree;
  /** Path of the network namespace that it runs in. */
  readonly netns: string;
  readonly argv: readonly [string, ...string[]];
  /** Files to begin with, by their name in {@link serviceFolder}. */
  readonly files: Readonly<Record<string, ServiceFile>>;
  /** Folders of this machine that the program sees: its path -> ours. @default none */
  readonly folders?: Readonly<Record<string, string>>;
  /** Added to its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Takes what the program prints, line by line. */
  readonly onLine: (line: string) => void;
  /** Told when it ends without having been asked to. */
  readonly onEnd: (reason: string) => void;
}

export interface ServiceFile {
  readonly content: string;
  /** Of its owner, root. @default 0o644 */
  readonly mode?: number;
}

/** The folder, in the program's eyes, that it shares with the lab: in memory and gone with the program. */
export const serviceFolder = "/run/service";

/**
 * In a mount namespace of its own: the tree under an overlay in memory; says so; waits until its files are there; then the program in a
 * process namespace that ends with this process. The shell stays its first process, since one that drops root would outlive this one.
 */
const enterScript = `
set -eu
root=$1 top=$2 folders=$3
shift 3
${overlayInMemory}mount -t tmpfs -o mode=1777 tmpfs merged/dev/shm
mount -t tmpfs -o mode=0755 tmpfs merged/run
mkdir merged${serviceFolder}
while [ "$folders" -gt 0 ]; do
  mkdir -p "merged$1"
  mount --bind "$2" "merged$1"
  shift 2
  folders=$((folders - 1))
done
echo ready
read -r go
exec unshare --pid --fork --kill-child -- \\
  sh -c 'mount -t proc proc merged/proc; chroot merged "$@"; exit $?' sh "$@" < /dev/null
`;

const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A running program of the tree. */
export class TreeProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #tree: DebianTree;
  #stopping = false;

  private constructor(program: TreeProgram) {
    const { tree, netns, argv } = program;
    this.#tree = tree;
    const folders = Object.entries(program.folders ?? {});
    const places = [tree.root, tree.mountPoint, `${folders.length}`, ...folders.flat()];
    const enter = ["sh", "-c", enterScript, "sh", ...places, ...argv];
    this.#child = spawn(
      "setpriv",
      [
        ...["--pdeathsig", "KILL", "nsenter", `--net=${netns}`, "--"],
        ...["unshare", "--mount", "--propagation", "private", "--", ...enter],
      ],
      {
        env: { PATH: SYSTEM_PATH, HOME: "/root", LANG: "C.UTF-8", ...program.env },
        cwd: "/",
        stdio: ["pipe", "pipe", "pipe"],
      },
    );
    this.#ended = new Promise((resolve) => {
      const ended = (reason: string) => {
        if (!this.#stopping) program.onEnd(reason);
        this.#stopping = true;
        resolve();
      };
      this.#child.once("error", (error) => ended(error.message));
      // Not its exit: whoever it started holds its outputs, and with its own end has not ended yet.
      this.#child.once("close", (code, signal) => ended(signal ?? `exit code ${code}`));
    });
    // It ends when its files are not there in time; nobody reads the error then.
    this.#child.stdin!.on("error", () => undefined);
  }

  /**
   * Starts a program. Resolves as soon as it is being executed, which says nothing about whether it serves yet.
   * @throws Error when its surroundings cannot be made, with what the system said
   */
  static async start(program: TreeProgram): Promise<TreeProcess> {
    const started = new TreeProcess(program);
    const said: string[] = [];
    let ready = false;
    await new Promise<void>((resolve) => {
      const take = (line: string) => {
        if (ready) program.onLine(line);
        else if (line === "ready") {
          ready = true;
          resolve();
        } else said.push(line);
      };
      for (const stream of [started.#child.stdout!, started.#child.stderr!]) createInterface(stream).on("line", take);
      void started.#ended.then(resolve);
    });
    if (!ready) throw new Error(`${program.argv[0]} could not be started: ${said.join("; ")}`);
    for (const [name, file] of Object.entries(program.files)) started.write(name, file);
    started.#child.stdin!.end("go\n");
    return started;
  }

  get running(): boolean {
    return !this.#stopping;
  }

  /** Where the lab's process finds a file of {@link serviceFolder}. Short, as addresses of sockets must be. */
  path(name: string): string {
    return `/proc/${this.#child.pid}/cwd/merged${serviceFolder}/${name}`;
  }

  /** Puts a file into {@link serviceFolder}; readers see the old content or the new one. */
  write(name: string, { content, mode = 0o644 }: ServiceFile): void {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, content, { mode });
    chmodSync(`${path}.new`, mode);
    renameSync(`${path}.new`, path);
  }

  /** Removes a file of {@link serviceFolder}. */
  remove(name: string): void {
    rmSync(this.path(name), { force: true });
  }

  /**
   * Runs another program in the same surroundings, such as the one that controls this one.
   * @throws Error with what it printed when it fails
   */
  async run(...argv: readonly [string, ...string[]]): Promise<string> {
    const result = await execa(
      "nsenter",
      [`--mount=/proc/${this.#child.pid}/ns/mnt`, "--", "chroot", `${this.#tree.mountPoint}/merged`, ...argv],
      { reject: false, stdin: "ignore", timeout: COMMAND_MS, cwd: "/" },
    );
    if (result.exitCode !== 0) throw new Error(`${argv.join(" ")}: ${(result.stderr || result.stdout || "").trim()}`);
    return result.stdout;
  }

  /** Ends it and everything that it started, at once. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}

/** Longest that a command to a running program may take. */
const COMMAND_MS = 10_000;

/**
 * Sends a line to a socket that answers and hangs up.
 * @throws Error when nobody listens or the answer takes longer than 10 s
 */
export function ask(socket: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const connection = connect(socket, () => connection.write(`${line}\n`));
    connection.setTimeout(COMMAND_MS, () => connection.destroy(new Error("no answer in time")));
    connection.on("data", (chunk: Buffer) => chunks.push(chunk));
    connection.on("error", reject);
    connection.on("close", () => resolve(Buffer.concat(chunks).toString("utf8")));
  });
}
