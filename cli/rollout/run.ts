/** `sovereign rollout`: puts together the engine, the way into machines and what a terminal shows. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { confirm, isCancel } from "@clack/prompts";
import pc from "picocolors";
import lockfile from "proper-lockfile";
import { findLab, listLabs, type RunningLab } from "../../lab/session/session.ts";
import { ensureToolchain } from "../../toolchain/ensure.ts";
import { recover } from "../demo/recover.ts";
import { labEnvironment } from "../environment.ts";
import { createDisplay, type Display, duration } from "../lab/display.ts";
import { type EngineContext, Interruption } from "../lab/engine.ts";
import { CommandError, print, ReportedError } from "../output.ts";
import { engine } from "../preview/stream.ts";
import { projectRoot, shownPath, stackConfigFile } from "../project.ts";
import { requireLab } from "../require-lab.ts";
import { ConfigFile } from "./config-file.ts";
import { RolloutError } from "./errors.ts";
import { labWay } from "./lab-way.ts";
import type { Part, PartContext } from "./part.ts";
import { plainPart } from "./plain.ts";
import { postgresPart } from "./postgres.ts";
import { redisPart } from "./redis.ts";
import { type Outcome, Rollout, remaining, type Situation } from "./rollout.ts";
import { sshWay } from "./ssh.ts";
import { EngineStack } from "./stack.ts";
import type { RolloutRole } from "./state.ts";
import { renderPlan, renderStanding } from "./text.ts";
import type { Way } from "./way.ts";

const INTERRUPTED = 130;

export interface RolloutOptions {
  readonly role: RolloutRole;
  readonly stack: string;
  /** Name of the lab that the stack is in; undefined: a real deployment, or the lab that HCLOUD_ENDPOINT leads to. */
  readonly lab?: string | undefined;
  /** The stack's configuration. @default the project's file for the stack */
  readonly configFile?: string | undefined;
  readonly dryRun: boolean;
  readonly yes: boolean;
  /** Minutes that machines get to work again after one was made anew. */
  readonly patience: number;
  /** Hours; undefined: backups are not looked at. */
  readonly maxBackupHours: number | undefined;
  readonly acceptNewHostKeys: boolean;
  readonly identity?: string | undefined;
  /** How to go on: the command line without what is asked for once only. */
  readonly again: string;
}

/** Where the stack is, and how its machines are reached. */
export interface Surroundings {
  readonly context: (interruption: Interruption) => EngineContext;
  readonly way: Way;
  readonly isLab: boolean;
  /** Makes good what a killed run left, before anything else. */
  readonly recover: (display: Display) => Promise<void>;
}

export function partOf(role: RolloutRole, context: PartContext): Part {
  switch (role) {
    case "postgres":
      return postgresPart(context);
    case "redis":
      return redisPart(context);
    case "etcd":
    case "monitoring":
    case "gateway":
      return plainPart(role, context);
  }
}

/** The lab that is meant: the named one, or the one that the environment's endpoint belongs to. */
async function labOf({ lab }: RolloutOptions, env: NodeJS.ProcessEnv): Promise<RunningLab | undefined> {
  if (lab !== undefined) return requireLab(lab);
  if (!env.HCLOUD_ENDPOINT) return undefined;
  const labs = await Promise.all(listLabs(projectRoot).map((name) => findLab({ project: projectRoot, name })));
  return labs.find((found) => found?.endpoint === env.HCLOUD_ENDPOINT);
}

export async function surroundingsOf(options: RolloutOptions, display: Display): Promise<Surroundings> {
  const { stack } = options;
  const lab = await labOf(options, process.env);
  if (!lab) {
    const toolchain = {
      pulumi: engine(process.env, projectRoot),
      pulumiHome: "",
      network: "open",
      reason: "",
      env: {},
    } as const;
    return {
      context: (interruption) => ({ toolchain, env: process.env, cwd: projectRoot, stack, interruption }),
      way: sshWay({ ...options }),
      isLab: false,
      recover: async () => undefined,
    };
  }
  if (process.getuid?.() !== 0)
    throw new CommandError(
      `the machines of the lab ${lab.name} are entered by root alone: run this with sudo, and --lab ${lab.name}`,
      2,
    );
  const toolchain = await ensureToolchain({ onProgress: (line) => display.say(pc.dim(line)) });
  const env = labEnvironment(lab, toolchain);
  const context = (interruption: Interruption) => ({ toolchain, env, cwd: projectRoot, stack, interruption });
  return {
    context,
    way: labWay(lab),
    isLab: true,
    recover: (shown) => recover(context(new Interruption()), lab, shown),
  };
}

/** @returns the exit code */
export async function runRollout(options: RolloutOptions): Promise<number> {
  const config = new ConfigFile(options.configFile ?? stackConfigFile(options.stack));
  if (!existsSync(config.path))
    throw new CommandError(`there is no ${shownPath(config.path)}: which stack is meant?`, 2);
  const display = createDisplay();
  const surroundings = await surroundingsOf(options, display);
  const release = await onlyOne(config.path);
  const salted = /^encryptionsalt:/m.test(config.text());
  try {
    return await rollOut(options, config, surroundings, display);
  } finally {
    if (!salted && surroundings.isLab) dropSalt(config.path);
    await release().catch(() => undefined);
  }
}

/** Two at once would undo each other's changes of the file. A run that was killed is noticed after some seconds. */
async function onlyOne(file: string): Promise<() => Promise<void>> {
  try {
    // Losing it, on a machine that stood still, is no reason to end in the middle.
    return await lockfile.lock(file, { stale: 30_000, onCompromised: () => undefined });
  } catch (error) {
    if ((error as { code?: string }).code !== "ELOCKED") throw error;
    throw new CommandError(
      `another rollout is at work on ${shownPath(file)}: wait for it (one that was killed is forgotten after 30 s)`,
    );
  }
}

