import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cacheFolder, contentKey } from "./cache.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "cache-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("the cache is below XDG_CACHE_HOME, else below the home's .cache", () => {
  expect(cacheFolder({ XDG_CACHE_HOME: "/x", HOME: "/h" })).toBe("/x/sovereign-stacks/toolchain");
  expect(cacheFolder({ HOME: "/h" })).toBe("/h/.cache/sovereign-stacks/toolchain");
  expect(cacheFolder({ XDG_CACHE_HOME: "relative", HOME: "/h" })).toBe("/h/.cache/sovereign-stacks/toolchain");
});

test("a content key changes with contents, names and facts, and with nothing else", () => {
  const all = () => true;
  mkdirSync(path.join(folder, "sub"));
  writeFileSync(path.join(folder, "sub", "a.go"), "one");
  writeFileSync(path.join(folder, "notes.txt"), "");
  const key = contentKey(folder, ["1.0.0"], (file) => file.endsWith(".go"));
  writeFileSync(path.join(folder, "notes.txt"), "changed");
  expect(contentKey(folder, ["1.0.0"], (file) => file.endsWith(".go"))).toBe(key);
  expect(contentKey(folder, ["1.0.1"], (file) => file.endsWith(".go"))).not.toBe(key);
  expect(contentKey(folder, ["1.0.0"], all)).not.toBe(key);
  writeFileSync(path.join(folder, "sub", "a.go"), "two");
  expect(contentKey(folder, ["1.0.0"], (file) => file.endsWith(".go"))).not.toBe(key);
});
