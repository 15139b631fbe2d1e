/** How a program, a policy pack or a plugin written for Node is started. */
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { pinnedNode } from "./packages.ts";

/** The exit code by which a program says that it has told the user what went wrong. */
const ALREADY_REPORTED = 32;

/** A command line for Node. */
export interface Command {
  file: string;
  args: string[];
  cwd: string;
  env: Record<string, string | undefined>;
}

/** The options of the project's runtime that matter here. */
export interface RuntimeOptions {
  typescript?: boolean;
  nodeargs?: string;
}

/** What the engine asks to be run. */
export interface ProgramRun {
  programDirectory: string;
  rootDirectory: string;
  entryPoint: string;
  pwd: string;
  args: string[];
  options: RuntimeOptions;
  engine: string;
  monitor: string;
  organization: string;
  project: string;
  stack: string;
  config: Record<string, string>;
  configSecretKeys: string[];
  dryRun: boolean;
  parallel: number;
}

function nodeArgs(options: RuntimeOptions): string[] {
  return options.nodeargs?.split(/\s+/).filter(Boolean) ?? [];
}

/** @throws when @pulumi/pulumi is not installed where the program is. */
function sdkEntry(folder: string, entry: string): string {
  try {
    return createRequire(path.join(folder, "program.js")).resolve(`@pulumi/pulumi/cmd/${entry}`);
  } catch {
    throw new Error(`@pulumi/pulumi is not installed in ${folder} or above it: run "npm ci" there first`);
  }
}

/** The command that runs a Pulumi program. */
export function programCommand(run: ProgramRun): Command {
  const flags: Record<string, string> = {
    monitor: run.monitor,
    engine: run.engine,
    organization: run.organization,
    project: run.project,
    "root-directory": run.rootDirectory,
    stack: run.stack,
    pwd: run.pwd,
    parallel: String(run.parallel),
  };
  return {
    file: pinnedNode(run.programDirectory),
    args: [
      ...nodeArgs(run.options),
      sdkEntry(run.programDirectory, "run"),
      ...Object.entries(flags).flatMap(([name, value]) => (value ? [`--${name}=${value}`] : [])),
      ...(run.dryRun ? ["--dry-run"] : []),
      run.entryPoint || ".",
      ...run.args,
    ],
    cwd: run.programDirectory,
    env: {
      ...process.env,
      PULUMI_CONFIG: JSON.stringify(run.config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(run.configSecretKeys),
      PULUMI_NODEJS_TYPESCRIPT: run.options.typescript === false ? undefined : "true",
    },
  };
}

/** What the engine asks to be run as a plugin: a policy pack (kind `analyzer`) or a provider. */
export interface PluginRun {
  kind: string;
  programDirectory: string;
  pwd: string;
  args: string[];
  env: string[];
  options: RuntimeOptions;
}

/** The command that runs a policy pack or a provider written for Node. */
export function pluginCommand(run: PluginRun): Command {
  const own = nodeArgs(run.options);
  const isPack = run.kind === "analyzer";
  const args = isPack
    ? [...packEntry(run), ...run.args, run.programDirectory]
    : [sdkEntry(run.programDirectory, "run-plugin"), run.programDirectory, ...run.args];
  return {
    file: pinnedNode(run.programDirectory),
    args: [...own, ...args],
    // A pack looks for its own package.json in the folder it works in; the engine names the project's.
    cwd: isPack ? run.programDirectory : run.pwd || run.programDirectory,
    env: Object.fromEntries(run.env.map((entry) => split(entry))),
  };
}

/** `typescript: false` in PulumiPolicy.yaml is what it is in Pulumi.yaml: no ts-node. */
function packEntry(run: PluginRun): string[] {
  const sdk = sdkEntry(run.programDirectory, "run-policy-pack");
  if (run.options.typescript !== false) return [sdk];
  return ["--disable-warning=ExperimentalWarning", path.join(import.meta.dirname, "policy-pack.ts")];
}

function split(entry: string): [string, string] {
  const at = entry.indexOf("=");
  return [entry.slice(0, at), entry.slice(at + 1)];
}

/** How a program ended: nothing to say, something for the engine to say, or nothing more to say. */
export function runResult(code: number | null, signal: string | null): { error: string; bail: boolean } {
  if (code === 0) return { error: "", bail: false };
  if (code === ALREADY_REPORTED) return { error: "", bail: true };
  return { error: signal ? `program ended by ${signal}` : `program exited with code ${code}`, bail: false };
}

const running = new Set<ChildProcess>();

/** Starts a command and keeps it in the list of what {@link stopAll} ends. */
export function start(command: Command, stdio: "inherit" | "pipe"): ChildProcess {
  const { file, args, cwd, env } = command;
  const child = spawn(file, args, { cwd, env, stdio: ["ignore", stdio, stdio] });
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

/** Asks a child to end, and insists after 5 seconds. */
export function stop(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const insist = setTimeout(() => child.kill("SIGKILL"), 5_000);
  insist.unref();
  child.once("close", () => clearTimeout(insist));
}

/** Ends everything that was started here. */
export function stopAll(): void {
  for (const child of running) stop(child);
}
