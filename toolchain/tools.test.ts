import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkGo, type GoBuild } from "./go.ts";
import type { Builder } from "./sealed.ts";
import { ensureGoTool } from "./tools.ts";

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(path.join(os.tmpdir(), "tools-"));
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

function fake(fault?: Error): Builder & { built: GoBuild[] } {
  const built: GoBuild[] = [];
  return {
    built,
    check: async () => undefined,
    build: async (build) => {
      built.push(build);
      writeFileSync(path.join(build.output, path.basename(build.packages[0]!)), "", { mode: 0o755 });
      if (fault) throw fault;
    },
    describe: async () => undefined,
  };
}

const inCache = () => ({ env: { XDG_CACHE_HOME: cache, PATH: "" } });

test("a tool is built once, from the module that pins it", async () => {
  const builder = fake();
  const executable = await ensureGoTool("versitygw", { ...inCache(), builder });
  expect(existsSync(executable)).toBe(true);
  expect(builder.built.map((build) => build.packages)).toEqual([["github.com/versity/versitygw/cmd/versitygw"]]);
  expect(existsSync(path.join(builder.built[0]!.module, "go.sum"))).toBe(true);
  expect(await ensureGoTool("versitygw", { ...inCache(), builder })).toBe(executable);
  expect(builder.built).toHaveLength(1);
});

test("each tool has its own module, which names it", async () => {
  const builder = fake();
  const load = await ensureGoTool("k6", { ...inCache(), builder });
  const storage = await ensureGoTool("versitygw", { ...inCache(), builder });
  const yaml = await ensureGoTool("pulumi-language-yaml", { ...inCache(), builder });
  expect([load, storage, yaml].map((file) => path.basename(file))).toEqual(["k6", "versitygw", "pulumi-language-yaml"]);
  for (const { module, packages } of builder.built) {
    expect(readFileSync(path.join(module, "go.mod"), "utf8")).toContain(`\ntool ${packages[0]}\n`);
  }
});

test("a build that failed leaves nothing that looks finished", async () => {
  await expect(ensureGoTool("versitygw", { ...inCache(), builder: fake(new Error("broken")) })).rejects.toThrow(
    "broken",
  );
  const builder = fake();
  await ensureGoTool("versitygw", { ...inCache(), builder });
  expect(builder.built).toHaveLength(1);
});

test("without Go the message says what it is for", async () => {
  const builder = { ...fake(), check: checkGo };
  await expect(ensureGoTool("versitygw", { ...inCache(), builder })).rejects.toThrow(
    /There is no Go here, and the lab's object storage \(versitygw\) is built from Go modules\. Go [\d.]+ or later/,
  );
});
