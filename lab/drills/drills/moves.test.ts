import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { DrillError } from "../errors.ts";
import { runDrill } from "../run.ts";
import { FakePostgres } from "../testing.ts";
import type { Changes, StackControl, StackValues } from "../world.ts";
import { moveDrills } from "./moves.ts";

const root = mkdtempSync(join(tmpdir(), "moves-"));
afterAll(() => rmSync(root, { recursive: true }));

const own = { topology: "hybrid", locations: ["fsn1", "nbg1", "hel1"], postgres: {}, edge: {} };

/** A stack whose updates change what they are told, and an API that has the same as before unless it is told otherwise. */
class FakeStack {
  readonly world = new FakePostgres();
  readonly topologies: unknown[] = [];
  changes: Changes = {};
  /** Of the update that nothing is protected from. */
  letGo: Changes = {};
  rollouts = 0;
  volumes = [{ id: 7, name: "shop-postgres-fsn1-1-data" }];

  constructor() {
    this.world.api = async (_, path) => {
      const kind = /^\/([a-z_]+)/.exec(path)![1]!;
      const { volumes, world } = this;
      const things: Record<string, unknown> = { volumes, servers: world.all };
      return { [kind]: things[kind] ?? [], meta: { pagination: { next_page: null } } };
    };
    const run = this.world.run.bind(this.world);
    this.world.run = async (target, argv, options) => {
      if (!argv.at(-1)?.includes("member list")) return run(target, argv, options);
      const names = this.rollouts > 1 ? this.world.all.slice(0, 3).map(({ name }) => name) : ["fsn1", "nbg1", "hel1"];
      return { code: 0, stdout: JSON.stringify({ members: names.map((name) => ({ name })) }), stderr: "" };
    };
  }

  get control(): StackControl {
    const values = () => structuredClone(own) as unknown as StackValues;
    return {
      name: "shop",
      values,
      rollout: async () => {
        this.rollouts++;
        return {};
      },
      up: async (change) => {
        const config = values();
        change(config);
        this.topologies.push(config.topology);
        const changes = config.protection && !config.retained ? this.letGo : this.changes;
        return { changes, pending: [] };
      },
    };
  }

  /** With rows in place of orders, since there is no shop. */
  run(name: string) {
    const drill = moveDrills.find((candidate) => candidate.name === name)!;
    return runDrill(
      { ...drill, writer: "sql", crashAgain: false },
      {
        world: this.world,
        stack: this.control,
        database: "shop",
        shop: () => Promise.reject(new Error("no shop here")),
        records: mkdtempSync(join(root, "records-")),
        signal: new AbortController().signal,
        say: () => undefined,
        settleMs: 500,
      },
    );
  }
}

describe("a move", () => {
  it.concurrent("goes there and back, and passes when nothing with data was touched", async () => {
    const stack = new FakeStack();
    stack.changes = { deleted: ["Server shop-app-nbg1-1", "Server shop-edge-ash-1"] };
    const result = await stack.run("move-back");
    expect(result.violations).toEqual([]);
    expect(stack.topologies).toEqual(["single-region", "hybrid"]);
    expect(result.acknowledged).toBeGreaterThan(50);
    expect(result.figures).toContainEqual({
      name: "orders of before, on every node after",
      value: 3,
      limit: undefined,
    });
  });

  it.concurrent("reports what the engine replaced, and what is another one at the API", async () => {
    const stack = new FakeStack();
    stack.changes = { replaced: ["Volume shop-postgres-fsn1-1-data"] };
    const result = await stack.run("move-back");
    expect(result.violations).toContainEqual(
      "hybrid to single-region: the engine replaced or deleted nothing with data: Volume shop-postgres-fsn1-1-data",
    );
    const silent = new FakeStack();
    const { control } = silent;
    Object.defineProperty(silent, "control", {
      value: {
        ...control,
        up: async (...args: Parameters<StackControl["up"]>) => {
          silent.volumes = [{ id: 8, name: "shop-postgres-fsn1-1-data" }];
          return control.up(...args);
        },
      },
    });
    expect((await silent.run("move-back")).violations).toContainEqual(
      "hybrid to single-region: everything with data is the same at the API: volumes shop-postgres-fsn1-1-data",
    );
  });

  it.concurrent("reports an earlier order that a node does not have", async () => {
    const stack = new FakeStack();
    stack.world.orders.set("shop-postgres-fsn1-3", "2 abd");
    expect((await stack.run("move-back")).violations).toContainEqual(
      "orders of before are on every node as they were: before 3 abc, shop-postgres-fsn1-3: 2 abd",
    );
  });

  it.concurrent("is none of a stack that has nothing to lose", async () => {
    const unlabelled = new FakeStack();
    unlabelled.volumes = [];
    const unsold = new FakeStack();
    for (const { name } of unsold.world.all) unsold.world.orders.set(name, "0 d41d");
    await Promise.all([
      expect(unlabelled.run("move-back")).rejects.toThrow(
        new DrillError("the API has no volumes with data under the label stack=shop"),
      ),
      expect(unsold.run("move-back")).rejects.toThrow(
        new DrillError("there is no order before the move that could get lost"),
      ),
    ]);
  });

  it.concurrent("that lets a location go lets all of it go, and nothing of the other is lost or made anew", async () => {
    const deleted = [
      "LoadBalancer shop-load-balancer-nbg1",
      "Server shop-etcd-hel1-1",
      "Server shop-postgres-nbg1-1",
      "Volume shop-postgres-nbg1-1-data",
    ];
    const stacks = [new FakeStack(), new FakeStack()] as const;
    for (const stack of stacks) stack.changes = { created: ["Server shop-postgres-nbg1-1"] };
    stacks[0].letGo = { deleted };
    stacks[1].letGo = { deleted, replaced: ["Volume shop-postgres-fsn1-1-data"] };
    const [fine, lossy] = await Promise.all(stacks.map((stack) => stack.run("move-let-go")));
    expect(fine!.violations).toEqual([]);
    expect(lossy!.violations).toEqual(["only nbg1 and the witness were let go of: Volume shop-postgres-fsn1-1-data"]);
  });

  it.concurrent("to hybrid is one that touches the edge alone", async () => {
    const stack = new FakeStack();
    stack.changes = {
      deleted: ["Server shop-edge-ash-1", "Server shop-app-fsn1-1"],
      created: ["Server shop-edge-ash-1"],
    };
    const result = await stack.run("move-hybrid");
    expect(stack.topologies).toEqual(["multi-region-eu", "hybrid"]);
    expect(result.violations).toContainEqual("the edge's machines alone were deleted: Server shop-app-fsn1-1");
  });
});
