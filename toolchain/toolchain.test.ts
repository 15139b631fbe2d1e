/** The real engine and plugins, brought as on any machine, on a small program: slow only where nothing is built yet. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { childEnv, ensureToolchain, type Toolchain } from "./ensure.ts";
import { initStack } from "./stack.ts";
import { projectRoot } from "./versions.ts";

const MINUTE = 60_000;
const CONFIG = 'config:\n  # kept as it is\n  probe:length: "3"\n';

let folder: string;
let toolchain: Toolchain;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  toolchain = await ensureToolchain();
  folder = mkdtempSync(path.join(os.tmpdir(), "toolchain-"));
  env = {
    ...process.env,
    PULUMI_BACKEND_URL: `file://${path.join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "probe",
  };
  for (const name of ["state", "policies", "typed-policies", "config"]) mkdirSync(path.join(folder, name));
  symlinkSync(path.join(projectRoot, "node_modules"), path.join(folder, "node_modules"));
  const files = {
    "package.json": '{ "type": "module" }',
    "Pulumi.yaml":
      "name: probe\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: main.ts\nstackConfigDir: config\n",
    "config/Pulumi.dev.yaml": CONFIG,
    "main.ts": PROGRAM,
    "policies/package.json": '{ "main": "index.js" }',
    "policies/PulumiPolicy.yaml": "runtime: nodejs\n",
    "policies/index.js": POLICIES,
    "typed-policies/package.json": '{ "type": "module", "main": "index.ts", "version": "1.2.3" }',
    "typed-policies/PulumiPolicy.yaml": "runtime:\n  name: nodejs\n  options:\n    typescript: false\n",
    "typed-policies/index.ts": 'import "./pack.ts";\n',
    "typed-policies/pack.ts": TYPED_POLICIES,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
}, 20 * MINUTE);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
const length: number = new pulumi.Config().requireNumber("length");
if (process.env.PROBE_FAULT) throw new Error("the program's own fault");
export const pet = new random.RandomPet("pet", { length }).id;
export const password = new random.RandomPassword("password", { length: 20 }).result;
console.log("Node " + process.versions.node);
`;

/** A policy pack by the bare protocol: the SDK for packs is no dependency of this project. */
const POLICIES = `
const { createRequire } = require("node:module");
const sdk = createRequire(require.resolve("@pulumi/pulumi/package.json"));
const grpc = sdk("@grpc/grpc-js");
const { AnalyzerService } = sdk("./proto/analyzer_grpc_pb.js");
const analyzer = sdk("./proto/analyzer_pb.js");
const { PluginInfo } = sdk("./proto/plugin_pb.js");
const { Empty } = sdk("google-protobuf/google/protobuf/empty_pb.js");
const answer = (make) => (call, reply) => reply(null, make(call.request));
const server = new grpc.Server();
server.addService(AnalyzerService, {
  handshake: answer(() => new analyzer.AnalyzerHandshakeResponse()),
  configureStack: answer(() => new analyzer.AnalyzerStackConfigureResponse()),
  configure: answer(() => new Empty()),
  getPluginInfo: answer(() => new PluginInfo()),
  getAnalyzerInfo: answer(() => new analyzer.AnalyzerInfo().setName("probe")),
  analyze: answer((request) => {
    const response = new analyzer.AnalyzeResponse();
    if (request.getType() !== "random:index/randomPet:RandomPet") return response;
    const finding = new analyzer.AnalyzeDiagnostic();
    finding.setPolicyname("no-pets");
    finding.setPolicypackname("probe");
    finding.setMessage("pets are not allowed");
    finding.setEnforcementlevel(analyzer.EnforcementLevel.MANDATORY);
    response.setDiagnosticsList([finding]);
    return response;
  }),
  analyzeStack: answer(() => new analyzer.AnalyzeResponse()),
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
`;

/** In TypeScript that Node strips, in more than one file. */
const TYPED_POLICIES = `
import { PolicyPack, type ReportViolation, type ResourceValidationArgs } from "@pulumi/policy";
function validateResource(args: ResourceValidationArgs, report: ReportViolation): void {
  if (args.type.includes("RandomPet")) report("pets of length " + args.props.length);
}
new PolicyPack("typed", {
  policies: [{ name: "no-pets", description: "No pets", enforcementLevel: "mandatory", validateResource }],
});
`;

