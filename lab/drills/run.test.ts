import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Drill } from "./drill.ts";
import { readRecord } from "./record.ts";
import { crashed, type DrillEnvironment, runDrill } from "./run.ts";
import { FakePostgres } from "./testing.ts";

const root = mkdtempSync(join(tmpdir(), "drill-"));
afterAll(() => rmSync(root, { recursive: true }));

const environment = (world: FakePostgres, signal = new AbortController().signal): DrillEnvironment => ({
  world,
  database: "shop",
  shop: () => Promise.reject(new Error("no shop here")),
  // Of its own: these tests run side by side.
  records: mkdtempSync(join(root, "records-")),
  signal,
  say: () => undefined,
  settleMs: 500,
});

const hostKill: Drill = {
  name: "kill",
  family: "postgres",
  title: "",
  proves: "",
  writer: "sql",
  limits: { outage: 5 },
  async break(context) {
    await crashed(context, await context.postgres.primary({ seconds: 5 }));
  },
};

describe("a drill", () => {
  it.concurrent("passes when nothing is lost, with the first and the further crash compared, and leaves no record", async () => {
    const world = new FakePostgres();
    const result = await runDrill(hostKill, environment(world));
    expect(result.violations).toEqual([]);
    expect(result).toMatchObject({ lost: 0, duplicates: 0, disagreeing: [] });
    expect(result.errors).toBeGreaterThan(0);
    expect(result.outageSeconds).toBeGreaterThan(0.2);
    expect(world.log).toEqual([
      "crash shop-postgres-fsn1-1",
      "poweron shop-postgres-fsn1-1",
      "crash shop-postgres-fsn1-2",
      "poweron shop-postgres-fsn1-2",
    ]);
  });

  it.concurrent("reports rows that a failover forgot, and keeps the record", async () => {
    const world = new FakePostgres();
    world.forgets = 7;
    const result = await runDrill({ ...hostKill, crashAgain: false }, environment(world));
    expect(result.lost).toBe(7);
    expect(result.violations[0]).toMatch(/^7 acknowledged writes are lost: w-/);
    expect(readRecord(result.record!).length).toBeGreaterThan(100);
  });

  it.concurrent("a window allows what was acknowledged before the break, and nothing that was later", async () => {
    const redisLike: Drill = { ...hostKill, crashAgain: false, limits: { lossWindowMs: 60_000 } };
    const world = new FakePostgres();
    world.forgets = 3;
    expect((await runDrill(redisLike, environment(world))).violations).toEqual([]);
    const split = new FakePostgres();
    const drill: Drill = {
      ...redisLike,
      async after(context) {
        const last = context.writer.entries.findLast((entry) => entry.error === undefined)!;
        for (const rows of split.rows.values()) rows.splice(rows.indexOf(last.id), 1);
      },
    };
    expect((await runDrill(drill, environment(split))).violations[0]).toMatch(/^1 acknowledged writes are lost: w-/);
  });

  it.concurrent("a loss that only the further crash brings is one as well", async () => {
    const world = new FakePostgres();
    const crash = world.crash.bind(world);
    world.crash = async (machine) => {
      world.forgets = world.log.length > 0 ? 3 : 0;
      await crash(machine);
    };
    expect((await runDrill(hostKill, environment(world))).lost).toBe(3);
  });

  it.concurrent("a control passes with a loss, and fails without one", async () => {
    const control: Drill = { ...hostKill, expectsLoss: true, crashAgain: false };
    const lossy = new FakePostgres();
    lossy.forgets = 2;
    expect((await runDrill(control, environment(lossy))).violations).toEqual([]);
    expect((await runDrill(control, environment(new FakePostgres()))).violations).toEqual([
      "no loss was reported, though there must be one: the comparison cannot be trusted",
    ]);
  });

  it.concurrent("makes good what it broke when it is interrupted", async () => {
    const world = new FakePostgres();
    const interruption = new AbortController();
    const waiting: Drill = {
      ...hostKill,
      async break(context) {
        const primary = await context.postgres.primary({ seconds: 5 });
        await crashed(context, primary);
        await context.breaking(
          "cut",
          () => world.cut(world.all[1]!),
          async () => {
            await context.postgres.primary({ seconds: 5, signal: context.signal });
            await world.heal(world.all[1]!);
          },
        );
        setTimeout(() => interruption.abort(), 50);
        await context.pause(60);
      },
    };
    await expect(runDrill(waiting, environment(world, interruption.signal))).rejects.toThrow();
    expect(world.log.slice(-2)).toEqual(["heal shop-postgres-fsn1-2", "poweron shop-postgres-fsn1-1"]);
    expect([...world.off, ...world.cutOff]).toEqual([]);
  });

  it.concurrent("a node that is gone at the end does not count as one that agrees", async () => {
    const world = new FakePostgres();
    const drill: Drill = {
      ...hostKill,
      crashAgain: false,
      async after() {
        world.all.splice(2, 1);
        world.rows.delete("shop-postgres-fsn1-3");
      },
    };
    expect((await runDrill(drill, environment(world))).violations).toEqual([
      "compared with every node: 2 nodes, and there were 3",
    ]);
  });

  it.concurrent("what the writer says and nobody can read is a violation", async () => {
    const world = new FakePostgres();
    const start = world.start.bind(world);
    world.start = async () => {
      const running = await start();
      const onLines = running.onLines.bind(running);
      running.onLines = (listener) => {
        onLines(listener);
        listener(["Traceback"]);
      };
      return running;
    };
    expect((await runDrill({ ...hostKill, crashAgain: false }, environment(world))).violations).toEqual([
      'the writer\'s record: 1 lines are no entry, such as "Traceback"',
    ]);
  });

  it.concurrent("a limit that is exceeded is a violation", async () => {
    const world = new FakePostgres();
    world.failoverMs = 1500;
    const result = await runDrill({ ...hostKill, limits: { outage: 1 }, crashAgain: false }, environment(world));
    expect(result.violations).toHaveLength(1);
    expect(result.violations[0]).toMatch(/s without a write, at most 1 s$/);
  });
});

it("a drill that does not begin leaves nothing behind", async () => {
  const world = new FakePostgres();
  const given = environment(world, AbortSignal.abort());
  await expect(runDrill(hostKill, given)).rejects.toThrow();
  expect(readdirSync(given.records)).toEqual([]);
  expect(world.log).toEqual([]);
});
