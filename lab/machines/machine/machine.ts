import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { boundedLog } from "../../session/log.ts";
import { insideArgv, insideEnvironment } from "../enter.ts";
import type { LabNetwork } from "../network/network.ts";
import type { Run } from "../run.ts";
import { factFiles, type MachineFacts, releaseScript } from "./boot-script.ts";
import { type BootState, notBooted, readBootState } from "./boot-state.ts";
import { ensureControlGroup, type MachineLimits, removeControlGroup } from "./control-group.ts";
import { type Ending, NspawnProcess } from "./nspawn.ts";
import { labFolderInside, mountRoot, type RootFiles, rootFiles, type Seed, unmountRoot } from "./root.ts";

/** What a machine is made of, asked for at each boot. */
export interface MachineSpec {
  readonly seed: Seed;
  readonly limits: MachineLimits;
  readonly facts: MachineFacts;
}

export interface MachineContext {
  /** Folder of all machines. */
  readonly folder: string;
  /** Root of the Debian tree. */
  readonly tree: string;
  /** The lab's control group. */
  readonly group: string;
  readonly network: Pick<LabNetwork, "ensureServer" | "removeServer">;
  readonly run: Run;
  readonly log: (line: string) => void;
  spec(server: number): Promise<MachineSpec>;
  /** Told when a machine ends that nobody here has ended. */
  lost(server: number, ending: Ending): void;
}

const CONSOLE_BYTES = 256 * 1024;
const SHUTDOWN_LIMIT_MS = 60_000;
const FAILED_UNITS_MS = 3000;

/** One server's machine. What is asked of it happens one after another. */
export class Machine {
  readonly server: number;
  readonly #context: MachineContext;
  readonly #files: RootFiles;
  readonly #name: string;
  #process: NspawnProcess | undefined;
  #boot: BootState = notBooted;
  #failedUnits: { readonly asked: number; readonly units: Promise<readonly string[]> } | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(server: number, context: MachineContext) {
    this.server = server;
    this.#context = context;
    this.#files = rootFiles(context.folder, server);
    this.#name = `m${server}`;
  }

  /** Its systemd in the eyes of the lab's world; undefined while it is off. */
  get leader(): number | undefined {
    return this.#process?.running ? this.#process.leader : undefined;
  }

  /** How far its first boot is; looked up again until it is through. */
  bootState(): BootState {
    const { leader } = this;
    if (leader === undefined) return notBooted;
    if (!this.#boot.booted) this.#boot = readBootState(leader) ?? this.#boot;
    return this.#boot;
  }

  /** Boots it, unless it runs. */
  boot(): Promise<void> {
    return this.#next(async () => {
      if (this.leader === undefined) await this.#start();
    });
  }

  /** Cuts its power. Others hear nothing of it: its cables are pulled before its sockets close. */
  powerOff(): Promise<void> {
    return this.#next(() => this.#kill());
  }

  /** Asks its systemd to power off; what does not follow in time is killed. */
  shutDown(limitMs = SHUTDOWN_LIMIT_MS): Promise<void> {
    return this.#next(() => this.#end("poweroff", limitMs));
  }

  /** Asks its systemd to reboot; boots it when it was off. */
  reboot(): Promise<void> {
    return this.#next(async () => {
      await this.#end("reboot", SHUTDOWN_LIMIT_MS);
      await this.#start();
    });
  }

  /** Power off and on. */
  reset(): Promise<void> {
    return this.#next(async () => {
      await this.#kill();
      await this.#start();
    });
  }

  /** Its disk is made anew from the image. */
  rebuild(): Promise<void> {
    return this.#next(async () => {
      await this.#kill();
      this.#removeDisk();
      await this.#start();
    });
  }

  /** Gone for good. */
  remove(): Promise<void> {
    return this.#next(async () => {
      await this.#kill();
      this.#removeDisk();
    });
  }

  /** Shows a running machine its volumes as they are now. */
  updateVolumes(): Promise<void> {
    return this.#next(async () => {
      const { facts } = await this.#context.spec(this.server);
      this.#writeFacts(facts);
      if (this.leader !== undefined) await this.inside(["sh", `${labFolderInside}/boot.sh`, "update"]);
    });
  }

  /**
   * Lets a running machine go of a device that is about to be taken from it.
   * @throws Error when it is in use there
   */
  releaseDevice(device: string): Promise<void> {
    return this.#next(async () => {
      if (this.leader !== undefined) await this.inside(["sh", "-c", releaseScript, "sh", device]);
    });
  }

  /** Units of systemd that have failed; asked again when the last answer is a few seconds old, and not while it is busy booting. */
  async failedUnits(): Promise<readonly string[]> {
    const { booted, failed } = this.bootState();
    if (!booted && failed === null) return [];
    if (!this.#failedUnits || Date.now() - this.#failedUnits.asked > FAILED_UNITS_MS) {
      const list = ["systemctl", "list-units", "--state=failed", "--plain", "--no-legend", "--no-pager"];
      // A machine that is starting or ending does not answer.
      const units = this.inside(list).then(
        (lines) => lines.split("\n").flatMap((line) => line.split(" ", 1)[0] || []),
        () => [],
      );
      this.#failedUnits = { asked: Date.now(), units };
    }
    return this.#failedUnits.units;
  }

  /** Runs a command in it. @throws Error when it is off, or the command fails */
  async inside(argv: readonly string[]): Promise<string> {
    const { leader } = this;
    if (leader === undefined) throw new Error("the machine is off");
    const environment = Object.entries(insideEnvironment).map(([name, value]) => `${name}=${value}`);
    const [program, ...rest] = insideArgv(leader, argv);
    return this.#context.run(["env", "-i", ...environment, program!, ...rest]);
  }

  async #start(): Promise<void> {
    const { tree, group, network, run, log } = this.#context;
    const { seed, limits, facts } = await this.#context.spec(this.server);
    const { netns } = await network.ensureServer(this.server);
    await mountRoot(this.#files, tree, seed, run);
    this.#writeFacts(facts);
    this.#boot = notBooted;
    const console = boundedLog(this.#files.console, CONSOLE_BYTES);
    const spec = {
      name: this.#name,
      hostname: seed.hostname,
      root: this.#files.root,
      netns,
      labFolder: this.#files.lab,
      devices: facts.volumes.map(({ device }) => device.path),
    };
    const started = await NspawnProcess.start(spec, ensureControlGroup(group, this.#name, limits), console);
    this.#process = started;
    log(`server ${seed.hostname} runs`);
    void started.ended.then((ending) => {
      if (this.#process === started) this.#context.lost(this.server, ending);
    });
  }

  #writeFacts(facts: MachineFacts): void {
    for (const [name, content] of Object.entries(factFiles(facts))) writeFileSync(join(this.#files.lab, name), content);
  }

  async #end(request: "poweroff" | "reboot", limitMs: number): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (!running) return;
    if (running.running && !(await running.ask(request, limitMs))) {
      this.#context.log(`server ${this.server} did not shut down within ${limitMs / 1000} s and was powered off`);
      await this.#context.network.removeServer(this.server);
      await running.kill();
    }
    await this.#clear();
  }

  async #kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    await this.#context.network.removeServer(this.server);
    if (running) await running.kill();
    await this.#clear();
  }

  async #clear(): Promise<void> {
    await this.#context.network.removeServer(this.server);
    await unmountRoot(this.#files, this.#context.run);
    removeControlGroup(this.#context.group, this.#name);
  }

  #removeDisk(): void {
    rmSync(this.#files.folder, { recursive: true, force: true });
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