const pulumi = (args: string[], extra: NodeJS.ProcessEnv = {}) =>
  execa(toolchain.pulumi, [...args, "--stack", "dev", "--non-interactive", "--color", "never"], {
    cwd: folder,
    env: { ...childEnv(toolchain, env), ...extra },
    extendEnv: false,
    reject: false,
  });

const config = () => readFileSync(path.join(folder, "config", "Pulumi.dev.yaml"), "utf8");

test(
  "a program comes up, changes nothing the second time, and leaves its committed config as it is",
  async () => {
    await expect(initStack(toolchain, "dev", { env, cwd: folder })).resolves.toBe(true);
    const withSalt = config();
    expect(withSalt.startsWith(CONFIG)).toBe(true);
    expect(withSalt.slice(CONFIG.length)).toMatch(/^encryptionsalt: \S+\n$/);
    await expect(initStack(toolchain, "dev", { env, cwd: folder })).resolves.toBe(false);

    const up = await pulumi(["up", "--yes", "--skip-preview"]);
    expect(up.stdout).toContain("3 created");
    expect(up.stdout).toContain(`Node ${process.versions.node}`);
    const outputs = JSON.parse((await pulumi(["stack", "output", "--json"])).stdout);
    expect(outputs).toMatchObject({ pet: expect.stringMatching(/^\w+-\w+-\w+$/), password: "[secret]" });

    const preview = await pulumi(["preview", "--expect-no-changes"]);
    expect(preview.exitCode).toBe(0);
    expect(preview.stdout).toContain("3 unchanged");
    expect(config()).toBe(withSalt);
  },
  2 * MINUTE,
);

test(
  "another state's stack with the committed salt leaves the config untouched; a wrong passphrase is named",
  async () => {
    const before = config();
    mkdirSync(path.join(folder, "other"));
    const other = { ...env, PULUMI_BACKEND_URL: `file://${path.join(folder, "other")}` };
    const wrong = initStack(toolchain, "dev", { env: { ...other, PULUMI_CONFIG_PASSPHRASE: "not it" }, cwd: folder });
    await expect(wrong).rejects.toThrow('PULUMI_CONFIG_PASSPHRASE is not the passphrase that the "encryptionsalt"');
    await expect(initStack(toolchain, "dev", { env: other, cwd: folder })).resolves.toBe(true);
    expect(config()).toBe(before);
  },
  MINUTE,
);

test(
  "a password is in the state in no readable form",
  async () => {
    const shown = await pulumi(["stack", "output", "password", "--show-secrets"]);
    const state = await pulumi(["stack", "export"]);
    expect(shown.stdout).toHaveLength(20);
    expect(state.stdout).toContain("random:index/randomPassword:RandomPassword");
    expect(state.stdout).not.toContain(JSON.stringify(shown.stdout).slice(1, -1));
  },
  MINUTE,
);

test(
  "a program's fault is shown once and fails the run",
  async () => {
    const preview = await pulumi(["preview"], { PROBE_FAULT: "yes" });
    expect(preview.exitCode).not.toBe(0);
    expect(`${preview.stdout}${preview.stderr}`.match(/Error: the program's own fault/g)).toHaveLength(1);
  },
  MINUTE,
);

test(
  "a policy pack runs, and a mandatory finding fails the preview",
  async () => {
    const preview = await pulumi(["preview", "--policy-pack", path.join(folder, "policies")]);
    expect(preview.stdout).toContain("pets are not allowed");
    expect(preview.exitCode).not.toBe(0);
  },
  MINUTE,
);

test(
  "a policy pack of TypeScript files runs as it is, beside another one",
  async () => {
    const packs = ["policies", "typed-policies"].flatMap((name) => ["--policy-pack", path.join(folder, name)]);
    const preview = await pulumi(["preview", ...packs]);
    expect(preview.stdout).toContain("typed@v1.2.3");
    expect(preview.stdout).toContain("pets of length 3");
    expect(preview.stdout).toContain("pets are not allowed");
    expect(preview.exitCode).not.toBe(0);
  },
  MINUTE,
);
