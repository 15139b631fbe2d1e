/** The stack's state, as the engine exports it. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type EngineContext, runEngine } from "../lab/engine.ts";
import { CommandError } from "../output.ts";

const resource = z.looseObject({
  urn: z.string(),
  type: z.string(),
  id: z.string().optional(),
  custom: z.boolean().optional(),
  protect: z.boolean().optional(),
  /** Replaced already, and to be deleted. */
  delete: z.boolean().optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
});

const schema = z.looseObject({
  deployment: z.looseObject({
    resources: z.array(resource).nullish(),
    pending_operations: z.array(z.looseObject({ type: z.string(), resource })).nullish(),
  }),
});

export type Deployment = z.infer<typeof schema>;
export type StateResource = z.infer<typeof resource>;

export async function exportState(context: EngineContext): Promise<Deployment> {
  const result = await runEngine(context, ["stack", "export"]);
  if (result.exitCode !== 0)
    throw new CommandError(`the state of ${context.stack} cannot be read: ${result.stderr.trim()}`);
  return schema.parse(JSON.parse(result.stdout));
}

/** Puts a state in the place of the one that the backend has. */
export async function importState(context: EngineContext, state: Deployment): Promise<void> {
  const result = await runEngine(context, ["stack", "import"], { input: JSON.stringify(state) });
  if (result.exitCode !== 0) throw new CommandError(`the state cannot be repaired: ${result.stderr.trim()}`);
}

/** Takes every resource's protection off in the state, so that a destroy can remove it. */
export async function unprotectAll(context: EngineContext): Promise<void> {
  const result = await runEngine(context, ["state", "unprotect", "--all", "--yes"]);
  if (result.exitCode !== 0) throw new CommandError(`the protection cannot be taken off: ${result.stderr.trim()}`);
}

/** Removes a stack that has no resources; its configuration file stays, which the engine would delete too. */
export async function removeStack(context: EngineContext): Promise<void> {
  const result = await runEngine(context, ["stack", "rm", "--yes", "--preserve-config"]);
  if (result.exitCode !== 0) throw new CommandError(`the stack cannot be removed: ${result.stderr.trim()}`);
}

/** Whether a backend folder has a stack. */
export function hasStacks(backend: string): boolean {
  const folder = join(backend, ".pulumi", "stacks");
  return (
    existsSync(folder) &&
    readdirSync(folder, { recursive: true, encoding: "utf8" }).some((file) => file.endsWith(".json"))
  );
}
