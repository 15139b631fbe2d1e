/** The world of drills behind a lab with machines. Root only. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { z } from "zod";
import { enterArgv, insideEnvironment } from "../machines/enter.ts";
import { serviceFiles } from "../machines/lab-services.ts";
import { readAlerts } from "../machines/services/webhook/alerts.ts";
import { callLab, labApi } from "../session/client.ts";
import { LabError } from "../session/files.ts";
import { listMachines } from "../session/machines.ts";
import type { RunningLab } from "../session/session.ts";
import { act } from "./actions.ts";
import { DrillError } from "./errors.ts";
import { type Api, type Machine, type Ran, type Running, UNREACHABLE, type World } from "./world.ts";

const serverSchema = z.object({
  servers: z.array(
    z.object({
      id: z.int(),
      name: z.string(),
      labels: z.record(z.string(), z.string()),
      location: z.object({ name: z.string() }),
      private_net: z.array(z.object({ ip: z.string() })),
      public_net: z.object({ ipv4: z.object({ ip: z.string() }).nullish() }),
    }),
  ),
  meta: z.object({ pagination: z.object({ next_page: z.int().nullable() }) }),
});
type Server = z.infer<typeof serverSchema>["servers"][number];

/** What a command may print, bytes; more is cut off. */
const mostOutput = 64 * 1024 * 1024;

/** Milliseconds that a command has to end after its standard input was closed. */
const stopMs = 8000;

/** Milliseconds for an answer: the lab shares the processors with what drills break. */
const answerMs = 30_000;

/** What the lab refuses ends a drill, and not the ones after it. */
function asDrillError(error: unknown): never {
  throw error instanceof LabError ? new DrillError(error.message) : error;
}

/** @param stack only its machines are seen */
export function labWorld(lab: RunningLab, stack: string): World {
  const ask = labApi(lab, answerMs);
  const api: Api = (...args) => ask(...args).catch(asDrillError);
  const admin = (machine: Machine, verb: "crash" | "cut" | "heal") =>
    callLab(lab, "POST", `/machines/${machine.id}/${verb}`, { body: {} }).catch(asDrillError);

  const servers = async (): Promise<Server[]> => {
    const all: Server[] = [];
    for (let page: number | null = 1; page !== null; ) {
      const query = new URLSearchParams({ label_selector: `stack==${stack}`, per_page: "50", page: String(page) });
      const answer: z.infer<typeof serverSchema> = serverSchema.parse(await api("GET", `/servers?${query}`));
      all.push(...answer.servers);
      page = answer.meta.pagination.next_page;
    }
    return all;
  };

  const enter = async (machine: Machine, argv: readonly string[]): Promise<ChildProcess | undefined> => {
    const now = (await listMachines(lab)).find((other) => other.id === machine.id);
    if (!now || now.leader === null) return undefined;
    const [file, ...args] = enterArgv(lab.process.pid, now.leader, argv);
    // A group of its own: Ctrl-C in the terminal is for the drill, which ends this in its own order.
    return spawn(file!, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...insideEnvironment }, detached: true });
  };

  return {
    api,
    async machines() {
      const [known, running] = await Promise.all([servers(), listMachines(lab)]);
      const machines = known.map((server): Machine => {
        const now = running.find((machine) => machine.id === server.id);
        return {
          id: server.id,
          name: server.name,
          role: server.labels.role ?? "",
          status: now?.status ?? "unknown",
          booted: now?.booted ?? false,
          location: server.location.name,
          privateAddress: server.private_net[0]?.ip ?? "",
          publicAddress: server.public_net.ipv4?.ip,
        };
      });
      return machines.sort((a, b) => a.name.localeCompare(b.name));
    },
    async run(machine, argv, { input = "", timeoutMs = 15_000 } = {}) {
      const child = await enter(machine, argv);
      if (!child) return { code: UNREACHABLE, stdout: "", stderr: `${machine.name} does not run` };
      return toItsEnd(child, input, timeoutMs);
    },
    async start(machine, argv) {
      const child = await enter(machine, argv);
      if (!child) throw new DrillError(`${machine.name} does not run: nothing can be started there`);
      return follow(child);
    },
    crash: async (machine) => void (await admin(machine, "crash")),
    cut: async (machine) => void (await admin(machine, "cut")),
    heal: async (machine) => void (await admin(machine, "heal")),
    notifications: async () => readAlerts(serviceFiles(lab.files.folder).alerts),
    power: (machine, action) => act(api, `${action} of ${machine.name}`, `/servers/${machine.id}/actions/${action}`),
  };
}

function toItsEnd(child: ChildProcess, input: string, timeoutMs: number): Promise<Ran> {
  return new Promise((resolve) => {
    const output = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream]!.setEncoding("utf8").on("data", (text: string) => {
        if (output[stream].length < mostOutput) output[stream] += text;
      });
    }
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      endGroup(child);
    }, timeoutMs);
    // A program that ends without reading makes this pipe fail; how it ended says enough.
    child.stdin!.on("error", () => undefined).end(input);
    child.once("error", (error) => {
      clearTimeout(limit);
      resolve({ code: UNREACHABLE, ...output, stderr: error.message });
    });
    child.once("close", (code) => {
      clearTimeout(limit);
      const stderr = late ? `${output.stderr}\nno end within ${timeoutMs} ms` : output.stderr;
      resolve({ code: late ? UNREACHABLE : (code ?? UNREACHABLE), stdout: output.stdout, stderr });
    });
  });
}

/** nsenter forks for the process namespace: both are ended. */
function endGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

function follow(child: ChildProcess): Running {
  const listeners: ((lines: readonly string[]) => void)[] = [];
  let batch: string[] = [];
  // What came together is told together, so that a record is flushed once for all of it.
  const flush = () => {
    const lines = batch;
    batch = [];
    for (const listener of listeners) listener(lines);
  };
  createInterface({ input: child.stdout! }).on("line", (line) => {
    if (batch.length === 0) setImmediate(flush);
    batch.push(line);
  });
  let stderr = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-4000);
  });
  child.stdin!.on("error", () => undefined);
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    // Lines that came with the end are told before it.
    child.once("close", () => setImmediate(() => setImmediate(() => resolve(stderr))));
  });
  return {
    onLines: (listener) => void listeners.push(listener),
    ended,
    async stop() {
      child.stdin!.end();
      const limit = setTimeout(() => endGroup(child), stopMs);
      await ended;
      clearTimeout(limit);
    },
  };
}
