import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
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
  volumes = [{ id: 7, name: "shop-postgres-fsn1-1-data" }];

  constructor() {
    this.world.api = async (_, path) => {
      const kind = /^\/([a-z_]+)/.exec(path)![1]!;
      return { [kind]: kind === "volumes" ? this.volumes : [], meta: { pagination: { next_page: null } } };
    };
  }

  get control(): StackControl {
    const values = () => structuredClone(own) as unknown as StackValues;
    return {
      name: "shop",
      values,
      rollout: async () => ({}),
      up: async (change) => {
        const config = values();
        change(config);
        this.topologies.push(config.topology);
        return { changes: this.changes, pending: [] };
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
