/** The toolchain of a sealed network: built from Go modules, once, into the user's cache folder. */
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { contentKey, filesBelow, privateFolder } from "./cache.ts";
import { explainCacheFault, ToolchainCancelled, ToolchainError, throwIfCancelled } from "./errors.ts";
import { checkGo, type GoBuild, type GoOptions, goBuild } from "./go.ts";
import { launcher } from "./launcher.ts";
import { projectRoot, type Versions } from "./versions.ts";

const MODULE = "github.com/terraform-providers/terraform-provider-random/sovereign";
const VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

export const goSources = path.join(import.meta.dirname, "go");
const hostSources = path.join(import.meta.dirname, "language-host");
export const isGoSource = (file: string): boolean => /\.go$|^go\.(mod|sum)$/.test(path.basename(file));
const isHostSource = (file: string): boolean => file.endsWith(".ts") && !file.endsWith(".test.ts");

/** What is run to build: the real Go, or a test's stand-in. */
export interface Builder {
  check(module: string, required: string, options: GoOptions): Promise<void>;
  build(build: GoBuild, options: GoOptions): Promise<void>;
  /** Lets a plugin write its schema and metadata beside itself. */
  describe(plugin: string, options: GoOptions): Promise<void>;
}

/** Where a sealed toolchain's parts and homes are. The keys change with the sources, the versions and the machine. */
export interface SealedLayout {
  home: string;
  engine: string;
  plugins: string;
}

/** Works out the places in the cache for the sources in this clone: milliseconds, nothing is written. */
export function sealedLayout(cache: string, versions: Versions): SealedLayout {
  const machine = [process.platform, process.arch];
  const engine = contentKey(path.join(goSources, "engine"), [...machine, versions.pulumi], isGoSource);
  const plugins = contentKey(
    path.join(goSources, "plugins"),
    [...machine, versions.hcloud, versions.random],
    isGoSource,
  );
  const home = contentKey(hostSources, [engine, plugins, launcher("main.ts", "")], isHostSource);
  return {
    home: path.join(cache, "homes", home),
    engine: path.join(cache, "parts", `engine-${engine}`),
    plugins: path.join(cache, "parts", `plugins-${plugins}`),
  };
}

/**
 * Builds what is missing and puts the home together. Only whole parts ever appear under their names, so that an
 * interruption costs no more than the part it hit. The caller holds the cache's lock.
 * @throws ToolchainError saying what is missing and what to do.
 */
export async function buildSealed(
  layout: SealedLayout,
  versions: Versions,
  options: GoOptions,
  builder: Builder = realBuilder,
): Promise<void> {
  if (process.platform === "win32") {
    throw new ToolchainError("On a sealed network the toolchain is built on Linux and macOS only: use WSL.");
  }
  try {
    await part(layout.engine, options, builder, (target) => engineBuild(target, versions));
    await part(layout.plugins, options, builder, (target) => pluginsBuild(target, versions), describePlugins);
    throwIfCancelled(options.signal);
    whole(layout.home, (target) => compose(target, layout, versions));
  } catch (error) {
    throw explainCacheFault(error, path.dirname(path.dirname(layout.home)));
  }
}

function engineBuild(output: string, versions: Versions): GoBuild {
  return {
    what: `the Pulumi engine ${versions.pulumi}`,
    module: path.join(goSources, "engine"),
    packages: ["github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"],
    stamps: { [VERSION_VARIABLE]: `v${versions.pulumi}` },
    output,
  };
}

function pluginsBuild(output: string, versions: Versions): GoBuild {
  return {
    what: `the plugins hcloud ${versions.hcloud} and random ${versions.random}`,
    module: path.join(goSources, "plugins"),
    packages: ["./cmd/..."],
    stamps: {
      [`${MODULE}/providers/hcloud.Version`]: versions.hcloud,
      [`${MODULE}/providers/random.Version`]: versions.random,
    },
    output,
  };
}

