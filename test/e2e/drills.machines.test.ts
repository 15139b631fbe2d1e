/** A short selection of the drills, on real machines: npm test shows that they still pass. All of them: npx sovereign drill all. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ensureZone } from "../../cli/demo/surroundings.ts";
import { stackControl } from "../../cli/drill/stack.ts";
import { labEnvironment } from "../../cli/environment.ts";
import { createDisplay } from "../../cli/lab/display.ts";
import { ensureStorage } from "../../cli/machines/storage.ts";
import { untilHealthy } from "../../cli/machines/wait.ts";
import { stackConfigFile } from "../../cli/project.ts";
import { allDrills } from "../../lab/drills/all.ts";
import { shopAddress, workloadDatabase } from "../../lab/drills/discover.ts";
import { labWorld } from "../../lab/drills/lab-world.ts";
import type { DrillResult } from "../../lab/drills/result.ts";
import { runDrill } from "../../lab/drills/run.ts";
import { describeWithMachines, type MachinesUnderTest } from "../../lab/machines/testing.ts";
import { labApi } from "../../lab/session/client.ts";
import { LabError } from "../../lab/session/files.ts";
import { type RunningLab, startLab, stopLab } from "../../lab/session/session.ts";
import { ensureToolchain } from "../../toolchain/ensure.ts";
import { initStack } from "../../toolchain/stack.ts";

const stack = "single-region";
const upMs = 10 * 60_000;
const drillMs = 8 * 60_000;

function available(machines: MachinesUnderTest): boolean {
  try {
    return machines.tree() !== undefined;
  } catch {
    return false;
  }
}

describeWithMachines("drills on real machines", (machines) => {
  const project = mkdtempSync(join(tmpdir(), "drills-"));
  const display = createDisplay();
  const forever = new AbortController().signal;
  let lab: RunningLab | undefined;
  /** Why customers cannot reach the shop from here. */
  let unreachable: string | undefined;

  beforeAll(async () => {
    // Where there are no machines the tests are skipped, with the reason.
    if (!available(machines)) return;
    const started = await startLab({ project, port: 0, machines: {} }).catch((error: unknown) => {
      if (!(error instanceof LabError) || !error.message.includes("cannot be reached from this machine")) throw error;
      unreachable = error.message;
      return startLab({ project, port: 0, machines: { uplink: false } });
    });
    const { lab: fresh } = started;
    lab = fresh;
    const config = stackConfigFile(stack);
    const toolchain = await ensureToolchain();
    await initStack(toolchain, stack, { env: labEnvironment(fresh, toolchain), signal: forever });
    await ensureZone(labApi(fresh), config);
    await ensureStorage(fresh, config);
    await stackControl(fresh, stack, display).up((values) => {
      Object.assign(values.app!, { servers: 2 });
    });
    await untilHealthy(fresh, display, forever);
  }, upMs);

  afterAll(async () => {
    await stopLab({ project }, true);
    rmSync(project, { recursive: true, force: true });
  }, 120_000);

  /** Without limits in seconds, which are for figures and not for a machine that also runs all other tests. */
  async function run(name: string): Promise<DrillResult> {
    const drill = allDrills.find((candidate) => candidate.name === name)!;
    if (!lab) throw new Error("there is no lab");
    const { files } = lab;
    const world = labWorld(lab, stack);
    const { errors } = drill.limits;
    return runDrill(
      { ...drill, limits: errors === undefined ? {} : { errors } },
      {
        world,
        stack: stackControl(lab, stack, display),
        database: await workloadDatabase(world),
        shop: () => shopAddress(world, stack),
        records: join(files.folder, "drills"),
        signal: forever,
        say: (line) => display.say(`  ${name}: ${line}`),
      },
    );
  }

  const nothingLost = { lost: 0, duplicates: 0, invented: 0, disagreeing: [], violations: [] };

  it.each(["postgres-postmaster", "postgres-host-kill", "backup-restore"])("%s", { timeout: drillMs }, async (name) => {
    expect(await run(name)).toMatchObject(nothingLost);
  });

  it("app-rolling", { timeout: drillMs }, async (context) => {
    if (unreachable !== undefined) context.skip(`no way to the shop from this machine: ${unreachable}`);
    expect(await run("app-rolling")).toMatchObject({ ...nothingLost, errors: 0 });
  });
});
