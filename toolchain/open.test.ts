import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ToolchainCancelled, ToolchainError } from "./errors.ts";
import { fetchOpen, type OpenOptions, openMarker } from "./open.ts";

const versions = { pulumi: "3.0.0", hcloud: "1.0.0", random: "4.0.0" };
let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), "open-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

interface Ran {
  command: string;
  home: string | undefined;
}

function options(fault?: (command: string) => void): OpenOptions & { ran: Ran[] } {
  const ran: Ran[] = [];
  return {
    ran,
    env: { PATH: "/bin" },
    onProgress: () => undefined,
    signal: new AbortController().signal,
    run: async (file, args, env) => {
      const command = [path.basename(file), ...args].join(" ");
      ran.push({ command, home: env.PULUMI_HOME });
      fault?.(command);
    },
  };
}

test("the npm package fetches the engine, the engine the plugins, all into the given home", async () => {
  const open = options();
  await fetchOpen(home, versions, open);
  expect(open.ran).toEqual([
    { command: "pulumi version", home },
    { command: "pulumi plugin install resource hcloud v1.0.0", home },
    { command: "pulumi plugin install resource random v4.0.0", home },
  ]);
  expect(existsSync(openMarker(home, versions))).toBe(true);
});

test("an engine whose download was cut off is fetched again", async () => {
  const bin = path.join(home, "versions", "3.0.0", "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(path.join(bin, "pulumi"), "half", { mode: 0o755 });
  let runs = 0;
  const open = options(() => {
    runs += 1;
    if (runs === 1) throw new Error("exec format error");
    expect(existsSync(bin)).toBe(false);
  });
  await fetchOpen(home, versions, open);
  expect(runs).toBe(4);
});

test("a failed download leaves no mark and says what else can be done", async () => {
  const open = options((command) => {
    if (command.includes("hcloud")) throw Object.assign(new Error("exit 1"), { stderr: "503 from the vendor" });
  });
  const fetching = fetchOpen(home, versions, open);
  await expect(fetching).rejects.toBeInstanceOf(ToolchainError);
  await expect(fetching).rejects.toThrow(
    /plugin hcloud 1\.0\.0 failed.*SOVEREIGN_NETWORK=sealed.*503 from the vendor/s,
  );
  expect(existsSync(openMarker(home, versions))).toBe(false);
});

test("a fetch that was ended on purpose is no failure", async () => {
  const open = options(() => {
    throw Object.assign(new Error("aborted"), { isCanceled: true });
  });
  await expect(fetchOpen(home, versions, open)).rejects.toBeInstanceOf(ToolchainCancelled);
});
