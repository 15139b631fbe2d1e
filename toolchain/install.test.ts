import { existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { agrees, ensureInstalled, isInstalled, takeLock } from "./install.mjs";

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "install-"));
  lock("1.0.0");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const PACKAGES = (version: string) => ({
  packages: { "": {}, "node_modules/a": { version, integrity: `sha512-${version}` } },
});

function lock(version: string): void {
  writeFileSync(path.join(root, "package-lock.json"), JSON.stringify(PACKAGES(version)));
}

/** What npm ci does, as far as it matters here. */
async function npm(folder: string): Promise<void> {
  const modules = path.join(folder, "node_modules");
  rmSync(modules, { recursive: true, force: true });
  mkdirSync(path.join(modules, ".bin"), { recursive: true });
  const content = readFileSync(path.join(folder, "package-lock.json"));
  writeFileSync(path.join(modules, ".package-lock.json"), content);
}

function counting(install = npm) {
  const options = {
    log: () => undefined,
    poll: 10,
    runs: 0,
    install: async (_folder: string) => undefined as undefined,
  };
  options.install = async (folder) => {
    options.runs += 1;
    await install(folder);
    return undefined;
  };
  return options;
}

test("packages are installed once, and again when the lock file changes", async () => {
  const options = counting();
  await ensureInstalled(root, options);
  await ensureInstalled(root, options);
  expect(options.runs).toBe(1);
  lock("1.0.1");
  await ensureInstalled(root, options);
  expect(options.runs).toBe(2);
});

test("the project's own command is linked for npx", async () => {
  await ensureInstalled(root, counting());
  expect(readlinkSync(path.join(root, "node_modules", ".bin", "sovereign"))).toBe("../../cli/sovereign.mjs");
});

test("what was installed by hand is not installed again", async () => {
  const options = counting();
  await npm(root);
  await ensureInstalled(root, options);
  expect(options.runs).toBe(0);
});

test("an install that was cut off is made again, whatever npm's record says", async () => {
  const cut = counting(async (folder) => {
    await npm(folder);
    throw new Error("Ctrl-C");
  });
  await expect(ensureInstalled(root, cut)).rejects.toThrow("Ctrl-C");
  expect(isInstalled(root)).toBe(false);
  const options = counting();
  await ensureInstalled(root, options);
  expect(options.runs).toBe(1);
  expect(isInstalled(root)).toBe(true);
});

test("two runs at once install once", async () => {
  const lines: string[] = [];
  const slow = counting(async (folder) => {
    while (lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await npm(folder);
  });
  const second = { ...counting(), log: (line: string) => lines.push(line) };
  await Promise.all([ensureInstalled(root, slow), ensureInstalled(root, second)]);
  expect(slow.runs + second.runs).toBe(1);
  expect(lines[0]).toBe("another run is installing the npm packages; waiting for it");
});

describe("takeLock", () => {
  const file = () => path.join(root, "install.lock");

  test("is given to one, and not while the holder lives", () => {
    expect(takeLock(file())).toBe(true);
    expect(takeLock(file())).toBe(false);
    expect(readFileSync(file(), "utf8")).toBe(String(process.pid));
  });

  test("is taken from a holder that died, at the next try", () => {
    writeFileSync(file(), "4194305");
    expect(takeLock(file())).toBe(false);
    expect(existsSync(file())).toBe(false);
    expect(takeLock(file())).toBe(true);
  });

  test("is left to a holder that has not written its number yet", () => {
    writeFileSync(file(), "");
    expect(takeLock(file())).toBe(false);
    expect(existsSync(file())).toBe(true);
  });
});

test("npm's record agrees when every package that is not optional is there as locked", () => {
  const optional = {
    packages: { ...PACKAGES("1.0.0").packages, "node_modules/b": { version: "2.0.0", optional: true } },
  };
  expect(agrees(optional, PACKAGES("1.0.0"))).toBe(true);
  expect(agrees(optional, PACKAGES("1.0.1"))).toBe(false);
  expect(agrees(optional, {})).toBe(false);
});
