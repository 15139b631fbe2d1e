import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { launcher } from "./launcher.ts";

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(os.tmpdir(), "launcher-")));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function executable(file: string, text: string): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  return file;
}

/** A stand-in for Node that says which it is and what it was given. */
const node = (name: string) => `#!/bin/sh\necho ${name} "$SOVEREIGN_LANGUAGE_HOST_ORIGIN" "$@"\n`;

async function launched(origin: string, cwd: string, named?: string): Promise<string> {
  const bin = path.join(root, "home", "bin");
  const script = executable(path.join(bin, "pulumi-language-nodejs"), launcher("main.ts", origin));
  executable(path.join(root, "path", "node"), node("from-path"));
  mkdirSync(cwd, { recursive: true });
  const inUse = named === undefined ? {} : { SOVEREIGN_LANGUAGE_HOST_ORIGIN: named };
  const env = { PATH: `${path.join(root, "path")}:/usr/bin:/bin`, ...inUse };
  const { stdout } = await execa(script, ["127.0.0.1:1"], { cwd, env, extendEnv: false });
  return stdout;
}

const rest = (origin: string) =>
  `${origin} --disable-warning=ExperimentalWarning ${path.join(root, "home", "bin", "language-host", "main.ts")} 127.0.0.1:1`;

test("the nearest pinned Node above the working folder starts the host beside the script", async () => {
  executable(path.join(root, "project", "node_modules", ".bin", "node"), node("pinned"));
  const origin = path.join(root, "gone");
  await expect(launched(origin, path.join(root, "project", "a", "b"))).resolves.toBe(`pinned ${rest(origin)}`);
});

test("without one it is that of the clone it came from, odd characters in its path or not", async () => {
  const origin = path.join(root, "it's a $clone");
  executable(path.join(origin, "node_modules", ".bin", "node"), node("origin"));
  await expect(launched(origin, path.join(root, "elsewhere"))).resolves.toBe(`origin ${rest(origin)}`);
});

test("when the clone is gone it is the one on PATH", async () => {
  const origin = path.join(root, "gone");
  await expect(launched(origin, path.join(root, "elsewhere"))).resolves.toBe(`from-path ${rest(origin)}`);
});

test("the clone in use comes before the one it came from, which may be gone", async () => {
  const inUse = path.join(root, "in use");
  executable(path.join(inUse, "node_modules", ".bin", "node"), node("in-use"));
  const begun = launched(path.join(root, "gone"), path.join(root, "elsewhere"), inUse);
  await expect(begun).resolves.toBe(`in-use ${rest(inUse)}`);
});
