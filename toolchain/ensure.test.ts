import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cacheFolder } from "./cache.ts";
import { childEnv, type EnsureOptions, ensureToolchain, toolchainEnv } from "./ensure.ts";
import { ToolchainCancelled } from "./errors.ts";
import type { Network } from "./network.ts";
import { openMarker } from "./open.ts";
import { readVersions } from "./versions.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "ensure-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Options on an empty cache whose network is given and whose builds and downloads only make folders. */
function on(network: Network): EnsureOptions & { env: NodeJS.ProcessEnv; done: string[]; lines: string[] } {
  const done: string[] = [];
  const lines: string[] = [];
  return {
    done,
    lines,
    env: { XDG_CACHE_HOME: folder, HOME: folder },
    onProgress: (line) => lines.push(line),
    steps: {
      findNetwork: async () => {
        done.push("probe");
        return { network, reason: "as the test says" };
      },
      buildSealed: async (layout) => {
        done.push("build");
        mkdirSync(layout.home, { recursive: true });
      },
      fetchOpen: async (home, versions) => {
        done.push("fetch");
        mkdirSync(home, { recursive: true });
        writeFileSync(openMarker(home, versions), "");
      },
    },
  };
}

test("a sealed network builds, once, and says so", async () => {
  const options = on("sealed");
  const first = await ensureToolchain(options);
  expect(first).toMatchObject({ network: "sealed", reason: "as the test says" });
  expect(first.pulumiHome.startsWith(cacheFolder(options.env))).toBe(true);
  expect(options.lines[0]).toBe(
    "sealed network (as the test says): the engine and plugins are built from Go modules, which takes some minutes the first time",
  );
  const second = await ensureToolchain(options);
  expect(second).toEqual({ ...first, reason: "built from Go modules earlier" });
  expect(options.done).toEqual(["probe", "build"]);
});

test("an open network builds nothing", async () => {
  const options = on("open");
  const first = await ensureToolchain(options);
  expect(first).toMatchObject({ network: "open", env: { PULUMI_HOME: first.pulumiHome } });
  expect(first.pulumi).toBe(path.join(first.pulumiHome, "versions", readVersions().pulumi, "bin", "pulumi"));
  await expect(ensureToolchain(options)).resolves.toEqual({ ...first, reason: "fetched from the vendor earlier" });
  expect(options.done).toEqual(["probe", "fetch"]);
});

test("two runs at once build once; the second waits and says so", async () => {
  const first = on("sealed");
  const second = on("sealed");
  const build = first.steps?.buildSealed;
  first.steps = {
    ...first.steps,
    buildSealed: async (...args) => {
      while (!second.lines.some((line) => line.includes("waiting"))) await new Promise((go) => setTimeout(go, 20));
      await build?.(...args);
    },
  };
  const one = ensureToolchain(first);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const [a, b] = await Promise.all([one, ensureToolchain(second)]);
  expect(b.pulumiHome).toBe(a.pulumiHome);
  expect([...first.done, ...second.done].filter((step) => step === "build")).toHaveLength(1);
  expect(second.done).toEqual(["probe"]);
});

test("a build that fails leaves the next run free to build", async () => {
  const options = on("sealed");
  const failing = { ...options.steps, buildSealed: async () => Promise.reject(new Error("no Go")) };
  await expect(ensureToolchain({ ...options, steps: failing })).rejects.toThrow("no Go");
  await expect(ensureToolchain(options)).resolves.toMatchObject({ network: "sealed" });
});

test("SOVEREIGN_NETWORK chooses among what is there", async () => {
  const sealed = on("sealed");
  await ensureToolchain(sealed);
  const open = on("open");
  const chosen = await ensureToolchain({ ...open, env: { ...open.env, SOVEREIGN_NETWORK: "open" } });
  expect(chosen.network).toBe("open");
  expect(open.done).toEqual(["probe", "fetch"]);
});

test("the signal is heeded before anything is done", async () => {
  const options = on("sealed");
  await expect(ensureToolchain({ ...options, signal: AbortSignal.abort() })).rejects.toBeInstanceOf(ToolchainCancelled);
  expect(options.done).toEqual([]);
});

describe("environments", () => {
  test("only a sealed network keeps the engine from fetching plugins", () => {
    expect(toolchainEnv({ pulumiHome: "/home", network: "open" })).toEqual({
      PULUMI_HOME: "/home",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      NODE_COMPILE_CACHE: "/home/node-compile-cache",
    });
    expect(toolchainEnv({ pulumiHome: "/home", network: "sealed" })).toMatchObject({
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    });
  });

  test("a child finds the pinned Node and the language host first", async () => {
    const toolchain = await ensureToolchain(on("sealed"));
    const paths = childEnv(toolchain, { PATH: "/usr/bin" }).PATH?.split(path.delimiter) ?? [];
    expect(paths[0]?.endsWith(path.join("node_modules", ".bin"))).toBe(true);
    expect(paths.slice(1)).toEqual([path.dirname(toolchain.pulumi), "/usr/bin"]);
  });
});
