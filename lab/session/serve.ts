/** The process of one lab, started by start.ts: `node serve.ts FOLDER SETTINGS`, with the settings as JSON. */
import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { LabDriver } from "../api/driver.ts";
import { startLabApi } from "../api/server.ts";
import type { MachinesSettings } from "../machines/settings.ts";
import { worldIds } from "../machines/world.ts";
import { labFiles, writeJson } from "./files.ts";
import { boundedLog } from "./log.ts";
import type { LabProcess, ServeReport, ServeSettings } from "./process.ts";
import { readSecrets } from "./secrets.ts";

const [folder = "", settingsText = "{}"] = process.argv.slice(2);
const files = labFiles(join(folder, "..", "..", ".."), basename(folder));
const log = boundedLog(files.log);
const settings = JSON.parse(settingsText) as ServeSettings;

function report(message: ServeReport): void {
  process.send?.(message);
}

/** A lab that was killed a moment ago may still hold the port. */
const PORT_PATIENCE_MS = 500;

/** Opens the wanted port, or a free one where that will do. */
async function openAt<T>({ port, anyPort }: ServeSettings, open: (port: number) => Promise<T>): Promise<T> {
  const inUse = (error: unknown) => error instanceof Error && error.message.includes("is in use");
  const until = Date.now() + PORT_PATIENCE_MS;
  for (;;) {
    try {
      return await open(port);
    } catch (error) {
      if (!anyPort || !inUse(error)) throw error;
      if (Date.now() > until) return open(0);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Loaded only where it is wanted: a lab of records alone stays small. */
async function machineDriver(settings: MachinesSettings): Promise<LabDriver> {
  const { nspawnDriver } = await import("../machines/driver.ts");
  return nspawnDriver({ ...settings, labFolder: files.folder, folder: files.machines, log });
}

async function serve(): Promise<void> {
  const secrets = readSecrets(files);
  if (!secrets) throw new Error(`${files.secrets} is missing or damaged`);
  const driver = settings.machines && (await machineDriver(settings.machines));
  const open = (port: number) =>
    startLabApi({
      name: basename(folder),
      port,
      dataDir: files.data,
      token: secrets.token,
      ...(settings.actionDuration === undefined ? {} : { actionDuration: settings.actionDuration }),
      faults: settings.faults,
      ...(driver ? { driver } : {}),
      log,
    });
  const api = await openAt(settings, open);
  const self: LabProcess = { pid: process.pid, ...worldIds(), port: api.port, started: new Date().toISOString() };
  writeJson(files.process, self);
  log(`serves ${api.url}`);
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await api.close();
    rmSync(files.process, { force: true });
    log("stopped");
    process.exit(0);
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
  // The terminal that started it may close.
  process.on("SIGHUP", () => undefined);
  report({ ready: self });
}

process.on("uncaughtException", (error) => {
  log(`bug: ${error.stack ?? error}`);
  process.exit(1);
});

serve().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  log(`could not start: ${message}`);
  report({ failed: message });
  process.exitCode = 1;
  process.disconnect?.();
});
