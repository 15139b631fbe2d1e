/** Starts the process of a lab and waits for its report. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { labNodeFlags } from "../api/node-flags.ts";
import { controlGroup, inWorld } from "../machines/world.ts";
import { LabError, type LabFiles } from "./files.ts";
import type { LabProcess, ServeReport, ServeSettings } from "./process.ts";

/** With machines it also starts the lab's network and services. */
const LIMIT_MS = { records: 30_000, machines: 90_000 };

/** @throws LabError when it does not come up */
export async function launch(files: LabFiles, settings: ServeSettings): Promise<LabProcess> {
  const log = openSync(files.log, "a", 0o600);
  const serve = fileURLToPath(new URL("serve.ts", import.meta.url));
  const node = [process.execPath, ...labNodeFlags, "--no-warnings", serve, files.folder, JSON.stringify(settings)];
  const [command, ...argv] = settings.machines ? inWorld(controlGroup(files.folder), node) : node;
  const child = spawn(command!, argv, { cwd: files.folder, detached: true, stdio: ["ignore", log, log, "ipc"] });
  closeSync(log);
  try {
    return await firstReport(child, files, settings.machines ? LIMIT_MS.machines : LIMIT_MS.records);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    if (child.connected) child.disconnect();
    child.unref();
  }
}

function firstReport(child: ChildProcess, files: LabFiles, limitMs: number): Promise<LabProcess> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new LabError(`the lab could not start: ${why}`));
    const limit = setTimeout(() => fail(`no answer within ${limitMs / 1000} s; its log is ${files.log}`), limitMs);
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
