import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { projectRoot } from "../cli/project.ts";
import { describeWithMachines } from "../lab/machines/testing.ts";

const lab = "drill-test";
const upMs = 10 * 60_000;
const drillMs = 8 * 60_000;

/** The command as people run it, its progress shown. */
function sovereign(args: readonly string[], timeout: number) {
  const main = join(projectRoot, "cli/main.ts");
  return execa(process.execPath, ["--no-warnings", main, ...args, "--name", lab], {
    cwd: projectRoot,
    reject: false,
    stderr: ["pipe", "inherit"],
    stdin: "ignore",
    timeout,
    // In order: what was broken is made good.
    killSignal: "SIGINT",
  });
}

/** A short selection of the drills, on the example's whole stack; `sovereign drill all` runs the rest. */
describeWithMachines("drills on a stack of machines", () => {
  beforeAll(async () => {
    await sovereign(["lab", "stop", "--purge"], upMs);
    const { exitCode, stderr } = await sovereign(["lab", "up", "single-region", "--json"], upMs);
    expect(exitCode, stderr).toBe(0);
  }, 2 * upMs);

  afterAll(async () => {
    await sovereign(["lab", "stop", "--purge"], upMs);
  }, upMs);

  test.each(["postgres-postmaster", "postgres-host-kill", "backup-restore", "app-rolling"])(
    "%s",
    async (drill) => {
      const { exitCode, stdout, stderr } = await sovereign(["drill", drill, "--json"], drillMs);
      expect(exitCode, stderr).toBe(0);
      const [series] = JSON.parse(stdout);
      expect(series.violations).toEqual([]);
      expect(series.runs).toHaveLength(1);
      expect(series.runs[0].acknowledged).toBeGreaterThan(0);
    },
    drillMs + 60_000,
  );
});
