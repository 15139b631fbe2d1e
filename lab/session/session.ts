/** A lab on this machine: started in the background, found again, stopped, removed. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { lock } from "proper-lockfile";
import type { FaultSpec } from "../api/core/faults.ts";
import { removeLeftovers } from "../machines/leftovers.ts";
import type { MachineOptions, MachinesSettings } from "../machines/settings.ts";
import {
  DEFAULT_LAB,
  DEFAULT_PORT,
  isLabName,
  LabError,
  type LabFiles,
  labFiles,
  labsFolder,
  makeFolders,
  nameFlag,
} from "./files.ts";
import { launch } from "./launch.ts";
import { isAlive, type LabProcess, recordedProcess, runningProcess, servesFolder } from "./process.ts";
import { ensureSecrets, type LabSecrets, readSecrets } from "./secrets.ts";

export interface LabAddress {
  /** Folder of the project, below which labs live. */
  readonly project: string;
  /** @default "default" */
  readonly name?: string | undefined;
}

export interface StartOptions extends LabAddress {
  /** @default 4570, or the lab's last one, or a free one when something else listens there */
  readonly port?: number | undefined;
  /** Milliseconds that an action takes. @default the API's */
  readonly actionDuration?: number | undefined;
  readonly faults?: readonly FaultSpec[] | undefined;
  /** Real machines behind the records: Linux and root only. @default records only */
  readonly machines?: (MachineOptions & MachinesProgress) | undefined;
}

/** The first start on a host installs packages and builds an image, which takes minutes. */
interface MachinesProgress {
  /** Told what is being done, at least every 3 seconds. @default nobody */
  readonly onProgress?: ((line: string) => void) | undefined;
  /** Stops that. */
  readonly signal?: AbortSignal | undefined;
}

/** A lab that runs. */
export interface RunningLab {
  readonly name: string;
  readonly files: LabFiles;
  readonly process: LabProcess;
  readonly secrets: LabSecrets;
  /** What the provider takes as endpoint. */
  readonly endpoint: string;
}

/** Machines are shut down in order before the lab's process ends. */
const STOP_LIMIT_MS = { records: 10_000, machines: 60_000 };

/** The lab when it runs; undefined when it does not. */
export async function findLab({ project, name = DEFAULT_LAB }: LabAddress): Promise<RunningLab | undefined> {
  const files = labFiles(project, name);
  const found = await runningProcess(files);
  const secrets = readSecrets(files);
  return found && secrets && describe(name, files, found, secrets);
}

function describe(name: string, files: LabFiles, found: LabProcess, secrets: LabSecrets): RunningLab {
  return { name, files, process: found, secrets, endpoint: `http://127.0.0.1:${found.port}/v1` };
}

/** Names of the labs that have a folder, running or not. */
export function listLabs(project: string): string[] {
  const folder = labsFolder(project);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && isLabName(entry.name))
    .map((entry) => entry.name)
    .sort();
}

/**
 * Starts a lab in the background; one that runs is left as it is.
 * @throws LabError when the port is taken, the lab runs with another port than the one asked for, or machines cannot be had here
 */
export async function startLab(options: StartOptions): Promise<{ lab: RunningLab; started: boolean }> {
  const { project, name = DEFAULT_LAB, port } = options;
  const files = labFiles(project, name);
  makeFolders(files);
  return exclusively(files, async () => {
    const present = await findLab(options);
    if (present) {
      if (port !== undefined && port !== 0 && port !== present.process.port) {
        throw new LabError(
          `the lab ${name} runs on port ${present.process.port}, not on ${port}: stop it first (sovereign lab stop${nameFlag(name)})`,
        );
      }
      return { lab: present, started: false };
    }
    await endHungProcess(files);
    const machines = options.machines && (await prepared(files.folder, options.machines));
    const secrets = await ensureSecrets(files);
    const started = await launch(files, {
      port: port ?? recordedProcess(files)?.port ?? DEFAULT_PORT,
      anyPort: port === undefined,
      actionDuration: options.actionDuration,
      faults: options.faults ?? [],
      machines,
    });
    return { lab: describe(name, files, started, secrets), started: true };
  });
}

