import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { startLabApi } from "../lab/api/server.ts";
import { ensureToolchain, toolchainEnv } from "../toolchain/ensure.ts";
import { type Measure, median } from "./measure.ts";
import type { RecordedResource } from "./programs/raw.ts";

const root = join(import.meta.dirname, "..");
const sizes = [20, 100, 1000];
/** Few for the large one: it takes most of a minute each time. */
const pairs = (servers: number): number => (servers >= 1000 ? 3 : 5);

interface Program {
  /** Everything that a preview would make but components, in the order of registration. */
  record(env: Record<string, string>): Promise<readonly RecordedResource[]>;
  /** Seconds that a preview takes as people run it; packs may refuse what they see. */
  time(env: Record<string, string>, policyPacks?: readonly string[]): Promise<number>;
}

/**
 * Preview of N servers in an empty stack, by components as the stacks have them, and by the same resources written out flat in a
 * program as anybody would write it, taking turns. The limit is the project's promise on what components may cost. The stacks
 * turn off what makes stack traces slow (stacks/stack-traces.ts); what components cost without that is the last figure.
 */
export function run(): Promise<Measure[]> {
  return withLab(async (folder, env) => {
    const programs = { components: await program(folder, "components", env), raw: await program(folder, "raw", env) };
    const measures: Measure[] = [];
    for (const servers of sizes) measures.push(...(await compare(servers, folder, programs)));
    return measures;
  });
}

/** A folder, and the environment that leads the engine to a local cloud in it. */
export async function withLab<T>(work: (folder: string, env: Record<string, string>) => Promise<T>): Promise<T> {
  const toolchain = await ensureToolchain({ onProgress: (line) => process.stderr.write(`${line}\n`) });
  const folder = await mkdtemp(join(tmpdir(), "sovereign-bench-"));
  const token = "b".repeat(64);
  const lab = await startLabApi({ dataDir: join(folder, "lab"), token, port: 0 });
  try {
    return await work(folder, {
      ...toolchainEnv(toolchain),
      HCLOUD_ENDPOINT: lab.url,
      HCLOUD_TOKEN: token,
      PULUMI_CONFIG_PASSPHRASE: "bench",
    });
  } finally {
    await lab.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Step {
  readonly newState?: {
    readonly urn: string;
    readonly type: string;
    readonly custom: boolean;
    readonly inputs?: Record<string, unknown>;
    readonly propertyDependencies?: Record<string, string[]>;
  };
}

function recordedResources(steps: readonly Step[]): RecordedResource[] {
  return steps.flatMap(({ newState: state }): RecordedResource[] => {
    if (!state?.custom || state.type.startsWith("pulumi:providers:")) return [];
    const defaults = new Set((state.inputs?.__defaults as string[] | undefined) ?? []);
    const inputs = Object.entries(state.inputs ?? {}).filter(([key]) => key !== "__defaults" && !defaults.has(key));
    return [
      {
        urn: state.urn,
        type: state.type,
        name: state.urn.split("::").at(-1)!,
        inputs: Object.fromEntries(inputs),
        dependencies: state.propertyDependencies ?? {},
      },
    ];
  });
}

export async function program(folder: string, name: string, env: Record<string, string>): Promise<Program> {
  const cwd = join(folder, name);
  const state = join(folder, `${name}-state`);
  for (const made of [cwd, state]) await mkdir(made);
  await symlink(join(root, "node_modules"), join(cwd, "node_modules"));
  await writeFile(join(cwd, "package.json"), '{"type":"module"}');
  await writeFile(
    join(cwd, "main.ts"),
    `export { default } from ${JSON.stringify(join(root, "bench/programs", `${name}.ts`))};\n`,
  );
  await writeFile(
    join(cwd, "Pulumi.yaml"),
    "name: bench\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: main.ts\n",
  );
  const options = { cwd, preferLocal: true, localDir: root, env: { ...env, PULUMI_BACKEND_URL: `file://${state}` } };
  await execa("pulumi", ["stack", "init", "bench", "--non-interactive"], options);
  const preview = (own: Record<string, string>, ...flags: string[]) =>
    execa("pulumi", ["preview", "-s", "bench", "--non-interactive", ...flags], {
      ...options,
      env: { ...options.env, ...own },
      reject: false,
    });
  return {
    record: async (own) => recordedResources(JSON.parse((await preview(own, "--json")).stdout).steps),
    async time(own, policyPacks = []) {
      const start = performance.now();
      const { failed, stdout } = await preview(own, ...policyPacks.flatMap((pack) => ["--policy-pack", pack]));
      if (failed && !/\[mandatory\]/.test(stdout)) throw new Error(`the preview failed: ${stdout.slice(-2000)}`);
      return (performance.now() - start) / 1000;
    },
  };
}

async function compare(
  servers: number,
  folder: string,
  programs: { components: Program; raw: Program },
): Promise<Measure[]> {
  const env = { BENCH_SERVERS: String(servers), BENCH_RESOURCES: join(folder, `${servers}.json`) };
  process.stderr.write(`preview of ${servers} servers: recording\n`);
  const recorded = await programs.components.record(env);
  await writeFile(env.BENCH_RESOURCES, JSON.stringify(recorded));
  assertSame(recorded, await programs.raw.record(env));
  const ways: { readonly name: string; readonly seconds: number[]; readonly time: () => Promise<number> }[] = [
    { name: "components", seconds: [], time: () => programs.components.time(env) },
    { name: "raw resources", seconds: [], time: () => programs.raw.time(env) },
    {
      name: "raw resources with native stack traces",
      seconds: [],
      time: () => programs.raw.time({ ...env, BENCH_NATIVE_STACK_TRACES: "1" }),
    },
  ];
  for (let turn = 0; turn < pairs(servers); turn++) {
    process.stderr.write(`preview of ${servers} servers: turn ${turn + 1} of ${pairs(servers)}\n`);
    for (const way of turn % 2 ? ways.toReversed() : ways) way.seconds.push(await way.time());
  }
  const [components, raw, native] = ways.map((way) => way.seconds);
  const figures = ways.map(({ name, seconds }) => ({
    name: `preview of ${servers} servers, ${name}`,
    value: median(seconds),
    unit: "s",
    note: `median of ${seconds.length}`,
  }));
  return [
    ...figures,
    { ...ratio(components!, raw!), name: `preview of ${servers} servers, components to raw`, limit: 1.1 },
    { ...ratio(components!, native!), name: `preview of ${servers} servers, components to raw with native traces` },
  ];
}

/** Pair by pair. */
export function ratio(a: readonly number[], b: readonly number[]): Omit<Measure, "name"> {
  const ratios = a.map((seconds, i) => seconds / b[i]!);
  return { value: median(ratios), unit: "x", note: `pairs: ${ratios.map((r) => r.toFixed(2)).join(", ")}` };
}

function assertSame(a: readonly RecordedResource[], b: readonly RecordedResource[]): void {
  const names = (resources: readonly RecordedResource[]) =>
    JSON.stringify(resources.map((r) => `${r.type} ${r.name}`).sort());
  if (names(a) !== names(b)) throw new Error("the program without components does not make the same resources");
}
