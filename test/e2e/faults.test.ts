/** What goes wrong at the provider or on this machine, and how a stack gets over it. */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recover } from "../../cli/demo/recover.ts";
import { createDisplay } from "../../cli/lab/display.ts";
import { appServers, LONG, smallConfig, World } from "./harness.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
}, LONG);
afterAll(() => world?.close(), LONG);

/** Processes that a process has started, theirs too. */
function descendants(pid: number): number[] {
  const lines = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const of = (parent: number): number[] => pairs.filter(([, p]) => p === parent).flatMap(([p]) => [p, ...of(p)]);
  return of(pid);
}

/** Ends an engine and its plugins as a power cut would. */
function killEngine(): void {
  const engines = descendants(process.pid).filter((pid) => commandOf(pid).includes(`--stack ${world.context.stack}`));
  expect(engines.length).toBeGreaterThan(0);
  const all = engines.flatMap((pid) => [pid, ...descendants(pid)]);
  for (const pid of all) process.kill(pid, "SIGKILL");
}

function commandOf(pid: number): string {
  try {
    return execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}

/** Every name once: nothing was made twice. */
async function expectWhole(servers: number): Promise<void> {
  const counts = await world.counts();
  expect(counts).toMatchObject({ servers, networks: 1, load_balancers: 1, firewalls: 1, volumes: 3 });
  const preview = await world.preview();
  expect(preview.messages).toBe("");
  expect(Object.keys(preview.progress.result!.resourceChanges)).toEqual(["same"]);
}

describe("faults", { timeout: LONG }, () => {
  it("a type that is sold out fails the update by name, and the next update repairs the stack", async () => {
    world.configure(smallConfig());
    await world.fault({ type: "resource_unavailable", server_type: "ccx13", location: "fsn1" });
    const failed = await world.up();
    expect(failed.ok).toBe(false);
    expect(failed.messages).toMatch(/error e2e-postgres-fsn1-1: .*(unavailable|not available)/);
    expect(failed.messages).toMatch(/resource_unavailable/);
    expect(failed.messages).not.toMatch(/e2e-redis-fsn1-1: /);
    await world.clearFaults();
    const repaired = await world.up();
    expect(repaired.messages).toBe("");
    expect(repaired.changes.replaced).toBeUndefined();
    await expectWhole(5);
  });

  it("rate limits, errors of the server, slow answers and slow actions are got over without anybody noticing", async () => {
    world.configure(smallConfig(appServers(4)));
    await world.fault({ type: "latency", ms: 100 });
    await world.fault({ type: "rate_limit", count: 3 });
    await world.fault({ type: "server_error", status: 502, count: 3 });
    await world.fault({ type: "server_error", status: 504, count: 3, method: "POST" });
    await world.fault({ type: "action_duration", ms: 700 });
    const { messages, ok } = await world.up();
    expect(messages).toBe("");
    expect(ok).toBe(true);
    await world.clearFaults();
    await expectWhole(7);
  });

  it("a lost connection and a failing action name their machines, and the next update repairs the stack", async () => {
    world.configure(smallConfig(appServers(6)));
    await world.fault({ type: "timeout", ms: 100, method: "POST", path: "/servers", count: 1 });
    await world.fault({ type: "action_error", command: "create_server", count: 1 });
    const failed = await world.up();
    expect(failed.ok).toBe(false);
    expect(failed.messages).toMatch(/error e2e-app-fsn1-[56]: .*EOF/);
    expect(failed.messages).toMatch(/error e2e-app-fsn1-[56]: .*action_failed/);
    await world.clearFaults();
    expect((await world.up()).messages).toBe("");
    await expectWhole(9);
  });

  it("an engine killed in the middle leaves a stack that goes on: nothing is made twice", async () => {
    world.configure(smallConfig(appServers(9)));
    // The machines are made, their answers never arrive.
    await world.fault({ type: "timeout", ms: 60_000, performed: true, method: "POST", path: "/servers" });
    let begun = 0;
    const killed = await world.up({
      onEvent: ({ resourcePreEvent: step }) => {
        if (step?.metadata.op !== "create" || !step.metadata.type.endsWith(":Server") || ++begun < 3) return;
        setTimeout(killEngine, 1500);
      },
    });
    expect(killed.ok).toBe(false);
    await world.clearFaults();
    const said: string[] = [];
    const display = { ...createDisplay(), say: (line: string) => void said.push(line) };
    await recover(world.context, world.lab, display, ["--config-file", world.configFile]);
    expect(said.join("\n")).toMatch(/3 found and taken over, 0 made again/);
    expect((await world.up()).messages).toBe("");
    await expectWhole(12);
  });

  it("a lab killed in the middle fails the update; with the lab back, the next one repairs the stack", async () => {
    world.configure(smallConfig(appServers(3)));
    let deleted = 0;
    const failed = await world.up({
      onEvent: ({ resOutputsEvent: step }) => {
        if (step?.metadata.op === "delete" && ++deleted === 1) process.kill(world.lab.process.pid, "SIGKILL");
      },
    });
    expect(failed.ok).toBe(false);
    expect(failed.messages).toMatch(/connection refused|EOF|connection reset/);
    await world.restartLab();
    expect((await world.up()).messages).toBe("");
    await expectWhole(6);
  });
});
