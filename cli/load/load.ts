/** Measures a stack on a lab's machines under load. */
import { randomBytes } from "node:crypto";
import { cpus } from "node:os";
import pc from "picocolors";
import { shopAddress } from "../../lab/drills/discover.ts";
import { DrillError } from "../../lab/drills/errors.ts";
import { labWorld } from "../../lab/drills/lab-world.ts";
import type { World } from "../../lab/drills/world.ts";
import { CpuBounds } from "../../lab/load/cpu.ts";
import { LoadError } from "../../lab/load/errors.ts";
import { playStep } from "../../lab/load/k6.ts";
import { type LoadPlan, plannedSeconds } from "../../lab/load/plan.ts";
import { StackMetrics } from "../../lab/load/prometheus.ts";
import { renderFindings, renderTable } from "../../lab/load/report.ts";
import type { LoadRun } from "../../lab/load/result.ts";
import { type HostTime, type LoadParts, measure } from "../../lab/load/run.ts";
import { requireLabAddress } from "../../lab/load/target.ts";
import { findLab, type RunningLab, stopLab } from "../../lab/session/session.ts";
import { ensureGoTool } from "../../toolchain/tools.ts";
import { runDemo } from "../demo/demo.ts";
import { machine } from "../drill/figures-file.ts";
import { stackControl } from "../drill/stack.ts";
import { createDisplay, type Display, duration } from "../lab/display.ts";
import { Interruption } from "../lab/engine.ts";
import { requireMachines } from "../machines/require.ts";
import { untilHealthy } from "../machines/wait.ts";
import { CommandError, print, ReportedError, tell } from "../output.ts";
import { projectRoot } from "../project.ts";
import { requireLab } from "../require-lab.ts";
import { readMeasurements, saveRun } from "./results-file.ts";

const INTERRUPTED = 130;

export interface LoadOptions extends LoadPlan {
  /** Name of the lab. */
  readonly name: string;
  readonly stack: string;
  readonly json: boolean;
  /** Whether a lab that was started for this stays. */
  readonly keep: boolean;
  /** File that the measurements are put into. */
  readonly save?: string | undefined;
}

/** @returns the exit code */
export async function runLoad(options: LoadOptions): Promise<number> {
  if (process.getuid?.() !== 0)
    throw new CommandError("load is measured on real machines, which needs root: run this with sudo", 2);
  if (options.save !== undefined) readMeasurements(options.save);
  const display = createDisplay();
  const interruption = new Interruption();
  interruption.listen();
  const { signal } = interruption;
  const runs: LoadRun[] = [];
  try {
    const k6 = await ensureGoTool("k6", { onProgress: (line) => display.say(pc.dim(line)), signal });
    const started = (await findLab({ project: projectRoot, name: options.name })) === undefined;
    try {
      await withStack(options, display, signal, async (lab) => {
        for (const servers of options.servers) {
          const run = await measureWith(servers, options, { lab, k6, display, signal });
          runs.push(run);
          if (options.save !== undefined) saveRun(options.save, run);
          tell(renderFindings(run).join("\n  "));
        }
      });
    } finally {
      if (started && !options.keep) {
        display.say("the lab was started for this: it is removed");
        await stopLab({ project: projectRoot, name: options.name }, true);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw asCommandError(error);
  } finally {
    interruption.unlisten();
  }
  if (runs.length > 0) print(options.json ? JSON.stringify(runs, undefined, 2) : renderTable(runs));
  return signal.aborted ? INTERRUPTED : 0;
}

function asCommandError(error: unknown): unknown {
  return error instanceof LoadError || error instanceof DrillError ? new CommandError(error.message) : error;
}

/** With the stack up in a lab with machines; afterwards a lab that was there has the stack as its configuration says. */
async function withStack(
  options: LoadOptions,
  display: Display,
  signal: AbortSignal,
  work: (lab: RunningLab) => Promise<void>,
): Promise<void> {
  const { name, stack } = options;
  const known = await findLab({ project: projectRoot, name });
  if (known) await requireMachines(known);
  if (!known || !(await hasApp(labWorld(known, stack)))) {
    // Users come from within the lab's network, so it needs no way from the host, which one lab alone can have.
    const code = await runDemo({ stack, name, machines: true, uplink: options.keep, quiet: true }, false);
    if (code !== 0) throw new ReportedError(`the stack ${stack} is not up`);
  }
  const lab = await requireLab(name);
  signal.throwIfAborted();
  await work(lab);
  if (!known) return;
  display.say(`${pc.bold(stack)} as its configuration says`);
  await stackControl(lab, stack, display).up(() => undefined);
}

const hasApp = async (world: World): Promise<boolean> =>
  (await world.machines()).some((machine) => machine.role === "app");

interface Ground {
  readonly lab: RunningLab;
  readonly k6: string;
  readonly display: Display;
  readonly signal: AbortSignal;
}

/** Deploys as many app servers, bounds the machines' processors, and lets users come. */
async function measureWith(servers: number, options: LoadOptions, ground: Ground): Promise<LoadRun> {
  const { lab, k6, display, signal } = ground;
  const world = labWorld(lab, options.stack);
  const least = duration(plannedSeconds({ ...options, servers: [servers] }) * 1000);
  display.say(pc.bold(`${servers} app server${servers === 1 ? "" : "s"}: up to ${least} of load`));
  await stackControl(lab, options.stack, display).up((config) => {
    const app = config.app!;
    app.servers = servers;
    if (app.minServers !== undefined) app.minServers = Math.min(Number(app.minServers), servers);
    if (app.maxServers !== undefined) app.maxServers = Math.max(Number(app.maxServers), servers);
  });
  await untilHealthy(lab, display, signal);
  const metrics = new StackMetrics(world);
  await metrics.untilWatched(servers, signal);
  const shop = requireLabAddress(await shopAddress(world, options.stack));
  const bounds = CpuBounds.set(lab.files.folder, await world.machines(), options.cpu);
  const parts: LoadParts = {
    play: (step) => playStep(k6, lab.process.pid, shop, step, signal),
    metrics,
    watch: () => bounds.watch(),
    hostTime,
    now: Date.now,
    say: (line) => display.say(`  ${line}`),
    machine: machine(),
    run: `load-${randomBytes(6).toString("hex")}`,
    signal,
  };
  try {
    return await measure(servers, options, parts);
  } finally {
    bounds.release();
  }
}

function hostTime(): HostTime {
  let [busy, total] = [0, 0];
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.irq + times.idle;
    total += all;
    busy += all - times.idle;
  }
  return { busy, total };
}
