/** The demo: everything from an empty machine to a stack that is up, and back. */
import { existsSync } from "node:fs";
import pc from "picocolors";
import { countResources } from "../../lab/session/admin.ts";
import { labApi } from "../../lab/session/client.ts";
import { labFiles, nameFlag } from "../../lab/session/files.ts";
import { readSecrets } from "../../lab/session/secrets.ts";
import { type RunningLab, startLab, stopLab } from "../../lab/session/session.ts";
import { ensureToolchain } from "../../toolchain/ensure.ts";
import { initStack } from "../../toolchain/stack.ts";
import { labEnvironment } from "../environment.ts";
import { createDisplay, type Display, duration } from "../lab/display.ts";
import { type EngineContext, Interruption } from "../lab/engine.ts";
import { ensureDelegation } from "../machines/delegation.ts";
import { requireMachines } from "../machines/require.ts";
import { ensureStorage } from "../machines/storage.ts";
import { untilHealthy, watchMachines } from "../machines/wait.ts";
import { CommandError, print, ReportedError } from "../output.ts";
import { projectRoot, stackConfigFile } from "../project.ts";
import { withoutSalt } from "./config-file.ts";
import { recover } from "./recover.ts";
import { RunReview } from "./review.ts";
import { hasStacks, removeStack, unprotectAll } from "./state.ts";
import { renderDiagnostics, renderUp } from "./summary.ts";
import { ensureZone, liftProtection, removeZone } from "./surroundings.ts";
import { renderFailure, runShown } from "./up.ts";

const INTERRUPTED = 130;

interface Ready {
  readonly lab: RunningLab;
  readonly context: EngineContext;
  /** Whether the stack was there before. */
  readonly known: boolean;
}

export interface DemoOptions {
  readonly stack: string;
  /** Name of the lab. */
  readonly name: string;
  /** Whether servers are real machines; then the run is over when all of them do their work. */
  readonly machines?: boolean;
  /** Whether public addresses of machines can be reached from the host, in a lab that is started. @default true */
  readonly uplink?: boolean;
  /** Leaves the summary out: for commands that go on with something else. */
  readonly quiet?: boolean;
}

/** @returns the exit code */
export async function runDemo(options: DemoOptions, json: boolean): Promise<number> {
  const { stack, name, machines = false, quiet = false } = options;
  const config = stackConfigFile(stack);
  if (!existsSync(config)) throw new CommandError(`there is no ${config}: which stack is meant?`, 2);
  const begin = Date.now();
  return withDemo(async (display, interruption) =>
    withoutSalt(config, async () => {
      const { lab, context, known } = await prepare(options, display, interruption);
      if (known) await recover(context, lab, display);
      await ensureZone(labApi(lab), config);
      if (machines) await ensureStorage(lab, config);
      display.say(`pulumi up of ${pc.bold(stack)}`);
      const watch = machines ? watchMachines(lab, display) : undefined;
      const review = new RunReview(stack);
      const run = await runShown(context, ["up", "--yes", "--skip-preview"], display, watch?.line, (event) =>
        review.add(event),
      ).finally(watch?.stop);
      if (interruption.signal.aborted) return stopped(display);
      if (run.result.exitCode !== 0) {
        throw new ReportedError(
          `${renderFailure(run)}\nThe stack ${stack} is not up as configured. What exists is recorded: mend the cause, and the next run goes on from there.`,
        );
      }
      await ensureDelegation(lab, run.progress.outputs);
      const healthyMs = machines ? await untilHealthy(lab, display, interruption.signal) : undefined;
      const report = { stack, name, progress: run.progress, elapsedMs: Date.now() - begin, healthyMs };
      for (const line of renderDiagnostics(run.progress.diagnostics)) display.say(line);
      if (quiet) return 0;
      if (json) print(JSON.stringify(toJson(report), undefined, 2));
      else print(`\n${renderUp(report)}\n\n${await review.write(name)}`);
      return 0;
    }),
  );
}

