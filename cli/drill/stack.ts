/** Deploys a stack with another configuration than its own, for drills. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { DrillError } from "../../lab/drills/errors.ts";
import type { Generations, StackControl, StackValues } from "../../lab/drills/world.ts";
import type { RunningLab } from "../../lab/session/session.ts";
import { ensureToolchain } from "../../toolchain/ensure.ts";
import { renderFailure, runShown } from "../demo/up.ts";
import { labEnvironment } from "../environment.ts";
import { noteChange } from "../lab/changes.ts";
import type { Display } from "../lab/display.ts";
import { Interruption } from "../lab/engine.ts";
import { ensureDelegation } from "../machines/delegation.ts";
import { projectRoot, stackConfigFile } from "../project.ts";
import { ConfigFile } from "../rollout/config-file.ts";
import { labWay } from "../rollout/lab-way.ts";
import { rollOutWithout } from "../rollout/run.ts";

const PREFIX = "sovereign:";

/** The values of a stack's configuration file, without the prefix; a copy. */
function valuesOf(text: string): StackValues {
  const { config = {} } = parse(text) as { config?: Record<string, unknown> };
  const own = Object.entries(config).filter(([key]) => key.startsWith(PREFIX));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(PREFIX.length), value])) as StackValues;
}

/** A stack's configuration file with its values changed; keys of others stay as they are. */
export function changedConfig(text: string, change: (config: StackValues) => void): string {
  const document = parse(text) as { config?: Record<string, unknown> };
  const values = valuesOf(text);
  change(values);
  const others = Object.entries(document.config ?? {}).filter(([key]) => !key.startsWith(PREFIX));
  const config = Object.fromEntries([
    ...others,
    ...Object.entries(values).map(([key, value]) => [`${PREFIX}${key}`, value]),
  ]);
  return stringify({ ...document, config }, { lineWidth: 0, aliasDuplicateObjects: false });
}

export function stackControl(lab: RunningLab, stack: string, display: Display): StackControl {
  return {
    name: stack,
    values: () => valuesOf(readFileSync(stackConfigFile(stack), "utf8")),
    async up(change, args = []) {
      const folder = join(lab.files.folder, "drills");
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const file = join(folder, `Pulumi.${stack}.yaml`);
      writeFileSync(file, changedConfig(readFileSync(stackConfigFile(stack), "utf8"), change), { mode: 0o600 });
      const toolchain = await ensureToolchain({ onProgress: (line) => display.say(line) });
      const env = labEnvironment(lab, toolchain);
      // Its own, and never told of Ctrl-C: what was deleted is made anew even then, and an engine that is cut off leaves halves.
      const interruption = new Interruption();
      const context = { toolchain, env, cwd: projectRoot, stack, interruption };
      const changes: Record<string, string[]> = {};
      const command = ["up", "--yes", "--skip-preview", "--config-file", file, ...args];
      try {
        const run = await runShown(context, command, display, undefined, (event) => noteChange(changes, event));
        if (run.result.exitCode !== 0) throw new DrillError(`pulumi up of ${stack} failed: ${renderFailure(run)}`);
        const { outputs } = run.progress;
        await ensureDelegation(lab, outputs);
        return { changes, pending: Array.isArray(outputs.pendingRollouts) ? outputs.pendingRollouts.map(String) : [] };
      } finally {
        rmSync(file, { force: true });
      }
    },
    async rollout(role, change) {
      const folder = join(lab.files.folder, "drills");
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const file = join(folder, `Pulumi.${stack}.rollout.yaml`);
      writeFileSync(file, changedConfig(readFileSync(stackConfigFile(stack), "utf8"), change), { mode: 0o600 });
      const toolchain = await ensureToolchain({ onProgress: (line) => display.say(line) });
      const env = labEnvironment(lab, toolchain);
      const context = { toolchain, env, cwd: projectRoot, stack, interruption: new Interruption() };
      try {
        const config = new ConfigFile(file);
        const stopped = await rollOutWithout({ context, role, config, way: labWay(lab), display });
        if (stopped !== undefined) throw new DrillError(`the rollout of ${role} stopped: ${stopped}`);
        return (valuesOf(config.text()).generations ?? {}) as Generations;
      } finally {
        rmSync(file, { force: true });
      }
    },
  };
}
