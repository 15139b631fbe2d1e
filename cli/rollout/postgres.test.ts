import { describe, expect, it } from "vitest";
import { etcdWell, host, wayTo } from "./part-testing.ts";
import { type Cluster, clusterProblem, type NodeAnswer, postgresPart, readAnswer } from "./postgres.ts";

const member = (ordinal: number, role: string, change: object = {}) => ({
  name: host("postgres", ordinal).name,
  role,
  state: role === "leader" ? "running" : "streaming",
  timeline: 3,
  lag: 0,
  ...change,
});
const well: Cluster = { members: [member(1, "leader"), member(2, "replica"), member(3, "sync_standby")] };
const nodeSays = (cluster: object, etcd = etcdWell, backup = "") =>
  `booted\n\n---\n${JSON.stringify(cluster)}\n---\n${etcd}\n---\n${backup}\n`;

describe("Postgres", () => {
  const answers = (change: (answer: NodeAnswer, i: number) => Partial<NodeAnswer>): NodeAnswer[] =>
    [1, 2, 3].map((ordinal, i) => {
      const answer: NodeAnswer = { name: host("postgres", ordinal).name, cluster: well };
      return { ...answer, ...change(answer, i) };
    });
  const all = (cluster: object) => answers(() => ({ cluster: cluster as Cluster }));
  const members = (...list: object[]) => ({ members: list });

  it.each([
    ["all well", all(well), undefined],
    ["a silent node", answers((_, i) => (i === 1 ? { problem: "no answer" } : {})), "no answer"],
    [
      "two opinions",
      answers((_, i) => (i === 2 ? { cluster: members(member(2, "leader")) as Cluster } : {})),
      "the nodes do not agree on a primary",
    ],
    ["no primary", all(members(member(1, "replica"))), "the nodes do not agree on a primary"],
    ["a pause", all({ ...well, pause: true }), "Patroni is paused: patronictl resume first"],
    [
      "a member that is gone",
      all(members(member(1, "leader"), member(3, "sync_standby"))),
      "s-postgres-fsn1-2 is not a member of the cluster",
    ],
    [
      "one that runs only",
      all(members(member(1, "leader"), member(2, "replica", { state: "running" }), member(3, "sync_standby"))),
      "s-postgres-fsn1-2 does not stream: it is running",
    ],
    [
      "another timeline",
      all(members(member(1, "leader"), member(2, "replica", { timeline: 2 }), member(3, "sync_standby"))),
      "s-postgres-fsn1-2 is on timeline 2, the primary on 3",
    ],
    [
      "one far behind",
      all(members(member(1, "leader"), member(2, "replica", { lag: 5_000_000 }), member(3, "sync_standby"))),
      "s-postgres-fsn1-2 is 5 MB behind",
    ],
    [
      "one whose distance is unknown",
      all(members(member(1, "leader"), member(2, "replica", { lag: "unknown" }), member(3, "sync_standby"))),
      "how far s-postgres-fsn1-2 is behind is not known",
    ],
    [
      "a primary that starts",
      all(members(member(1, "leader", { state: "starting" }), member(2, "replica"), member(3, "sync_standby"))),
      "PostgreSQL on s-postgres-fsn1-1 is starting",
    ],
    [
      "nobody to confirm",
      all(members(member(1, "leader"), member(2, "replica"), member(3, "replica"))),
      "s-postgres-fsn1-1 has no synchronous standby",
    ],
    [
      "etcd",
      answers((_, i) => (i === 2 ? { etcd: "etcd has 2 healthy members of 3" } : {})),
      "etcd has 2 healthy members of 3",
    ],
  ])("%s", (_, given, problem) => expect(clusterProblem(given, { isZeroLoss: true })).toBe(problem));

  it("needs nobody to confirm where commits do not wait", () => {
    const cluster = members(member(1, "leader"), member(2, "replica"), member(3, "replica"));
    expect(clusterProblem(all(cluster), { isZeroLoss: false })).toBeUndefined();
  });

  it("answers that are none are problems", () => {
    expect(readAnswer("x", "booted\n---\n{}\n---\n---\n", 3).problem).toBe("Patroni on x does not answer");
    expect(readAnswer("x", "", 3).problem).toBe("the first boot of x is not over");
    expect(readAnswer("x", nodeSays(well, "", "failed"), 3)).toMatchObject({ backup: "unknown", etcd: undefined });
  });

  const nodes = [1, 2, 3].map((ordinal) => host("postgres", ordinal));
  const backup = (stop: number) =>
    JSON.stringify([{ backup: [{ timestamp: { start: 1, stop: 50 } }, { timestamp: { start: 1, stop } }] }]);
  const context = { isZeroLoss: true, maxBackupHours: 26 };

  it("replica first, then the standby that confirms, the primary last and after a switchover", async () => {
    const way = wayTo(() => nodeSays(well));
    const part = postgresPart({ ...context, way });
    const { members: views, problem } = await part.look(nodes);
    expect(problem).toBeUndefined();
    expect(
      [...views].sort((a, b) => a[1].rank - b[1].rank).map(([name, view]) => [name, view.role, view.handOver]),
    ).toEqual([
      ["s-postgres-fsn1-2", "replica", undefined],
      ["s-postgres-fsn1-3", "synchronous standby", undefined],
      ["s-postgres-fsn1-1", "primary", "switchover"],
    ]);
    expect([...views.values()].map((view) => part.cost(view, 3))).toEqual([
      "switchover: 2 to 4 s without writes; then one standby fewer for 1 to 3 min",
      "one standby fewer for 1 to 3 min",
      "some seconds without writes, until another standby confirms them; one standby fewer for 1 to 3 min",
    ]);
    expect(part.cost({ role: "replica", rank: 0 }, 2)).toContain("no writes");
    expect(part.cost({ role: "primary", rank: 2 }, 1)).toContain("no database");
  });

  it("takes any standby first where several confirm commits", async () => {
    const quorum = { members: [member(1, "leader"), member(2, "quorum_standby"), member(3, "quorum_standby")] };
    const part = postgresPart({ ...context, way: wayTo(() => nodeSays(quorum)) });
    const { members: views, problem } = await part.look(nodes);
    expect([problem, [...views.values()].map(({ rank }) => rank)]).toEqual([undefined, [2, 0, 0]]);
    expect(part.cost(views.get("s-postgres-fsn1-2")!, 3)).toBe("one standby fewer for 1 to 3 min");
  });

  const atHour = (hours: number) => () => hours * 3_600_000;
  it.each([
    ["recent", backup(3600 * 10), 12, undefined],
    ["old", backup(3600 * 10), 40, "the latest backup is 30 h old, more than 26 h; --any-backup goes on all the same"],
    ["none yet", JSON.stringify([{ backup: [] }]), 40, "there is no backup yet; --any-backup goes on all the same"],
    ["a dead store", "failed", 40, "the store of backups does not answer; --any-backup goes on all the same"],
    ["no backups at all", "", 40, undefined],
  ])("a backup: %s", async (_, answer, hours, problem) => {
    const part = postgresPart({ ...context, way: wayTo(() => nodeSays(well, etcdWell, answer)) }, atHour(hours));
    expect((await part.look(nodes)).problem).toBe(problem);
  });

  it("looks for a backup once, and not at all when told so", async () => {
    const way = wayTo(() => nodeSays(well, etcdWell, backup(3600)));
    const part = postgresPart({ ...context, way }, atHour(2));
    await part.look(nodes);
    await part.look(nodes);
    expect(way.asked.map((argv) => argv.at(-1))).toEqual([...Array(3).fill("backup"), ...Array(3).fill("none")]);
    const careless = postgresPart(
      { ...context, way: wayTo(() => nodeSays(well, etcdWell, backup(3600))), maxBackupHours: undefined },
      atHour(999),
    );
    expect((await careless.look(nodes)).problem).toBeUndefined();
  });

  it("a node that cannot be reached and a switchover that fails are said with the machine's words", async () => {
    const part = postgresPart({ ...context, way: wayTo(() => undefined) });
    expect((await part.look(nodes)).problem).toBe(
      "s-postgres-fsn1-1 does not answer: ssh: connect to host: Connection refused",
    );
    await expect(part.handOver(nodes[0]!, nodes)).rejects.toThrow(
      "the switchover on s-postgres-fsn1-1 failed: ssh: connect",
    );
  });
});
