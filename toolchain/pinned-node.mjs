// Runs commands under the Node that this project pins. Plain JavaScript: it runs before anything is installed.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const projectRoot = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const binaries = path.join(projectRoot, "node_modules", ".bin");

/** The oldest Node that runs TypeScript by itself. */
const TYPE_STRIPPING = [22, 18];

function isRecent(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > TYPE_STRIPPING[0] || (major === TYPE_STRIPPING[0] && minor >= TYPE_STRIPPING[1]);
}

/** The pinned Node; where npm has no build of it for this machine, the Node that runs this, if recent enough. */
export function pinnedNode() {
  const pinned = path.join(binaries, "node");
  if (existsSync(pinned)) return pinned;
  if (!existsSync(binaries)) {
    throw new Error(`The npm packages of this project are not installed: run "npm ci" in ${projectRoot} first.`);
  }
  if (isRecent(process.versions.node)) return process.execPath;
  throw new Error(
    `npm has no Node for ${process.platform} ${process.arch}: install Node ${TYPE_STRIPPING.join(".")} or later yourself (this is ${process.version}).`,
  );
}

/** The environment in which the pinned Node and the project's own commands come first. */
export function pinnedEnvironment() {
  return { ...process.env, PATH: [binaries, process.env.PATH].filter(Boolean).join(path.delimiter) };
}

/** Runs a command to its end with this process's own input and output; gives its exit code. */
export function run(file, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: "inherit", env: pinnedEnvironment(), ...options });
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    // At a terminal Ctrl-C reaches the child by itself; this process only has to wait for it.
    const forward = (signal) => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    };
    for (const signal of signals) process.on(signal, forward);
    const settle = (finish) => {
      for (const signal of signals) process.off(signal, forward);
      finish();
    };
    child.once("error", (error) => settle(() => reject(new Error(`cannot start ${file}: ${error.message}`))));
    child.once("close", (code, signal) => settle(() => resolve(code ?? (signal === "SIGINT" ? 130 : 143))));
  });
}

/**
 * Options of Node for commands that read much and are soon done: new objects get 48 MB (three times 16) instead of 96 before they are looked
 * through, as most of them are gone by then, and that is done by one thread, as several take more time together than they save.
 */
export const leanOptions = ["--max-semi-space-size=16", "--single-threaded-gc"];

/**
 * Runs one of the project's TypeScript files. Node keeps what it made of them: half a second less from the second time on.
 * @param options of Node itself
 */
export function runScript(script, args, options = []) {
  const file = path.join(projectRoot, script);
  const env = pinnedEnvironment();
  env.NODE_COMPILE_CACHE ??= path.join(projectRoot, "node_modules", ".cache", "compiled");
  return run(pinnedNode(), ["--disable-warning=ExperimentalWarning", ...options, file, ...args], { env });
}
