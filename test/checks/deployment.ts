/** One of the programs in programs/ as a TypeScript project of its own, with the real engine and stand-ins for its providers. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { previewStream } from "../../cli/preview/stream.ts";
import { projectRoot } from "../../cli/project.ts";
import type { EventStream } from "../../graph/events.ts";
import { ensureToolchain, toolchainEnv } from "../../toolchain/ensure.ts";
import { ensureGoTool } from "../../toolchain/tools.ts";

const STACK = "dev";

export class Deployment {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.env = env;
  }

  static async open(program: string): Promise<Deployment> {
    const folder = emptyProject();
    symlinkSync(join(projectRoot, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "package.json"), '{ "name": "shop", "type": "module" }\n');
    const main = join(import.meta.dirname, "program.ts");
    writeFileSync(join(folder, "index.ts"), `import ${JSON.stringify(main)};\n`);
    writeFileSync(join(folder, "Pulumi.yaml"), project(program));
    return await Deployment.#init(folder, { CHECKED_PROGRAM: program });
  }

  /** A program in Pulumi YAML as it is, with its own language host and real providers. */
  static async openYaml(program: string, env: NodeJS.ProcessEnv): Promise<Deployment> {
    const host = await ensureGoTool("pulumi-language-yaml");
    const folder = emptyProject();
    writeFileSync(join(folder, "Pulumi.yaml"), program);
    return await Deployment.#init(folder, env, dirname(host));
  }

  static async #init(folder: string, env: NodeJS.ProcessEnv, ...path: string[]): Promise<Deployment> {
    const toolchain = await ensureToolchain();
    const deployment = new Deployment(folder, {
      ...toolchainEnv(toolchain),
      PATH: [...path, join(projectRoot, "node_modules", ".bin"), process.env.PATH].join(":"),
      PWD: folder,
      PULUMI_BACKEND_URL: pathToFileURL(join(folder, "state")).href,
      PULUMI_CONFIG_PASSPHRASE: "only of this test",
      ...env,
    });
    await deployment.#pulumi("stack", "init", STACK);
    return deployment;
  }

  /** What `pulumi preview --json` streams. */
  async events(): Promise<string> {
    const { stdout } = await this.#pulumi("preview", "--json", "--stack", STACK);
    return anonymous(stdout);
  }

  /** What `pulumi stack export` prints once it is deployed: secrets are ciphertext. */
  async state(): Promise<string> {
    await this.#pulumi("up", "--yes", "--skip-preview", "--stack", STACK);
    return anonymous((await this.#pulumi("stack", "export", "--stack", STACK)).stdout);
  }

  /** A preview with packs; `config` stands in a file beside the project for each of them. */
  async preview(packs: Readonly<Record<string, object>>): Promise<EventStream> {
    const args = Object.entries(packs).flatMap(([name, config]) => {
      const file = join(this.folder, `${name}.json`);
      writeFileSync(file, JSON.stringify({ [name]: config }));
      return ["--policy-pack", join(projectRoot, "policies", name), "--policy-pack-config", file];
    });
    return await previewStream({ stack: STACK, cwd: this.folder, env: this.env, args });
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #pulumi(...args: string[]) {
    const env = { ...this.env, PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true", PULUMI_SKIP_UPDATE_CHECK: "1" };
    return execa("pulumi", [...args, "--non-interactive"], { cwd: this.folder, env });
  }
}

function emptyProject(): string {
  const folder = mkdtempSync(join(tmpdir(), "sovereign-checked-"));
  mkdirSync(join(folder, "state"));
  return folder;
}

function project(program: string): string {
  const { resources } = parse(readFileSync(program, "utf8")) as { resources: Record<string, { type: string }> };
  const packages = new Set(Object.values(resources).map(({ type }) => type.split(":")[0]!));
  const path = join(import.meta.dirname, "stand-in");
  return stringify({
    name: "shop",
    runtime: { name: "nodejs", options: { typescript: false } },
    main: "index.ts",
    plugins: { providers: [...packages].map((name) => ({ name, path })) },
  });
}

/** Without the folders that it happened in, and without the SDK's debug messages, which show secrets. */
function anonymous(text: string): string {
  const lines = text.split("\n").filter((line) => !line.includes('"severity":"debug"'));
  return `${lines
    .join("\n")
    .replace(/(?:file:\/\/)?[^\s"]*\/sovereign-checked-[^\s"/]*/g, "/project")
    .replaceAll(projectRoot, "/sovereign-stacks")
    .trimEnd()}\n`;
}
