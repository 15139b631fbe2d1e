/** A project that people made without us is read, imported and looked at: nothing of it changes. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labEnvironment } from "../../cli/environment.ts";
import { type EngineResult, Interruption, runEngine } from "../../cli/lab/engine.ts";
import { projectRoot } from "../../cli/project.ts";
import { labApi } from "../../lab/session/client.ts";
import { type RunningLab, startLab, stopLab } from "../../lab/session/session.ts";
import { ensureToolchain, type Toolchain } from "../../toolchain/ensure.ts";
import { initStack } from "../../toolchain/stack.ts";
import { LONG } from "./harness.ts";

const program = join(import.meta.dirname, "adopt");

let folder: string;
let lab: RunningLab;
let toolchain: Toolchain;
let env: NodeJS.ProcessEnv;

async function newStack(stack: string): Promise<void> {
  const aside = join(folder, "project");
  mkdirSync(aside, { recursive: true });
  writeFileSync(join(aside, "Pulumi.yaml"), readFileSync(join(program, "Pulumi.yaml")));
  await initStack(toolchain, stack, { env, cwd: aside });
}

function pulumi(stack: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<EngineResult> {
  const context = { toolchain, env: { ...env, ...more }, cwd: program, stack, interruption: new Interruption() };
  const config = join(folder, `Pulumi.${stack}.yaml`);
  return runEngine(context, [...args, ...(args[0] === "stack" ? [] : ["--config-file", config])]);
}

async function succeeds(stack: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await pulumi(stack, args, more);
  expect({ exitCode, said: exitCode === 0 ? "" : stdout + stderr }).toEqual({ exitCode: 0, said: "" });
  return stdout;
}

/** What a preview or refresh would do, by the kind of change. */
async function changes(stack: string, args: readonly string[], more: NodeJS.ProcessEnv = {}) {
  return (JSON.parse(await succeeds(stack, [...args, "--json"], more)) as { changeSummary: object }).changeSummary;
}

const importing = (file: string) => ["import", "--file", file, "--protect", "--generate-code=false", "--yes"];

const sovereign = (args: readonly string[]): string =>
  execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", "cli/main.ts", ...args], {
    cwd: projectRoot,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });

interface Entry {
  type: string;
  name: string;
}

/** The resources at the provider that a stack's program states, as `type::name`. */
async function urns(stack: string): Promise<Set<string>> {
  const { deployment } = JSON.parse(await succeeds(stack, ["stack", "export"])) as {
    deployment: { resources: { urn: string; type: string }[] };
  };
  const own = deployment.resources.filter(({ type }) => type.startsWith("hcloud:"));
  return new Set(own.map(({ urn, type }) => `${type}::${urn.slice(urn.lastIndexOf("::") + 2)}`));
}

/** Everything that the API shows of the project, without what time alone changes. */
async function everything(): Promise<unknown[]> {
  const api = labApi(lab);
  const lists = ["servers", "volumes", "networks", "firewalls", "load_balancers", "primary_ips", "floating_ips"];
  const more = ["ssh_keys", "placement_groups", "images", "zones"];
  return Promise.all([...lists, ...more].map((list) => api("GET", `/${list}?per_page=50`)));
}

beforeAll(async () => {
  toolchain = await ensureToolchain();
  folder = mkdtempSync(join(tmpdir(), "sovereign-adopt-"));
  ({ lab } = await startLab({ project: folder, port: 0, actionDuration: 0 }));
  env = labEnvironment(lab, toolchain);
  await newStack("existing");
  await succeeds("existing", ["up", "--yes", "--skip-preview"]);
}, LONG);

afterAll(async () => {
  if (!folder) return;
  await stopLab({ project: folder });
  rmSync(folder, { recursive: true, force: true });
}, LONG);

describe("a project that exists already", { timeout: LONG }, () => {
  it("is imported as a whole, and a program of what was imported has nothing to change", async () => {
    const before = await everything();
    const file = join(folder, "import.json");
    const said = sovereign(["adopt", "--output", file]);
    expect(said).not.toContain(lab.secrets.token);
    expect(readFileSync(file, "utf8")).not.toContain(lab.secrets.token);
    const { resources } = JSON.parse(readFileSync(file, "utf8")) as { resources: unknown[] };

    await newStack("adopted");
    const imported = await succeeds("adopted", importing(file));
    expect(imported).not.toMatch(/warning|error/);
    expect(await changes("adopted", ["refresh", "--preview-only"])).toEqual({ same: resources.length + 1 });

    const state = join(folder, "state.json");
    writeFileSync(state, await succeeds("adopted", ["stack", "export"]));
    const restated = await changes("adopted", ["preview"], { ADOPT_STATE: state });
    expect(restated).toEqual({ same: resources.length + 1 });
    expect(await everything()).toEqual(before);
  });

  it("is taken over by the program that its people have: not one resource changes", async () => {
    // What the program does not state stays out: the addresses and name server records made along with the rest.
    const stated = await urns("existing");
    const { resources } = JSON.parse(readFileSync(join(folder, "import.json"), "utf8")) as { resources: Entry[] };
    const kept = resources.filter(({ type, name }) => stated.has(`${type}::${name}`));
    expect(kept).toHaveLength(stated.size);
    const file = join(folder, "kept.json");
    writeFileSync(file, JSON.stringify({ resources: kept }));
    await newStack("taken-over");
    await succeeds("taken-over", importing(file));
    // All of them are protected, which the program does not ask for: that is no change of a resource.
    expect(await changes("taken-over", ["preview"])).toEqual({ same: kept.length + 1 });
  });

  it("is read anew only if asked, and never over another file", () => {
    const file = join(folder, "import.json");
    const before = readFileSync(file, "utf8");
    expect(() => sovereign(["adopt", "--output", file, "--kind", "ssh-key"])).toThrow(/exists already/);
    expect(readFileSync(file, "utf8")).toBe(before);
  });
});
