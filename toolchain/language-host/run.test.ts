import path from "node:path";
import { expect, test } from "vitest";
import { type PluginRun, type ProgramRun, pluginCommand, programCommand, runResult, start, stop } from "./run.ts";

const root = path.resolve(import.meta.dirname, "..", "..");

const program: ProgramRun = {
  programDirectory: path.join(root, "stacks"),
  rootDirectory: root,
  entryPoint: "main.ts",
  pwd: path.join(root, "stacks"),
  args: [],
  options: { typescript: false, nodeargs: "--max-old-space-size=4096  --trace-warnings" },
  engine: "127.0.0.1:1",
  monitor: "127.0.0.1:2",
  organization: "organization",
  project: "sovereign",
  stack: "dev",
  config: { "sovereign:a": "1" },
  configSecretKeys: ["hcloud:token"],
  dryRun: true,
  parallel: 16,
};

test("a program is started with what the engine says, its config in the environment and not in the arguments", () => {
  const command = programCommand(program);
  const entry = path.join(root, "node_modules", "@pulumi", "pulumi", "cmd", "run", "index.js");
  expect(command.args).toEqual([
    "--max-old-space-size=4096",
    "--trace-warnings",
    entry,
    "--monitor=127.0.0.1:2",
    "--engine=127.0.0.1:1",
    "--organization=organization",
    "--project=sovereign",
    `--root-directory=${root}`,
    "--stack=dev",
    `--pwd=${path.join(root, "stacks")}`,
    "--parallel=16",
    "--dry-run",
    "main.ts",
  ]);
  expect(command.env.PULUMI_CONFIG).toBe('{"sovereign:a":"1"}');
  expect(command.env.PULUMI_CONFIG_SECRET_KEYS).toBe('["hcloud:token"]');
  expect(command.env.PULUMI_NODEJS_TYPESCRIPT).toBeUndefined();
});

test("an update has no --dry-run, a program without options has the SDK's TypeScript", () => {
  const command = programCommand({ ...program, dryRun: false, options: {}, entryPoint: "" });
  expect(command.args).not.toContain("--dry-run");
  expect(command.args.at(-1)).toBe(".");
  expect(command.env.PULUMI_NODEJS_TYPESCRIPT).toBe("true");
});

test("a program without the SDK is told what to do", () => {
  expect(() => programCommand({ ...program, programDirectory: "/" })).toThrow(
    '@pulumi/pulumi is not installed in / or above it: run "npm ci" there first',
  );
});

test("a policy pack gets the engine's address first, another plugin its own folder", () => {
  const plugin: PluginRun = {
    kind: "analyzer",
    programDirectory: root,
    pwd: "/",
    args: ["127.0.0.1:1"],
    env: ["A=b=c", "EMPTY="],
    options: {},
  };
  const policy = pluginCommand(plugin);
  expect(policy.args.slice(1)).toEqual(["127.0.0.1:1", root]);
  expect(policy.args[0]).toContain("run-policy-pack");
  expect(policy.env).toEqual({ A: "b=c", EMPTY: "" });
  const provider = pluginCommand({ ...plugin, kind: "resource" });
  expect(provider.args.slice(1)).toEqual([root, "127.0.0.1:1"]);
  expect(provider.args[0]).toContain("run-plugin");
});

test("a policy pack works in its own folder, where its version is looked for; without ts-node when it says so", () => {
  const pack = path.join(root, "policies", "sovereignty");
  const plugin = { kind: "analyzer", programDirectory: pack, pwd: "/", args: ["127.0.0.1:1"], env: [], options: {} };
  expect(pluginCommand(plugin).cwd).toBe(pack);
  expect(pluginCommand({ ...plugin, kind: "resource" }).cwd).toBe("/");
  const stripped = pluginCommand({ ...plugin, options: { typescript: false } });
  expect(stripped.args).toEqual([
    "--disable-warning=ExperimentalWarning",
    path.join(import.meta.dirname, "policy-pack.ts"),
    "127.0.0.1:1",
    pack,
  ]);
});

test("how a program ended is told once: by the program, or by the host", () => {
  expect(runResult(0, null)).toEqual({ error: "", bail: false });
  expect(runResult(32, null)).toEqual({ error: "", bail: true });
  expect(runResult(1, null)).toEqual({ error: "program exited with code 1", bail: false });
  expect(runResult(null, "SIGTERM")).toEqual({ error: "program ended by SIGTERM", bail: false });
});

test("a child that is stopped ends", async () => {
  const command = { file: process.execPath, args: ["-e", "setInterval(() => {}, 1000)"], cwd: "/", env: process.env };
  const child = start(command, "pipe");
  const ended = new Promise((resolve) => child.once("close", (_code, signal) => resolve(signal)));
  stop(child);
  await expect(ended).resolves.toBe("SIGTERM");
});
