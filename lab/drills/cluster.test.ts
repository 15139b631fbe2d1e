import { describe, expect, it } from "vitest";
import { convergenceProblem, type NodeState, PostgresCluster } from "./cluster.ts";
import { FakePostgres } from "./testing.ts";

const node = (name: string, own: Partial<NodeState> = {}): NodeState => ({
  name,
  recovery: true,
  timeline: 3,
  position: 100,
  streaming: true,
  synchronous: 0,
  ...own,
});
const primary = (own: Partial<NodeState> = {}) =>
  node("a", { recovery: false, streaming: false, synchronous: 1, ...own });

describe("whether nodes can be compared", () => {
  it("yes, when everybody streams and has replayed what the primary had", () => {
    expect(convergenceProblem([primary(), node("b"), node("c", { position: 120 })], true)).toBeUndefined();
  });

  it.each<[string, (NodeState | string)[]]>([
    ["0 nodes take writes", [node("a"), node("b")]],
    ["2 nodes take writes", [primary(), node("b", { recovery: false })]],
    ["b does not stream", [primary(), node("b", { streaming: false })]],
    ["b is on timeline 2, the primary a on 3", [primary(), node("b", { timeline: 2 })]],
    ["b is 1 bytes behind", [primary(), node("b", { position: 99 })]],
    ["b is 100 bytes behind", [primary(), node("b", { position: null })]],
    ["a has no synchronous standby", [primary({ synchronous: 0 }), node("b")]],
    ["b: connection refused", [primary(), "b: connection refused"]],
  ])("no: %s", (problem, states) => {
    expect(convergenceProblem(states, true)).toBe(problem);
  });

  it("a cluster that does not wait for standbys needs no synchronous one", () => {
    expect(convergenceProblem([primary({ synchronous: 0 }), node("b")], false)).toBeUndefined();
  });
});

describe("the primary", () => {
  const patience = { seconds: 0 };

  it("is whom all members name, and who takes writes", async () => {
    const fake = new FakePostgres();
    expect((await new PostgresCluster(fake, "shop").primary(patience)).name).toBe("shop-postgres-fsn1-1");
  });

  it("is nobody while members name different ones", async () => {
    const fake = new FakePostgres();
    fake.named.set("shop-postgres-fsn1-2", "shop-postgres-fsn1-2");
    await expect(new PostgresCluster(fake, "shop").primary(patience)).rejects.toThrow(
      "members name shop-postgres-fsn1-1 and shop-postgres-fsn1-2",
    );
  });

  it("is nobody while the one that is named does not take writes", async () => {
    const fake = new FakePostgres();
    fake.primary = "shop-postgres-fsn1-2";
    for (const name of fake.rows.keys()) fake.named.set(name, "shop-postgres-fsn1-1");
    await expect(new PostgresCluster(fake, "shop").primary(patience)).rejects.toThrow("still in recovery");
  });
});

it("the primary may be lost only once Patroni has named who may take over", async () => {
  const fake = new FakePostgres();
  const cluster = new PostgresCluster(fake, "shop");
  await cluster.converged({ seconds: 0 });
  fake.unnamed = true;
  await expect(cluster.converged({ seconds: 0 })).rejects.toThrow("Patroni has not named a synchronous standby yet");
  await cluster.converged({ seconds: 0 }, false);
});

it("reads the rows of every node, and none when one cannot be asked", async () => {
  const fake = new FakePostgres();
  fake.rows.set("shop-postgres-fsn1-2", ["r-1", "r-2"]);
  const cluster = new PostgresCluster(fake, "shop");
  expect([...(await cluster.rows("r"))].map(([, rows]) => rows.length)).toEqual([0, 2, 0]);
  fake.off.add("shop-postgres-fsn1-3");
  await expect(cluster.rows("r")).rejects.toThrow("rows of shop-postgres-fsn1-3");
  await expect(cluster.rows("r'; DROP TABLE x")).rejects.toThrow("cannot stand in a statement");
});
