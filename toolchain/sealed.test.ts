import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ToolchainError } from "./errors.ts";
import type { GoBuild } from "./go.ts";
import { type Builder, buildSealed, sealedLayout } from "./sealed.ts";

const versions = { pulumi: "3.0.0", hcloud: "1.0.0", random: "4.0.0" };
let cache: string;
beforeEach(() => {
  cache = mkdtempSync(path.join(os.tmpdir(), "sealed-"));
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

const options = { env: {}, onProgress: () => undefined, signal: new AbortController().signal };

/** A builder that writes small files instead of building, and keeps a list of what it built. */
function fake(faults: { build?: (build: GoBuild) => void } = {}): Builder & { built: string[] } {
  const built: string[] = [];
  return {
    built,
    check: async () => undefined,
    build: async (build) => {
      built.push(build.what);
      const names = build.what.includes("engine") ? ["pulumi"] : ["pulumi-resource-hcloud", "pulumi-resource-random"];
      for (const name of names) writeFileSync(path.join(build.output, name), name, { mode: 0o755 });
      faults.build?.(build);
    },
    describe: async (plugin) => {
      writeFileSync(path.join(path.dirname(plugin), "schema.json"), "{}");
    },
  };
}

test("the home is laid out as the engine expects it", async () => {
  const layout = sealedLayout(cache, versions);
  await buildSealed(layout, versions, options, fake());
  const bin = path.join(layout.home, "versions", "3.0.0", "bin");
  for (const name of ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"]) {
    expect(statSync(path.join(bin, name)).mode & 0o111).toBe(0o111);
  }
  expect(readdirSync(path.join(bin, "language-host"))).toEqual(expect.arrayContaining(["main.ts", "package.json"]));
  expect(readdirSync(path.join(bin, "language-host")).filter((name) => name.includes(".test."))).toEqual([]);
  const hcloud = path.join(layout.home, "plugins", "resource-hcloud-v1.0.0");
  expect(readdirSync(hcloud).sort()).toEqual(["pulumi-resource-hcloud", "schema.json"]);
  expect(existsSync(path.join(layout.home, "plugins", "resource-random-v4.0.0", "pulumi-resource-random"))).toBe(true);
});

test("an interrupted build leaves nothing that looks finished, and finished parts are not built again", async () => {
  const layout = sealedLayout(cache, versions);
  const interrupted = fake({
    build: (build) => {
      if (build.what.includes("plugins")) throw new Error("interrupted");
    },
  });
  await expect(buildSealed(layout, versions, options, interrupted)).rejects.toThrow("interrupted");
  expect(existsSync(layout.engine)).toBe(true);
  expect(existsSync(layout.plugins)).toBe(false);
  expect(existsSync(layout.home)).toBe(false);
  const again = fake();
  await buildSealed(layout, versions, options, again);
  expect(again.built).toEqual(["the plugins hcloud 1.0.0 and random 4.0.0"]);
  expect(existsSync(layout.home)).toBe(true);
});

test("a new plugin version keeps the engine, a new engine keeps the plugins", () => {
  const layout = sealedLayout(cache, versions);
  const plugins = sealedLayout(cache, { ...versions, random: "4.0.1" });
  const engine = sealedLayout(cache, { ...versions, pulumi: "3.0.1" });
  expect(plugins.engine).toBe(layout.engine);
  expect(plugins.plugins).not.toBe(layout.plugins);
  expect(engine.plugins).toBe(layout.plugins);
  expect(engine.engine).not.toBe(layout.engine);
  expect(new Set([layout.home, plugins.home, engine.home]).size).toBe(3);
});

test("the Go release is the one go.mod asks for", async () => {
  const asked: string[] = [];
  const builder = { ...fake(), check: async (_module: string, required: string) => void asked.push(required) };
  await buildSealed(sealedLayout(cache, versions), versions, options, builder);
  const goMod = readFileSync(path.join(import.meta.dirname, "go", "engine", "go.mod"), "utf8");
  expect(goMod).toContain(`\ngo ${asked[0]}\n`);
});

test.each([
  ["ENOSPC", "no space left"],
  ["EROFS", "read-only"],
  ["EACCES", "not writable"],
])("a cache that answers %s says what to do", async (code, advice) => {
  const full = fake({
    build: () => {
      throw Object.assign(new Error("write"), { code });
    },
  });
  const building = buildSealed(sealedLayout(cache, versions), versions, options, full);
  await expect(building).rejects.toBeInstanceOf(ToolchainError);
  await expect(building).rejects.toThrow(advice);
});
