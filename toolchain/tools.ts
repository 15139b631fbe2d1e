/** Programs that the lab and tests need and no Debian release carries, built from Go modules on every network, when they are first asked for. */
import { existsSync } from "node:fs";
import path from "node:path";
import { cacheFolder, contentKey } from "./cache.ts";
import { withHome } from "./ensure.ts";
import { explainCacheFault } from "./errors.ts";
import { withLock } from "./lock.ts";
import type { OnProgress } from "./progress.ts";
import { type Builder, goSources, isGoSource, part, realBuilder } from "./sealed.ts";

/** What a tool is called, by its executable: the folder below `go/` with its go.mod, and the package. */
const TOOLS = {
  versitygw: {
    what: "the lab's object storage (versitygw)",
    module: "object-storage",
    package: "github.com/versity/versitygw/cmd/versitygw",
  },
  k6: { what: "the generator of load (k6)", module: "k6", package: "go.k6.io/k6" },
  "pulumi-language-yaml": {
    what: "the language host for Pulumi YAML, which a test asks for",
    module: "language-yaml",
    package: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
  },
} as const;

/** Name of a tool's executable. */
export type GoTool = keyof typeof TOOLS;

/** What {@link ensureGoTool} may be told. */
export interface GoToolOptions {
  /** Takes a line at least every 3 seconds while something takes long. */
  onProgress?: OnProgress;
  /** Ends the work; what Go has compiled by then is kept in its own cache. */
  signal?: AbortSignal;
  /** @default process.env */
  env?: NodeJS.ProcessEnv;
  /** What is run to build; tests put their own here. */
  builder?: Builder;
}

/**
 * The executable of a tool, built once per version into the user's cache folder (two to four CPU minutes each).
 * @throws ToolchainError saying what is missing and what to do; ToolchainCancelled after the signal.
 */
export async function ensureGoTool(name: GoTool, options: GoToolOptions = {}): Promise<string> {
  const { env = process.env, onProgress = () => undefined, signal, builder = realBuilder } = options;
  const tool = TOOLS[name];
  const module = path.join(goSources, tool.module);
  const key = contentKey(module, [process.platform, process.arch, tool.package], isGoSource);
  const cache = cacheFolder(env);
  const place = path.join(cache, "parts", `${tool.module}-${key}`);
  const executable = path.join(place, name);
  if (existsSync(executable)) return executable;
  await withLock(cache, { onProgress, signal }, async (held) => {
    const context = { env: withHome(env), onProgress, signal: held, purpose: tool.what };
    const build = (output: string) => ({ what: tool.what, module, packages: [tool.package], stamps: {}, output });
    try {
      await part(place, context, builder, build);
    } catch (error) {
      throw explainCacheFault(error, cache);
    }
  });
  return executable;
}