async function prepared(folder: string, options: MachineOptions & MachinesProgress): Promise<MachinesSettings> {
  const { onProgress, signal, ...settings } = options;
  if (/[:,\\"]/.test(folder)) {
    throw new LabError(
      `the lab cannot have machines in ${folder}: mounts need a path without colon, comma, quote or backslash`,
    );
  }
  // Loaded only where it is wanted.
  const { prepareMachines } = await import("../machines/requirements.ts");
  const { prepareServices } = await import("../machines/lab-services.ts");
  const told = { ...(onProgress ? { onProgress } : {}), ...(signal ? { signal } : {}) };
  const tree = await prepareMachines({ ...told, folder });
  if ("unavailable" in tree) {
    throw new LabError(
      `the lab cannot have machines here: ${tree.unavailable}. Without --machines it keeps records only, on every platform`,
    );
  }
  await prepareServices(told);
  return { ...settings, tree };
}

async function exclusively<T>(files: LabFiles, work: () => Promise<T>): Promise<T> {
  const retries = { retries: 100, minTimeout: 100, maxTimeout: 500, factor: 1.2 };
  let lost = false;
  // Without a handler a lock that is lost, because the machine slept for instance, ends the process from a timer.
  const onCompromised = () => {
    lost = true;
  };
  const release = await lock(files.folder, { retries, stale: 10_000, onCompromised }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "ELOCKED") throw error;
      throw new LabError(`another command is starting or stopping the lab in ${files.folder}: wait for it`);
    },
  );
  try {
    const result = await work();
    if (!lost) return result;
    throw new LabError(
      `another command may have changed the lab in ${files.folder} meanwhile: look at it with sovereign lab status`,
    );
  } finally {
    await release().catch(() => undefined);
  }
}

/** A process of this lab that no longer answers holds the store: end it. */
async function endHungProcess(files: LabFiles): Promise<void> {
  const recorded = recordedProcess(files);
  if (recorded && servesFolder(recorded.pid, files)) await end(recorded, files);
  await endWorld(recorded, files);
}

async function end({ pid, world }: LabProcess, files: LabFiles, signal: "SIGTERM" | "SIGKILL" = "SIGTERM") {
  if (!servesFolder(pid, files)) return;
  process.kill(pid, signal);
  if (await gone(pid, world === undefined ? STOP_LIMIT_MS.records : STOP_LIMIT_MS.machines)) return;
  if (servesFolder(pid, files)) process.kill(pid, "SIGKILL");
  if (!(await gone(pid, STOP_LIMIT_MS.records))) throw new LabError(`process ${pid} of the lab does not end`);
}

/** With the lab's process the kernel ends its machines: waits for that, and removes what is left of them. */
async function endWorld(recorded: LabProcess | undefined, files: LabFiles): Promise<void> {
  const world = recorded?.world;
  if (world !== undefined && servesFolder(world, files)) {
    if (!(await gone(world, STOP_LIMIT_MS.records)) && servesFolder(world, files)) process.kill(world, "SIGKILL");
    if (!(await gone(world, STOP_LIMIT_MS.records))) throw new LabError(`process ${world} of the lab does not end`);
  }
  if (existsSync(files.machines)) await removeLeftovers(files.folder);
}

async function gone(pid: number, limit: number): Promise<boolean> {
  for (const until = Date.now() + limit; Date.now() < until; ) {
    if (!isAlive(pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return !isAlive(pid);
}

/**
 * Stops a lab; says whether it ran. Stopping one that does not run is fine.
 * @param purge whether its folder goes too: records, Pulumi state, secrets
 */
export async function stopLab(address: LabAddress, purge = false): Promise<boolean> {
  const files = labFiles(address.project, address.name ?? DEFAULT_LAB);
  if (!existsSync(files.folder)) return false;
  return exclusively(files, async () => {
    const recorded = recordedProcess(files);
    const ran = recorded !== undefined && servesFolder(recorded.pid, files);
    // What is about to be removed needs no orderly end.
    const hasMachines = recorded?.world !== undefined;
    if (ran) await end(recorded, files, purge && hasMachines ? "SIGKILL" : "SIGTERM");
    await endWorld(recorded, files);
    // A lab that was killed keeps its port for the next start: providers that wait for it find it again.
    if (ran) rmSync(files.process, { force: true });
    if (purge) rmSync(files.folder, { recursive: true, force: true });
    return ran;
  });
}