function toJson({ stack, progress, elapsedMs, healthyMs }: Parameters<typeof renderUp>[0]): object {
  const resources = [...progress.kinds].map(([kind, changes]) => [kind, Object.fromEntries(changes)]);
  const waited = healthyMs === undefined ? {} : { secondsUntilHealthy: healthyMs / 1000 };
  return {
    stack,
    seconds: elapsedMs / 1000,
    ...waited,
    resources: Object.fromEntries(resources),
    outputs: progress.outputs,
  };
}

async function withDemo(work: (display: Display, interruption: Interruption) => Promise<number>): Promise<number> {
  const interruption = new Interruption();
  const display = createDisplay();
  interruption.listen();
  try {
    return await work(display, interruption);
  } catch (error) {
    if (interruption.signal.aborted) return stopped(display);
    throw error;
  } finally {
    interruption.unlisten();
  }
}

function stopped(display: Display): number {
  display.say("stopped; what exists is recorded, the next run goes on from there");
  return INTERRUPTED;
}

async function prepare(
  { stack, name, machines = false, uplink = true }: DemoOptions,
  display: Display,
  interruption: Interruption,
): Promise<Ready> {
  const { signal } = interruption;
  const toolchain = await ensureToolchain({ onProgress: (line) => display.say(pc.dim(line)), signal });
  display.say(`toolchain  ${toolchain.network} network: ${toolchain.reason}`);
  const { lab, started } = await startLab({
    project: projectRoot,
    name,
    ...(machines ? { machines: { onProgress: (line) => display.say(pc.dim(line)), signal, uplink } } : {}),
  });
  display.say(`lab        ${started ? "started" : "runs"} at ${lab.endpoint}`);
  if (machines) await requireMachines(lab);
  const env = labEnvironment(lab, toolchain);
  const known = !(await initStack(toolchain, stack, { env, signal }));
  return { lab, known, context: { toolchain, env, cwd: projectRoot, stack, interruption } };
}

/** @returns the exit code */
export async function runDown({ stack, name }: DemoOptions): Promise<number> {
  const files = labFiles(projectRoot, name);
  const config = stackConfigFile(stack);
  const begin = Date.now();
  return withDemo(async (display, interruption) => {
    if (!existsSync(files.folder)) {
      display.say("nothing to remove: there is no demo on this machine");
      return 0;
    }
    if (!readSecrets(files)) {
      // Without its passphrase the state is lost, and with it every way to destroy one thing after another.
      await stopLab({ project: projectRoot, name }, true);
      display.say("what was left of the demo is removed");
      return 0;
    }
    return withoutSalt(config, async () => {
      const { lab, context } = await prepare({ stack, name }, display, interruption);
      const api = labApi(lab);
      await recover(context, lab, display);
      await unprotectAll(context);
      await liftProtection(api, stack);
      display.say(`pulumi destroy of ${pc.bold(stack)}`);
      const run = await runShown(context, ["destroy", "--yes", "--skip-preview"], display);
      if (interruption.signal.aborted) return stopped(display);
      if (run.result.exitCode !== 0) {
        throw new ReportedError(
          `${renderFailure(run)}\nNot all is removed: mend the cause and run this again, or remove the lab with all in it: npx sovereign lab stop${nameFlag(name)} --purge`,
        );
      }
      await removeStack(context);
      await removeZone(api, config);
      const what = `${run.progress.total("deleted")} resources`;
      const took = duration(Date.now() - begin);
      if (hasStacks(files.state)) {
        display.say(`${pc.green("✓")} removed: ${what} (${took}); the lab stays for its other stacks`);
        return 0;
      }
      const left = Object.entries(await countResources(lab)).map(([kind, count]) => `${count} ${kind}`);
      await stopLab({ project: projectRoot, name }, true);
      display.say(`${pc.green("✓")} everything is removed: ${what}, the lab and its state (${took})`);
      if (left.length > 0) display.say(pc.yellow(`not made by the stack, and gone with the lab: ${left.join(", ")}`));
      return 0;
    });
  });
}