const pluginFile = (name: string): string => `pulumi-resource-${name}`;

async function describePlugins(output: string, options: GoOptions, builder: Builder): Promise<void> {
  for (const name of ["hcloud", "random"]) {
    const folder = path.join(output, name);
    mkdirSync(folder);
    renameSync(path.join(output, pluginFile(name)), path.join(folder, pluginFile(name)));
    await builder.describe(path.join(folder, pluginFile(name)), options);
  }
}

/** Builds a part into a folder beside its place and moves it there when it is whole. The caller holds the cache's lock. */
export async function part(
  place: string,
  options: GoOptions,
  builder: Builder,
  plan: (output: string) => GoBuild,
  finish?: (output: string, options: GoOptions, builder: Builder) => Promise<void>,
): Promise<void> {
  if (existsSync(place)) return;
  const unfinished = fresh(place);
  const build = plan(unfinished);
  await builder.check(build.module, requiredGo(build.module), options);
  await builder.build(build, options);
  await finish?.(unfinished, options, builder);
  appear(unfinished, place);
}

/** As {@link part}, for what is put together at once. */
function whole(place: string, fill: (target: string) => void): void {
  if (existsSync(place)) return;
  const unfinished = fresh(place);
  fill(unfinished);
  appear(unfinished, place);
}

/** Gives what is whole its name. Keys are made of contents: what somebody else put there meanwhile is as good. */
function appear(unfinished: string, place: string): void {
  if (existsSync(place)) rmSync(unfinished, { recursive: true, force: true });
  else renameSync(unfinished, place);
}

function fresh(place: string): string {
  const unfinished = `${place}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  return privateFolder(unfinished);
}

/** The Go release that a module's go.mod asks for. */
function requiredGo(module: string): string {
  return /^go (\S+)$/m.exec(readFileSync(path.join(module, "go.mod"), "utf8"))?.[1] ?? "";
}

/** Lays a Pulumi home out as the npm package `pulumi` and the engine expect it. */
function compose(home: string, layout: SealedLayout, versions: Versions): void {
  const bin = path.join(home, "versions", versions.pulumi, "bin");
  place(path.join(layout.engine, "pulumi"), path.join(bin, "pulumi"));
  for (const [name, version] of [
    ["hcloud", versions.hcloud],
    ["random", versions.random],
  ] as const) {
    const from = path.join(layout.plugins, name);
    const to = path.join(home, "plugins", `resource-${name}-v${version}`);
    for (const file of filesBelow(from)) place(path.join(from, file), path.join(to, file));
  }
  const host = path.join(bin, "language-host");
  for (const file of filesBelow(hostSources).filter(isHostSource)) {
    mkdirSync(path.dirname(path.join(host, file)), { recursive: true });
    copyFileSync(path.join(hostSources, file), path.join(host, file));
  }
  writeFileSync(path.join(host, "package.json"), '{ "type": "module" }\n');
  const executable = { mode: 0o755 };
  writeFileSync(path.join(bin, "pulumi-language-nodejs"), launcher("main.ts", projectRoot), executable);
  writeFileSync(
    path.join(bin, "pulumi-resource-pulumi-nodejs"),
    launcher("dynamic-provider.ts", projectRoot),
    executable,
  );
}

/** Links a large file rather than copy it, where the file system can. */
function place(from: string, to: string): void {
  mkdirSync(path.dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

async function describe(plugin: string, options: GoOptions): Promise<void> {
  const folder = path.dirname(plugin);
  const result = await execa(plugin, ["schema", "--out", folder, "--skip-docs"], {
    cwd: folder,
    env: options.env,
    extendEnv: false,
    reject: false,
    cancelSignal: options.signal,
  });
  if (result.isCanceled) throw new ToolchainCancelled();
  if (result.failed) {
    throw new ToolchainError(`${path.basename(plugin)} could not write its schema: ${result.stderr.slice(-500)}`);
  }
}

export const realBuilder: Builder = { check: checkGo, build: goBuild, describe };
