/** Runs `pulumi preview` of anybody's project and reads its event stream while it works. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { EventReader, type EventStream } from "../../graph/events.ts";
import { maskSecrets } from "../../graph/mask.ts";
import type { Properties } from "../../graph/model.ts";
import { parseYaml } from "../../graph/yaml.ts";
import { CommandError } from "../output.ts";

export interface PreviewOptions {
  /** A stack of the project. */
  readonly stack: string;
  /** Folder with Pulumi.yaml. */
  readonly cwd: string;
  /** Folders of policy packs to run with it. */
  readonly policyPacks?: readonly string[];
  /** Further arguments, as `pulumi preview` takes them. */
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Told now and then how many resources have been looked at. */
  readonly onProgress?: (resources: number) => void;
}

/** What the engine says beside its stream; the end of it is what matters. */
const KEPT = 16 * 1024;

/**
 * The events of a preview. Ctrl-C reaches the engine, which ends by itself and leaves no lock; the stream is then cut.
 *
 * @throws CommandError if there is no engine, or if the preview fails: with what it said
 */
export async function previewStream({
  stack,
  cwd,
  policyPacks = [],
  args = [],
  env = process.env,
  onProgress,
}: PreviewOptions): Promise<EventStream> {
  const packs = policyPacks.flatMap((folder) => ["--policy-pack", folder]);
  const child = spawn(
    engine(env, cwd),
    ["preview", "--json", "--non-interactive", "--stack", stack, ...packs, ...args],
    {
      cwd,
      env: { ...env, PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true", PULUMI_SKIP_UPDATE_CHECK: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-KEPT);
  });
  const ended = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  // Told where it is waited for; until then it must not end this process.
  ended.catch(() => {});
  const reader = new EventReader(`preview of ${stack}`);
  let resources = 0;
  let broken: unknown;
  for await (const line of createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.includes('"resourcePreEvent"')) onProgress?.(++resources);
    try {
      if (broken === undefined) reader.add(line);
    } catch (error) {
      broken = error;
    }
  }
  const [code, signal] = await ended;
  if (signal === "SIGINT" || code === 130) throw new CommandError("the preview was interrupted");
  try {
    if (broken !== undefined) throw broken;
    return reader.finish();
  } catch (error) {
    const words = maskSecrets(said.trim());
    throw new CommandError(
      `the preview of ${stack} gave no result${code ? ` (pulumi ended with ${code})` : ""}: ${words || (error as Error).message}`,
      2,
    );
  }
}

/** What the engine's stream does not say: where the state is kept, and who holds the key of its secrets. */
export async function runSettings(
  stack: string,
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Properties> {
  const backend = env.PULUMI_BACKEND_URL || (await loggedIn(cwd, env));
  const provider = secretsProvider(join(cwd, `Pulumi.${stack}.yaml`));
  return { ...(backend && { backend }), ...(provider && { secretsProvider: provider }) };
}

async function loggedIn(cwd: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { stdout } = await execa(engine(env, cwd), ["whoami", "--verbose", "--json", "--non-interactive"], {
    cwd,
    env,
    reject: false,
    timeout: 30_000,
  });
  try {
    const { url } = JSON.parse(stdout ?? "") as { url?: unknown };
    return typeof url === "string" ? url : undefined;
  } catch {
    return undefined;
  }
}

/** As the stack's configuration file names it; undefined where there is no such file. */
function secretsProvider(file: string): Properties | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  const settings = parseYaml(text, file)[0]?.value as
    | { secretsprovider?: unknown; encryptionsalt?: unknown }
    | undefined;
  if (typeof settings?.secretsprovider === "string" && settings.secretsprovider !== "passphrase")
    return { type: "cloud", url: settings.secretsprovider };
  return settings?.secretsprovider === "passphrase" || settings?.encryptionsalt !== undefined
    ? { type: "passphrase" }
    : undefined;
}

/** The engine on the PATH, else the one that npm installed in the project. */
export function engine(env: NodeJS.ProcessEnv, cwd: string): string {
  const folders = [...(env.PATH ?? "").split(delimiter).filter(Boolean), join(cwd, "node_modules", ".bin")];
  const found = folders.map((folder) => join(folder, "pulumi")).find(isExecutable);
  if (found) return found;
  throw new CommandError(
    'no pulumi on the PATH: install the engine, or run `eval "$(npx sovereign toolchain env)"` first where the vendor cannot be reached',
    2,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
