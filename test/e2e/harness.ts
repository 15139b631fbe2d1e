/** A lab process, a stack and the real engine, in a folder of its own: what every end-to-end test stands on. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { stringify } from "yaml";
import { renderDiagnostics } from "../../cli/demo/summary.ts";
import { labEnvironment } from "../../cli/environment.ts";
import { noteChange } from "../../cli/lab/changes.ts";
import { type EngineContext, type EngineResult, Interruption, runEngine } from "../../cli/lab/engine.ts";
import { ProgressCollector } from "../../cli/lab/progress.ts";
import { projectRoot } from "../../cli/project.ts";
import type { FaultSpec } from "../../lab/api/core/faults.ts";
import { openDatabase } from "../../lab/api/core/sqlite.ts";
import { addFault, clearFaults, countResources } from "../../lab/session/admin.ts";
import { type LabApi, labApi } from "../../lab/session/client.ts";
import { type RunningLab, startLab, stopLab } from "../../lab/session/session.ts";
import { ensureToolchain } from "../../toolchain/ensure.ts";
import { initStack } from "../../toolchain/stack.ts";

/** Milliseconds that a test of several updates may take on a busy machine; no test waits for it. */
export const LONG = 300_000;

/** Name of the stack, and so of everything in it. */
export const STACK = "e2e";

export type Config = Record<string, unknown>;

/** App servers that do nothing. The number that there may be at most is in their user data; it stays the same. */
export function appServers(servers: number, change: Config = {}): Config {
  return { app: { servers, maxServers: 10, workload: { kind: "service", command: ["/usr/bin/env"] }, ...change } };
}

/** The smallest whole shop: one machine of each part, so that a test's updates are quick. */
export function smallConfig(change: Config = {}): Config {
  return {
    topology: "single-region",
    domain: "shop.example.eu",
    admin: { cidrs: [{ cidr: "203.0.113.10/32", country: "DE" }] },
    ...appServers(2),
    postgres: { nodes: 1, backup: false },
    redis: { nodes: 1 },
    loadBalancer: { certificate: { kind: "none" } },
    ...change,
  };
}

/** How an engine's run ended. */
export interface Outcome {
  readonly ok: boolean;
  readonly progress: ProgressCollector;
  /** Errors and warnings as users see them. */
  readonly messages: string;
  /** Resources by what happened to them: `server e2e-app-fsn1-1` under `created`. */
  readonly changes: Readonly<Record<string, readonly string[]>>;
  readonly result: EngineResult;
}

export class World {
  readonly folder: string;
  readonly context: EngineContext;
  lab: RunningLab;
  /** Everything that engines have said so far, events included. */
  said = "";

  private constructor(folder: string, context: EngineContext, lab: RunningLab) {
    this.folder = folder;
    this.context = context;
    this.lab = lab;
  }

  static async open(): Promise<World> {
    const toolchain = await ensureToolchain();
    const folder = mkdtempSync(join(tmpdir(), "sovereign-e2e-"));
    try {
      const { lab } = await startLab({ project: folder, port: 0, actionDuration: 0 });
      const env = labEnvironment(lab, toolchain);
      // The project's own folder keeps its configuration files to itself: the stack is made from beside it.
      const aside = join(folder, "project");
      mkdirSync(aside);
      writeFileSync(join(aside, "Pulumi.yaml"), "name: sovereign\nruntime: nodejs\n");
      await initStack(toolchain, STACK, { env, cwd: aside });
      const context = { toolchain, env, cwd: projectRoot, stack: STACK, interruption: new Interruption() };
      return new World(folder, context, lab);
    } catch (error) {
      await removeWorld(folder);
      throw error;
    }
  }

  get configFile(): string {
    return join(this.folder, `Pulumi.${STACK}.yaml`);
  }

  get api(): LabApi {
    return labApi(this.lab);
  }

  /** Sets the stack's whole configuration. */
  configure(config: Config): void {
    const named = Object.fromEntries(Object.entries(config).map(([key, value]) => [`sovereign:${key}`, value]));
    writeFileSync(this.configFile, stringify({ config: named }));
  }

  /** Runs a command that takes the configuration and shows events; the engine is told nothing else. */
  async run(args: readonly string[], options: { env?: NodeJS.ProcessEnv; onEvent?: (e: EngineEvent) => void } = {}) {
    const progress = new ProgressCollector();
    const changes: Record<string, string[]> = {};
    const context = { ...this.context, env: { ...this.context.env, ...options.env } };
    const result = await runEngine(context, [...args, "--config-file", this.configFile, "--json"], {
      onEvent: (event) => {
        this.said += `${JSON.stringify(event)}\n`;
        progress.add(event);
        noteChange(changes, event);
        options.onEvent?.(event);
      },
    });
    this.said += result.stdout + result.stderr;
    const messages = [...renderDiagnostics(progress.diagnostics), result.stderr.trim()].filter(Boolean).join("\n");
    return { ok: result.exitCode === 0, progress, messages, changes, result } satisfies Outcome;
  }

  up(options?: Parameters<World["run"]>[1]): Promise<Outcome> {
    return this.run(["up", "--yes", "--skip-preview"], options);
  }

  preview(): Promise<Outcome> {
    return this.run(["preview"], { env: { PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" } });
  }

  /** Any other Pulumi command; its output as it is. */
  async pulumi(args: readonly string[], input?: string): Promise<EngineResult> {
    const result = await runEngine(this.context, args, input === undefined ? {} : { input });
    return result;
  }

  fault(spec: FaultSpec): Promise<unknown> {
    return addFault(this.lab, spec);
  }

  clearFaults(): Promise<void> {
    return clearFaults(this.lab);
  }

  counts(): Promise<Record<string, number>> {
    return countResources(this.lab);
  }

  /** Servers, volumes and so on as the API lists them, by name. */
  async list(kind: string): Promise<Map<string, Record<string, unknown> & { id: number }>> {
    const answer = (await this.api("GET", `/${kind}?per_page=50`)) as Record<string, { id: number; name: string }[]>;
    return new Map(answer[kind]!.map((item) => [item.name, item]));
  }

  /** What each machine would get at its first boot, unpacked: the one place where secrets stand in clear. Stops the lab. */
  async userData(): Promise<{ packed: string[]; documents: string[] }> {
    await stopLab({ project: this.folder });
    const db = openDatabase(this.lab.files.data);
    const rows = db.prepare("SELECT data FROM blobs WHERE key LIKE 'servers/%/user_data'").all();
    db.close();
    const packed = rows.map((row) => String(row.data));
    return { packed, documents: packed.map((text) => gunzipSync(Buffer.from(text, "base64")).toString("utf8")) };
  }

  /** Starts the lab again, on the port that the stack's environment knows. */
  async restartLab(): Promise<void> {
    const { port } = this.lab.process;
    ({ lab: this.lab } = await startLab({ project: this.folder, port, actionDuration: 0 }));
  }

  async close(): Promise<void> {
    await removeWorld(this.folder);
  }
}

async function removeWorld(folder: string): Promise<void> {
  await stopLab({ project: folder });
  rmSync(folder, { recursive: true, force: true });
}

/** The text of every file below a folder, by its path. */
export function filesOf(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, readFileSync(path, "latin1")];
    }),
  );
}
