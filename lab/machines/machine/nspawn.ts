import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { labFolderInside } from "./root.ts";

export interface NspawnSpec {
  /** Name for nspawn, unique within the lab. */
  readonly name: string;
  readonly hostname: string;
  /** Mounted root. */
  readonly root: string;
  /** Path of the network namespace. */
  readonly netns: string;
  /** Folder that the machine sees as {@link labFolderInside}. */
  readonly labFolder: string;
  /** Device nodes of attached volumes. */
  readonly devices: readonly string[];
}

/** The whole command line of a machine. */
export function nspawnArgv(spec: NspawnSpec): string[] {
  return [
    "systemd-nspawn",
    "--quiet",
    "--boot",
    // No service manager or D-Bus of the host is needed.
    "--register=no",
    "--keep-unit",
    "--settings=no",
    "--private-users=no",
    `--directory=${spec.root}`,
    `--machine=${spec.name}`,
    `--hostname=${spec.hostname.split(".", 1)[0]}`,
    `--network-namespace-path=${spec.netns}`,
    "--capability=CAP_NET_ADMIN",
    // Root in a machine must not make nodes of the host's disks, not even by accident. Nodes of volumes are made from outside.
    "--drop-capability=CAP_MKNOD",
    // What containers within the machine need.
    "--system-call-filter=@keyring bpf",
    "--resolv-conf=off",
    "--timezone=off",
    "--link-journal=no",
    "--console=read-only",
    `--bind-ro=${spec.labFolder}:${labFolderInside}`,
    ...spec.devices.map((device) => `--bind=${device}`),
  ];
}

/** In the machine's control group: $1. */
const enterGroup = `echo 0 > "$1/cgroup.procs"; shift; exec "$@"`;

/** systemd takes these as requests (systemd(1), "Signals"): SIGRTMIN+4 and SIGRTMIN+5, where glibc's SIGRTMIN is 34. */
const requests = { poweroff: 38, reboot: 39 } as const;

/** nspawn ends with this when the machine asks for a reboot (EXIT_FORCE_RESTART). */
const rebootCode = 133;

/** How a machine ended: by itself with a reboot or a power-off, or otherwise. */
export type Ending = "poweroff" | "reboot" | "lost";

const START_LIMIT_MS = 120_000;
const POLL_MS = 50;

/** A machine whose systemd runs. */
export class NspawnProcess {
  /** systemd of the machine, in the eyes of the lab's world. */
  readonly leader: number;
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  #running = true;

  private constructor(child: ChildProcess, leader: number, ended: Promise<Ending>) {
    this.#child = child;
    this.leader = leader;
    this.ended = ended.then((ending) => {
      this.#running = false;
      return ending;
    });
  }

  /**
   * Starts a machine; resolves when its systemd listens.
   * @param group path of the machine's own control group, which exists
   * @throws Error with what nspawn said
   */
  static async start(spec: NspawnSpec, group: string, onLine: (line: string) => void): Promise<NspawnProcess> {
    const child = spawn("sh", ["-ec", enterGroup, "sh", group, ...nspawnArgv(spec)], {
      cwd: "/",
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        LANG: "C.UTF-8",
        // The machine's own packet filter and kernel settings of its network.
        SYSTEMD_NSPAWN_API_VFS_WRITABLE: "network",
      },
    });
    const said: string[] = [];
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface(stream).on("line", (line) => {
        onLine(line);
        if (said.push(line) > 20) said.shift();
      });
    }
    let ending: Ending | undefined;
    const ended = new Promise<Ending>((resolve) => {
      const end = (how: Ending) => {
        ending = how;
        resolve(how);
      };
      child.once("error", (error) => {
        said.push(error.message);
        end("lost");
      });
      child.once("exit", (code) => end(code === 0 ? "poweroff" : code === rebootCode ? "reboot" : "lost"));
    });
    for (const until = Date.now() + START_LIMIT_MS; ending === undefined; await sleep(POLL_MS)) {
      const leader = leaderOf(child.pid!);
      if (leader !== undefined && existsSync(`/proc/${leader}/root/run/systemd/private`)) {
        return new NspawnProcess(child, leader, ended);
      }
      if (Date.now() < until) continue;
      child.kill("SIGKILL");
      await ended;
      throw new Error(`its systemd did not come up within ${START_LIMIT_MS / 1000} s: ${said.join("; ")}`);
    }
    // Lines that were still in the pipe.
    await sleep(POLL_MS);
    throw new Error(`it could not be started: ${said.join("; ").slice(-1000)}`);
  }

  get running(): boolean {
    return this.#running;
  }

  /** Ends it as a cut of the power would. */
  async kill(): Promise<void> {
    if (this.#running) signal(this.leader, constants.signals.SIGKILL);
    const limit = AbortSignal.timeout(10_000);
    const late = () => this.#child.kill("SIGKILL");
    limit.addEventListener("abort", late);
    await this.ended;
    limit.removeEventListener("abort", late);
  }

  /** Asks its systemd; says whether it ended in time. */
  async ask(request: keyof typeof requests, limitMs: number): Promise<boolean> {
    if (this.#running) signal(this.leader, requests[request]);
    const abort = new AbortController();
    const late = sleep(limitMs, false, { signal: abort.signal }).catch(() => false);
    const inTime = await Promise.race([this.ended.then(() => true), late]);
    abort.abort();
    return inTime;
  }
}

function signal(pid: number, number: number): void {
  try {
    process.kill(pid, number);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** nspawn's child that is the first process of a namespace; its helpers of the beginning are not. */
function leaderOf(nspawn: number): number | undefined {
  const children = read(`/proc/${nspawn}/task/${nspawn}/children`)?.trim().split(" ") ?? [];
  const leader = children.find((pid) => {
    const inner = /^NSpid:\t(.+)$/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1]?.split("\t");
    return inner !== undefined && inner.length > 1 && inner.at(-1) === "1";
  });
  return leader === undefined ? undefined : Number(leader);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
