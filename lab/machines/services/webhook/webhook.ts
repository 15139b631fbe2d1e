/** Where the lab's alerts go: a program that records them for the drills. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type LabService, reasonOf, type ServiceContext } from "../service.ts";

export interface WebhookSettings extends Pick<ServiceContext, "network" | "log"> {
  /** Address in the services' namespace. */
  readonly address: string;
  /** The file that alerts are added to, one JSON text per line; read it with `readAlerts`. */
  readonly file: string;
}

/** Port that notifications are posted to, at any path. */
export const webhookPort = 80;
/** Milliseconds until a sink that ended by itself is started again. */
const RESTART_MS = 1000;

/** Records what Alertmanager posts. */
export function webhook({ network, log, address, file }: WebhookSettings): LabService {
  let child: ChildProcess | undefined;
  let isWanted = false;

  const run = async () => {
    const sink = join(import.meta.dirname, "sink.ts");
    const started = spawn(
      "setpriv",
      [
        ...["--pdeathsig", "KILL", "nsenter", `--net=${network.services.netns}`, "--"],
        ...[process.execPath, sink, address, `${webhookPort}`, file],
      ],
      { stdio: ["ignore", "pipe", "pipe"], cwd: "/" },
    );
    child = started;
    const said: string[] = [];
    createInterface(started.stderr).on("line", (line) => said.push(line));
    const ended = new Promise<void>((resolve) => {
      started.once("error", (error) => said.push(error.message));
      started.once("close", () => resolve());
    });
    const ready = new Promise<void>((resolve) => createInterface(started.stdout).once("line", () => resolve()));
    await Promise.race([ready, ended.then(() => Promise.reject(new Error(said.slice(-5).join("; "))))]);
    void ended.then(() => {
      if (!isWanted) return;
      log(`alert sink ended: ${said.slice(-1).join("") || "no reason given"}`);
      setTimeout(() => isWanted && void run().catch((error) => log(reasonOf(error))), RESTART_MS).unref();
    });
  };

  return {
    name: "alert sink",
    start: async () => {
      isWanted = true;
      await run();
    },
    changed: () => undefined,
    stop: async () => {
      isWanted = false;
      const running = child;
      if (!running || running.exitCode !== null || running.signalCode !== null) return;
      const closed = new Promise((resolve) => running.once("close", resolve));
      running.kill("SIGKILL");
      await closed;
    },
  };
}
