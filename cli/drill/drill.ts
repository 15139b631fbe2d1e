/** Runs drills on a lab and says what they found. */

import { join } from "node:path";
import pc from "picocolors";
import { shopAddress, workloadDatabase } from "../../lab/drills/discover.ts";
import type { Drill } from "../../lab/drills/drill.ts";
import { DrillError } from "../../lab/drills/errors.ts";
import { alone } from "../../lab/drills/exclusive.ts";
import { labWorld } from "../../lab/drills/lab-world.ts";
import { pendingFile, readPending, repairPending, writePending } from "../../lab/drills/pending.ts";
import { renderDetails, renderTable } from "../../lab/drills/report.ts";
import { type DrillResult, judgeSeries, type Series } from "../../lab/drills/result.ts";
import { type DrillEnvironment, runDrill } from "../../lab/drills/run.ts";
import type { RunningLab } from "../../lab/session/session.ts";
import { createDisplay, type Display, duration } from "../lab/display.ts";
import { Interruption } from "../lab/engine.ts";
import { CommandError, print, tell } from "../output.ts";
import { requireLab } from "../require-lab.ts";
import { chosenDrills, fittingDrills, standOf } from "./choice.ts";
import { saveFigures } from "./figures-file.ts";
import { stackControl } from "./stack.ts";

const INTERRUPTED = 130;

export interface DrillOptions {
  /** Name of the lab. */
  readonly name: string;
  readonly stack: string;
  readonly repeat: number;
  readonly json: boolean;
  /** File that the figures are put into. */
  readonly save?: string | undefined;
}

/** Says what happens, with the time since the beginning; and now and then that it goes on. */
class Narrator {
  readonly #display: Display = createDisplay();
  readonly #begin = Date.now();
  #last = "";
  #heading = "";

  heading(text: string): void {
    this.#heading = text;
    this.#display.say(pc.bold(text));
  }

  say(line: string): void {
    this.#last = line;
    this.#display.say(`  ${pc.dim(duration(Date.now() - this.#begin).padStart(10))}  ${line}`);
  }

  get display(): Display {
    return this.#display;
  }

  during<T>(work: () => Promise<T>): Promise<T> {
    if (process.stderr.isTTY) return this.#display.during(() => `${this.#heading} · ${this.#last}`, work);
    const timer = setInterval(() => this.say(`… ${this.#last.replace(/^… /, "")}`), 15_000);
    return work().finally(() => clearInterval(timer));
  }
}

/** @returns the exit code */
export async function runDrills(names: readonly string[], options: DrillOptions): Promise<number> {
  const chosen = chosenDrills(names, options.repeat);
  if (process.getuid?.() !== 0)
    throw new CommandError("drills enter machines, which needs root: run this with sudo", 2);
  const lab = await requireLab(options.name);
  const interruption = new Interruption();
  interruption.listen();
  const narrator = new Narrator();
  const world = labWorld(lab, options.stack);
  const all: Series[] = [];
  let failed = false;
  let interrupted = false;
  const folder = join(lab.files.folder, "drills");
  const work = async (next: (drill: string) => void) => {
    const environment: DrillEnvironment = {
      world,
      stack: stackControl(lab, options.stack, narrator.display),
      database: await workloadDatabase(world),
      shop: () => shopAddress(world, options.stack),
      records: folder,
      journal: (drill, repairs) => writePending(pendingFile(folder), { drill, stack: options.stack, repairs }),
      signal: interruption.signal,
      say: (line) => narrator.say(line),
    };
    // Of all of them before the first one, which may take an hour.
    const { drills, leftOut } = fittingDrills(chosen, names, standOf(await world.machines()));
    for (const why of leftOut) narrator.say(`left out: ${why}`);
    for (const drill of drills) {
      next(drill.name);
      await mend(lab, options.stack, narrator);
      const series = await runSeries(drill, options.repeat, environment, narrator);
      if (series.runs.length > 0) all.push(series);
      failed ||= series.violations.length > 0;
      // After each drill: whatever comes next, what was measured is kept.
      if (options.save !== undefined) saveFigures(options.save, all);
      for (const line of renderDetails(series)) tell(series.violations.length > 0 ? pc.red(line) : line);
      if (interruption.signal.aborted) break;
    }
  };
  try {
    await alone(folder, chosen[0]!.name, work);
  } catch (error) {
    if (!interruption.signal.aborted) throw explained(error, lab);
    if (error instanceof DrillError) tell(`${pc.red("error:")} ${error.message}`);
    interrupted = true;
  } finally {
    interruption.unlisten();
  }
  if (all.length > 0) print(options.json ? JSON.stringify(all, undefined, 2) : renderTable(all));
  if (interrupted || interruption.signal.aborted) {
    tell("stopped; what was broken is made good");
    return INTERRUPTED;
  }
  return failed ? 1 : 0;
}

/** Makes good what an earlier drill has left, which was killed or could not, before another one takes it for the stack's fault. */
async function mend(lab: RunningLab, stack: string, narrator: Narrator): Promise<void> {
  const file = pendingFile(join(lab.files.folder, "drills"));
  const pending = readPending(file);
  if (!pending) return;
  const control = stackControl(lab, pending.stack, narrator.display);
  const deploy = () => control.up(() => undefined, ["--refresh"]);
  const say = (line: string) => narrator.say(line);
  const problems = await repairPending(file, { world: labWorld(lab, pending.stack), deploy, say });
  if (problems.length === 0) return;
  throw new DrillError(
    `not all that the drill ${pending.drill} broke can be made good: ${problems.join("; ")}. Bring the stack ${stack} back in order, then delete ${file}`,
  );
}

/** What fetch throws when nobody listens says nothing to people. */
function explained(error: unknown, lab: RunningLab): unknown {
  if (error instanceof DrillError) return new CommandError(error.message);
  if (!(error instanceof TypeError) || error.message !== "fetch failed") return error;
  return new CommandError(`the lab ${lab.name} does not answer any more: its log is ${lab.files.log}`);
}

/** A drill that cannot be run to its end has failed; the next ones are tried all the same. */
async function runSeries(
  drill: Drill,
  repeat: number,
  environment: DrillEnvironment,
  narrator: Narrator,
): Promise<Series> {
  const runs: DrillResult[] = [];
  const broken: string[] = [];
  for (let i = 1; i <= repeat && !environment.signal.aborted; i++) {
    narrator.heading(`${drill.name}${repeat > 1 ? ` ${i} of ${repeat}` : ""}: ${drill.title}`);
    try {
      const result = await narrator.during(() => runDrill(drill, environment));
      runs.push(result);
      narrator.say(
        result.violations.length === 0 ? pc.green("passed") : pc.red(`failed: ${result.violations.join("; ")}`),
      );
    } catch (error) {
      if (environment.signal.aborted || !(error instanceof DrillError)) throw error;
      narrator.say(pc.red(`could not be run to its end: ${error.message}`));
      broken.push(error.message);
    }
  }
  const series = judgeSeries(drill, runs);
  return { ...series, violations: [...series.violations, ...broken.map((why) => `not run to its end: ${why}`)] };
}
