/** A lab on this machine: started in the background, found again, stopped, removed. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { lock } from "proper-lockfile";
import type { FaultSpec } from "../api/core/faults.ts";
import { labNodeFlags } from "../api/node-flags.ts";
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
import {
  isAlive,
  type LabProcess,
  recordedProcess,
  runningProcess,
  type ServeReport,
  type ServeSettings,
  servesFolder,
} from "./process.ts";
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

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;

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
 * @throws LabError when the port is taken, or the lab runs with another port than the one asked for
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
    const secrets = ensureSecrets(files);
    const started = await launch(files, {
      port: port ?? recordedProcess(files)?.port ?? DEFAULT_PORT,
      anyPort: port === undefined,
      actionDuration: options.actionDuration,
      faults: options.faults ?? [],
    });
    return { lab: describe(name, files, started, secrets), started: true };
  });
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

async function launch(files: LabFiles, settings: ServeSettings): Promise<LabProcess> {
  const log = openSync(files.log, "a", 0o600);
  const serve = fileURLToPath(new URL("serve.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    [...labNodeFlags, "--no-warnings", serve, files.folder, JSON.stringify(settings)],
    {
      cwd: files.folder,
      detached: true,
      stdio: ["ignore", log, log, "ipc"],
    },
  );
  closeSync(log);
  try {
    return await firstReport(child, files);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    if (child.connected) child.disconnect();
    child.unref();
  }
}

function firstReport(child: ChildProcess, files: LabFiles): Promise<LabProcess> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new LabError(`the lab could not start: ${why}`));
    const limit = setTimeout(() => fail(`no answer within 30 s; its log is ${files.log}`), START_LIMIT_MS);
    child.once("message", (message: ServeReport) => {
      clearTimeout(limit);
      if ("ready" in message) resolve(message.ready);
      else fail(message.failed);
    });
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code) => {
      clearTimeout(limit);
      fail(`its process ended with ${code}; its log is ${files.log}`);
    });
  });
}

/** A process of this lab that no longer answers holds the store: end it. */
async function endHungProcess(files: LabFiles): Promise<void> {
  const recorded = recordedProcess(files);
  if (recorded && servesFolder(recorded.pid, files)) await end(recorded.pid, files);
}

async function end(pid: number, files: LabFiles): Promise<void> {
  if (!servesFolder(pid, files)) return;
  process.kill(pid, "SIGTERM");
  if (await gone(pid, STOP_LIMIT_MS)) return;
  if (servesFolder(pid, files)) process.kill(pid, "SIGKILL");
  if (!(await gone(pid, STOP_LIMIT_MS))) throw new LabError(`process ${pid} of the lab does not end`);
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
    if (ran) await end(recorded.pid, files);
    // A lab that was killed keeps its port for the next start: providers that wait for it find it again.
    if (ran) rmSync(files.process, { force: true });
    if (purge) rmSync(files.folder, { recursive: true, force: true });
    return ran;
  });
}
