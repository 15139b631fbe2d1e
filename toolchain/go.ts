import path from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { ToolchainCancelled, ToolchainError } from "./errors.ts";
import { type OnProgress, reporting } from "./progress.ts";

/** One `go build`. */
export interface GoBuild {
  /** The name by which the user is told. */
  what: string;
  /** The folder with go.mod. */
  module: string;
  packages: readonly string[];
  /** Values the linker writes into string variables. */
  stamps: Record<string, string>;
  /** Where the executables go. */
  output: string;
}

/** What every run of Go is given. */
export interface GoOptions {
  env: NodeJS.ProcessEnv;
  onProgress: OnProgress;
  signal: AbortSignal;
  /** What is built, for the message where there is no Go. @default the Pulumi engine, on a network that wants it built */
  purpose?: string;
}

/** No C compiler is needed, and no workspace of the user's around the clone changes what is built. */
function goEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, CGO_ENABLED: "0", GOWORK: "off" };
}

const INSTALL_GO = "install it from your distribution or your site's mirror and put it on PATH";

/** The oldest release that can itself read a go.mod of today and fetch a newer release named there. */
const OLDEST_SWITCHING = [1, 21] as const;

/**
 * Makes sure that there is a Go that can build the modules.
 * @throws ToolchainError naming what is there and what is needed.
 */
export async function checkGo(module: string, required: string, options: Omit<GoOptions, "onProgress">): Promise<void> {
  const env = goEnvironment(options.env);
  const run = (args: string[], extra: NodeJS.ProcessEnv) =>
    execa("go", args, {
      cwd: module,
      env: { ...env, ...extra },
      extendEnv: false,
      reject: false,
      cancelSignal: options.signal,
    });
  const own = await run(["version"], { GOTOOLCHAIN: "local" });
  if (own.isCanceled) throw new ToolchainCancelled();
  const [, text, major, minor] = /go((\d+)\.(\d+)\S*)/.exec(`${own.stdout} ${own.stderr}`) ?? [];
  if (own.exitCode === undefined || text === undefined) {
    const purpose = options.purpose ?? "on this network the Pulumi engine";
    const advice = options.purpose
      ? ""
      : " If the vendor's download site can be reached after all, set SOVEREIGN_NETWORK=open.";
    throw new ToolchainError(
      `There is no Go here, and ${purpose} is built from Go modules. Go ${required} or later is needed: ${INSTALL_GO}.${advice}`,
    );
  }
  const tooOld = new ToolchainError(`Go ${text} is too old: Go ${required} or later is needed; ${INSTALL_GO}.`);
  if (Number(major) < OLDEST_SWITCHING[0] || Number(minor) < OLDEST_SWITCHING[1]) throw tooOld;
  // Loading the module makes a newer Go fetch the release that go.mod names, where the user's GOTOOLCHAIN allows it.
  const chosen = await run(["list", "-m"], {});
  if (chosen.isCanceled) throw new ToolchainCancelled();
  if (chosen.exitCode === 0) return;
  if (/requires go >=|toolchain|invalid go version/.test(chosen.stderr)) throw tooOld;
  throw explainGoFailure("the toolchain", chosen.stderr.split("\n"));
}

/**
 * Builds executables.
 * @throws ToolchainError that names the module, the disk or the package that stands in the way.
 */
export async function goBuild(build: GoBuild, options: GoOptions): Promise<void> {
  const stamps = Object.entries(build.stamps).map(([variable, value]) => `-X ${variable}=${value}`);
  const ldflags = ["-s", "-w", ...stamps].join(" ");
  const output = `${build.output}${path.sep}`;
  const child = execa(
    "go",
    [
      "build",
      "-v",
      "-mod=readonly",
      "-buildvcs=false",
      "-trimpath",
      "-ldflags",
      ldflags,
      "-o",
      output,
      ...build.packages,
    ],
    {
      cwd: build.module,
      env: goEnvironment(options.env),
      extendEnv: false,
      reject: false,
      cancelSignal: options.signal,
      killSignal: "SIGINT",
      forceKillAfterDelay: 5_000,
      buffer: { stdout: false, stderr: false },
    },
  );
  const seen = { modules: 0, packages: 0, tail: [] as string[] };
  createInterface({ input: child.stderr }).on("line", (line) => {
    seen.tail = [...seen.tail, line].slice(-40);
    if (line.startsWith("go: downloading ")) seen.modules += 1;
    else if (/^[\w.-]+(\/\S+)*$/.test(line)) seen.packages += 1;
  });
  const what = () =>
    `building ${build.what} from source: ${seen.modules} modules fetched, ${seen.packages} packages compiled`;
  const result = await reporting(options.onProgress, what, async () => await child);
  if (result.isCanceled) throw new ToolchainCancelled();
  if (result.failed) throw explainGoFailure(build.what, seen.tail, result.signal);
}

/** Makes of Go's last lines an error that says what is missing. Addresses are left out: they can hold credentials. */
export function explainGoFailure(what: string, lines: readonly string[], signal?: string): ToolchainError {
  const text = lines.join("\n").replaceAll(/\b[a-z]+:\/\/[^\s"]+/g, "<address>");
  if (/no space left on device|disk quota exceeded/i.test(text)) {
    return new ToolchainError(
      `There is no space left on the disk to build ${what}. About 6 GB are needed in Go's caches ("go env GOCACHE GOMODCACHE") and 300 MB in this project's; free some, or set GOCACHE, GOMODCACHE, GOTMPDIR and XDG_CACHE_HOME to a larger disk.`,
    );
  }
  const missing =
    /(\S+@v\S+?): (?:reading|Get|invalid version|unrecognized import|module lookup disabled|verifying).*/.exec(text);
  if (missing) {
    const mismatch = /checksum mismatch|SECURITY ERROR/.test(text);
    const advice = mismatch
      ? "its content is not what go.sum says; do not use that proxy"
      : "allow it on your module proxy, or set GOPROXY to one that has it";
    return new ToolchainError(`The Go module ${missing[1]} cannot be had: ${advice}. Go said: ${missing[0]}`);
  }
  // Go names the module on the line before when it cannot even ask for it.
  const asked = [...text.matchAll(/^go: downloading (\S+) (v\S+)$/gm)].at(-1);
  if (asked && /module lookup disabled|no such host|connection refused|i\/o timeout/.test(text)) {
    return new ToolchainError(
      `The Go module ${asked[1]}@${asked[2]} cannot be had: check GOPROXY ("go env GOPROXY") and the way to your module proxy. Go said: ${text.split("\n").at(-1)}`,
    );
  }
  if (signal === "SIGKILL" || /signal: killed|cannot allocate memory/.test(text)) {
    return new ToolchainError(`Building ${what} was killed, most likely for want of memory: about 3 GB are needed.`);
  }
  return new ToolchainError(`Building ${what} failed. Go's last lines:\n${text.split("\n").slice(-12).join("\n")}`);
}