/** The engine's note of a lab's passphrase is none of the file's that people share. */
function dropSalt(file: string): void {
  const text = readFileSync(file, "utf8");
  const without = text.replace(/^encryptionsalt:.*\n?/m, "");
  if (without !== text) writeFileSync(file, without);
}

/** One engine after another, each under the Ctrl-C of its time. */
export async function rollOut(
  options: RolloutOptions,
  config: ConfigFile,
  { context, way, recover }: Surroundings,
  display: Display,
  overrides: { readonly part?: Part; readonly pause?: (seconds: number) => Promise<void> } = {},
): Promise<number> {
  const { role } = options;
  let interruption = new Interruption();
  interruption.listen();
  const begin = Date.now();
  const say = (line: string) => display.say(`  ${pc.dim(duration(Date.now() - begin).padStart(12))}  ${line}`);
  try {
    await recover(display);
    const { isZeroLoss } = config.read("postgres");
    const part = overrides.part ?? partOf(role, { way, isZeroLoss, maxBackupHours: options.maxBackupHours });
    const stack = new EngineStack({ context: () => context(interruption), config, role, display });
    const { signal } = interruption;
    const rollout = new Rollout({
      stack,
      part,
      signal,
      say,
      isNew: way.isNew,
      pause: overrides.pause ?? ((seconds) => sleep(seconds * 1000, undefined, { signal })),
      now: Date.now,
      during: display.during,
      patience: options.patience * 60,
    });
    const situation = await looked(rollout, signal);
    if (!situation) {
      display.say("stopped by Ctrl-C: nothing was changed");
      return INTERRUPTED;
    }
    if (situation.hosts.length === 0)
      throw new CommandError(`${options.stack} has no machines of the role ${role}: is it deployed?`);
    const plan = renderPlan(options.stack, role, part, situation);
    if (nothingToDo(situation)) {
      print(
        plan === ""
          ? `${role} of ${options.stack}: all machines are as configured`
          : `${role} of ${options.stack}: all machines are as configured\n${plan}`,
      );
      return 0;
    }
    print(plan);
    if (options.dryRun) return 0;
    if (!(await agreed(options))) {
      display.say("nothing was changed");
      return 1;
    }
    const outcome = await rollout.run();
    if (outcome.kind !== "done") {
      interruption.unlisten();
      interruption = new Interruption();
      interruption.listen();
      if (outcome.kind === "interrupted") say("stopping: protections are put back; Ctrl-C again to leave at once");
    }
    return await ended(rollout, outcome, options, situation, display);
  } finally {
    interruption.unlisten();
  }
}

/** For drills: without questions, and never told of Ctrl-C. @returns why it stopped; undefined when it is through */
export async function rollOutWithout({
  context,
  role,
  config,
  way,
  display,
}: {
  readonly context: EngineContext;
  readonly role: RolloutRole;
  readonly config: ConfigFile;
  readonly way: Way;
  readonly display: Display;
}): Promise<string | undefined> {
  const { isZeroLoss } = config.read("postgres");
  const rollout = new Rollout({
    stack: new EngineStack({ context: () => context, config, role, display }),
    part: partOf(role, { way, isZeroLoss, maxBackupHours: undefined }),
    signal: new AbortController().signal,
    say: display.say,
    isNew: way.isNew,
    pause: (seconds) => sleep(seconds * 1000),
    now: Date.now,
    during: (_, work) => work(),
    patience: 300,
  });
  const outcome = await rollout.run();
  if (outcome.kind === "done") return undefined;
  await rollout.settle();
  return outcome.kind === "stopped" ? outcome.why : "interrupted";
}

/** The situation, or undefined after Ctrl-C. */
async function looked(rollout: Rollout, signal: AbortSignal): Promise<Situation | undefined> {
  try {
    return await rollout.look();
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error instanceof RolloutError ? new CommandError(error.message) : error;
  }
}

const nothingToDo = (situation: Situation): boolean =>
  remaining(situation).length === 0 && situation.facts.every((host) => !host.isOpen);

async function agreed({ yes }: RolloutOptions): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new CommandError("nothing is changed without a yes: run this in a terminal, or with --yes", 2);
  const answer = await confirm({ message: "Roll out?", initialValue: false, output: process.stderr });
  return !isCancel(answer) && answer;
}

async function ended(
  rollout: Rollout,
  outcome: Outcome,
  { role, stack, again }: RolloutOptions,
  before: Situation,
  display: Display,
): Promise<number> {
  if (outcome.kind === "done") {
    print(`${pc.green("✓")} ${role} of ${stack}: all ${before.hosts.length} machines are as configured, and protected`);
    return 0;
  }
  const why = outcome.kind === "stopped" ? outcome.why : "stopped by Ctrl-C";
  let standing: string;
  try {
    const unsettled = await rollout.settle();
    const { facts } = await rollout.standing();
    standing = renderStanding({ facts }, unsettled, remaining({ facts }), again);
  } catch (error) {
    if (!(error instanceof RolloutError) && !(error instanceof CommandError)) throw error;
    standing = `protections could not be put back: ${error.message}\nTo go on from here: ${again}`;
  }
  if (outcome.kind === "stopped") throw new ReportedError(`${pc.red("stopped:")} ${why}\n${standing}`);
  display.say(`${why}\n${standing}`);
  return INTERRUPTED;
}
