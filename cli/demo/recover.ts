/** Makes a stack usable again after a run that was killed. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import pc from "picocolors";
import { z } from "zod";
import { labApi } from "../../lab/session/client.ts";
import { readJson } from "../../lab/session/files.ts";
import { isAlive } from "../../lab/session/process.ts";
import type { RunningLab } from "../../lab/session/session.ts";
import type { Display } from "../lab/display.ts";
import { type EngineContext, runEngine } from "../lab/engine.ts";
import { CommandError } from "../output.ts";
import { type Ask, findCreated } from "./orphans.ts";
import { type Deployment, exportState, importState, type StateResource } from "./state.ts";

const lockSchema = z.object({ pid: z.int(), hostname: z.string(), timestamp: z.string() });

/**
 * Removes locks of engines that are gone, and settles what a killed engine had begun to create: what exists at the
 * provider is taken into the state, the rest is forgotten and made again by the next update. Without this, the next
 * update would create everything that was under way a second time.
 * @param refreshArgs more arguments for the refresh of what is taken over, such as another configuration file
 * @throws CommandError when another engine is at work on the stack
 */
export async function recover(
  context: EngineContext,
  lab: RunningLab,
  display: Display,
  refreshArgs: readonly string[] = [],
): Promise<void> {
  if (clearStaleLocks(lab.files.state, context.stack)) {
    display.say(pc.dim("the last run was killed: its lock is removed"));
  }
  if (!hasPendingOperations(lab.files.state, context.stack)) return;
  const state = await exportState(context);
  const api = labApi(lab);
  const { settled, adopted, forgotten } = await settle(state, (path) => api("GET", path));
  await importState(context, settled);
  display.say(
    pc.dim(`the last run was killed while it created: ${adopted.length} found and taken over, ${forgotten} made again`),
  );
  if (adopted.length > 0) await refresh(context, adopted, refreshArgs);
}

function lockFolder(backend: string, stack: string): string[] {
  const locks = join(backend, ".pulumi", "locks");
  return readFiles(locks).filter((file) => file.endsWith(".json") && file.split(/[/\\]/).at(-2) === stack);
}

function readFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => join(folder, file));
  } catch {
    return [];
  }
}

/** @returns whether there was one */
export function clearStaleLocks(backend: string, stack: string): boolean {
  const locks = lockFolder(backend, stack);
  for (const file of locks) {
    const lock = lockSchema.safeParse(readJson(file)).data;
    // A damaged lock is one whose engine was killed while it wrote.
    if (lock && (lock.hostname !== hostname() || isAlive(lock.pid))) {
      throw new CommandError(
        `another run is at work on ${stack} since ${lock.timestamp} (process ${lock.pid} on ${lock.hostname}): wait for it, or end it`,
      );
    }
    for (const gone of [file, `${file}.attrs`]) rmSync(gone, { force: true });
  }
  return locks.length > 0;
}

/** Looks into the backend's own file: asking the engine takes most of a second, for what hardly ever happens. */
function hasPendingOperations(backend: string, stack: string): boolean {
  return readFiles(join(backend, ".pulumi", "stacks"))
    .filter((file) => file.endsWith(`${stack}.json`))
    .some((file) => readFileSync(file, "utf8").includes('"pending_operations"'));
}

interface Settled {
  readonly settled: Deployment;
  readonly adopted: readonly StateResource[];
  readonly forgotten: number;
}

/** A state without pending operations: each creation is either a resource with its id, or gone. */
export async function settle(state: Deployment, ask: Ask): Promise<Settled> {
  const pending = state.deployment.pending_operations ?? [];
  const creations = pending.filter((operation) => operation.type === "creating");
  const looked = await Promise.all(
    creations.map(async ({ resource }) => ({ resource, id: await findCreated(resource, ask) })),
  );
  const adopted = looked.flatMap(({ resource, id }) =>
    id === undefined ? [] : [{ ...resource, id, outputs: { id } }],
  );
  const resources = adopted.reduce(take, state.deployment.resources ?? []);
  return {
    settled: { ...state, deployment: { ...state.deployment, resources, pending_operations: undefined } },
    adopted,
    forgotten: looked.length - adopted.length,
  };
}

/** Takes a resource in. One that it was to replace comes after it, to be deleted by the next update. */
function take(resources: readonly StateResource[], adopted: StateResource): StateResource[] {
  const at = resources.findIndex(({ urn, delete: leaving }) => urn === adopted.urn && !leaving);
  const replaced = resources[at];
  if (!replaced) return [...resources, adopted];
  return [...resources.slice(0, at), adopted, { ...replaced, delete: true }, ...resources.slice(at + 1)];
}

async function refresh(
  context: EngineContext,
  resources: readonly StateResource[],
  args: readonly string[],
): Promise<void> {
  const targets = resources.flatMap(({ urn }) => ["--target", urn]);
  const result = await runEngine(context, ["refresh", "--yes", "--skip-preview", ...args, ...targets]);
  if (result.exitCode !== 0 && !result.interrupted) {
    throw new CommandError(`what was taken over cannot be read: ${result.stderr.trim() || result.stdout.trim()}`);
  }
}
