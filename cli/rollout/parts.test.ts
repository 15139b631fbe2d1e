import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dnsProblem, plainPart } from "./plain.ts";
import { type Cluster, clusterProblem, type NodeAnswer, postgresPart, readAnswer } from "./postgres.ts";
import { bootProbe, bootProblem, etcdProblem } from "./probe.ts";
import { readHost, redisPart } from "./redis.ts";
import type { HostState } from "./state.ts";
import type { Ran, Way } from "./way.ts";

const host = (role: string, ordinal: number): HostState => ({
  name: `s-${role}-fsn1-${ordinal}`,
  role,
  location: "fsn1",
  index: ordinal - 1,
  isComplete: true,
  isProtected: true,
  isLifted: false,
  generation: 1,
  publicAddress: `198.51.100.${ordinal}`,
  privateAddress: `10.0.2.${ordinal}`,
  serverType: "ccx13",
  urns: [],
});

/** Machines that answer what a function says, or nothing. */
function wayTo(answer: (host: HostState, argv: readonly string[]) => string | undefined): Way & { asked: string[][] } {
  const asked: string[][] = [];
  return {
    asked,
    isNew: () => undefined,
    async run(to, argv): Promise<Ran> {
      asked.push([to.name, ...argv]);
      const stdout = answer(to, argv);
      return stdout === undefined
        ? { code: 255, stdout: "", stderr: "ssh: connect to host: Connection refused" }
        : { code: 0, stdout, stderr: "" };
    },
  };
}

describe("the first boot", () => {
  it.each([
    ["booted", undefined],
    ["booting", "the first boot of x is not over"],
    ["booting\nfirst boot failed: no volume", "x: first boot failed: no volume"],
    ["", "the first boot of x is not over"],
  ])("%j", (answer, problem) => expect(bootProblem("x", answer)).toBe(problem));

  it("is asked for with a shell that runs", () => {
    expect(execFileSync("sh", ["-c", bootProbe], { encoding: "utf8" }).split("\n")[0]).toMatch(/^boot(ed|ing)$/);
  });
});

describe("etcd", () => {
  const answer = (...health: boolean[]) =>
    JSON.stringify(health.map((one) => ({ endpoint: "https://x:2379", health: one })));
  it.each([
    [answer(true, true, true), undefined],
    [answer(true, false, true), "etcd has 2 healthy members of 3"],
    [answer(true, true), "etcd has 2 healthy members of 3"],
    [answer(false), "etcd has 0 healthy members of 3"],
    ["failed", "etcd does not answer"],
    [`${answer(true, true, true)}\nfailed`, undefined],
    ["", undefined],
  ])("%s", (text, problem) => expect(etcdProblem(text, 3)).toBe(problem));
});

const member = (ordinal: number, role: string, change: object = {}) => ({
  name: host("postgres", ordinal).name,
  role,
  state: role === "leader" ? "running" : "streaming",
  timeline: 3,
  lag: 0,
  ...change,
});
const well: Cluster = { members: [member(1, "leader"), member(2, "replica"), member(3, "sync_standby")] };
const etcdWell = JSON.stringify([{ health: true }, { health: true }, { health: true }]);
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

const info = (role: "master" | string) =>
  role === "master"
    ? "# Replication\r\nrole:master\r\nconnected_slaves:2\r\n"
    : `# Replication\r\nrole:slave\r\nmaster_host:${role}\r\nmaster_link_status:up\r\n`;
const quorum = "OK 3 usable Sentinels. Quorum and failover authorization can be reached";
const redisSays = (sessions: string, cache: string, decides = quorum) =>
  `booted\n\n---\n${info(sessions)}\n---\n${decides}\n\n---\n${info(cache)}\n---\n${decides}\n`;

describe("Redis", () => {
  const hosts = [1, 2, 3].map((ordinal) => host("redis", ordinal));
  const spread = (to: HostState) =>
    redisSays(to.name.endsWith("1") ? "master" : "10.0.2.1", to.name.endsWith("2") ? "master" : "10.0.2.2");

  it("hosts without a master first, and a failover for each master before the others", async () => {
    const part = redisPart({ way: wayTo(spread) });
    const { members, problem } = await part.look(hosts);
    expect(problem).toBeUndefined();
    expect([...members].map(([name, { rank, handOver }]) => [name, rank, handOver])).toEqual([
      ["s-redis-fsn1-1", 1, "failover of sessions"],
      ["s-redis-fsn1-2", 1, "failover of cache"],
      ["s-redis-fsn1-3", 0, undefined],
    ]);
    expect(part.cost({ role: "", rank: 1, handOver: "failover of cache" }, 3)).toContain("about 2 s without writes");
    expect(part.cost({ role: "", rank: 2 }, 1)).toContain("no sessions and no cache");
  });

  it("fails over just what the host is master of", async () => {
    const way = wayTo((to, argv) => (argv[2]!.includes("FAILOVER") ? "" : spread(to)));
    await redisPart({ way }).handOver(hosts[1]!, hosts);
    expect(
      way.asked.filter((argv) => argv[3]!.includes("FAILOVER")).map((argv) => [argv[0], ...argv.slice(-2)]),
    ).toEqual([["s-redis-fsn1-2", "10.0.2.2", "cache"]]);
  });

  it.each([
    [
      "two masters",
      (to: HostState) => redisSays(to.name.endsWith("3") ? "10.0.2.1" : "master", "10.0.2.2"),
      /^sessions: 2 hosts say that they are master/,
    ],
    ["a broken link", (to: HostState) => spread(to).replace("link_status:up", "link_status:down"), /has no link to/],
    [
      "no majority",
      (to: HostState) => spread(to).replaceAll(quorum, "NOQUORUM 1 usable Sentinels"),
      /Sentinel on s-redis-fsn1-1 could not fail over sessions: NOQUORUM/,
    ],
    [
      "an instance that does not answer",
      (to: HostState) => spread(to).replace(/# Replication\r\nrole:master\r\n.*\r\n/, "Could not connect"),
      /sessions on s-redis-fsn1-1: Could not connect/,
    ],
  ])("%s", async (_, answer, problem) => {
    expect((await redisPart({ way: wayTo(answer) }).look(hosts)).problem).toMatch(problem);
  });

  it("each location has a master of its own, and one that is alone in its location hands over to nobody", async () => {
    const there = { ...host("redis", 9), name: "s-redis-nbg1-1", location: "nbg1" };
    const way = wayTo((to) => (to === there ? redisSays("master", "master", "") : spread(to)));
    const part = redisPart({ way });
    const { members, problem } = await part.look([...hosts, there]);
    expect(problem).toBeUndefined();
    const alone = members.get("s-redis-nbg1-1")!;
    expect([alone.rank, alone.handOver, part.cost(alone, 4)]).toEqual([
      2,
      undefined,
      expect.stringContaining("no sessions"),
    ]);
  });

  it("alone needs no Sentinel, and hands over nothing", async () => {
    const { members, problem } = await redisPart({ way: wayTo(() => redisSays("master", "master", "")) }).look([
      hosts[0]!,
    ]);
    expect([problem, members.get("s-redis-fsn1-1")]).toEqual([
      undefined,
      { role: "master of sessions and cache", rank: 2 },
    ]);
    expect(readHost("x", "booting\n---\n", 1).problem).toBe("the first boot of x is not over");
  });
});

describe("machines without anything to hand over", () => {
  it.each([
    ["sovereign_dns_answers 1\n", undefined],
    ["sovereign_dns_answers 0\n", "the DNS server on x does not answer"],
    ["", "the DNS server on x does not answer"],
    [
      'sovereign_dns_answers 1\nsovereign_dns_entrance_up{entrance="a",family="4"} 0\nsovereign_dns_entrance_up{entrance="b",family="4"} 1\n',
      undefined,
    ],
    [
      'sovereign_dns_answers 1\nsovereign_dns_entrance_up{entrance="a",family="4"} 0\n',
      "the DNS server on x holds no entrance for healthy",
    ],
  ])("DNS: %j", (metrics, problem) => expect(dnsProblem("x", metrics)).toBe(problem));

  it.each([
    ["monitoring", "200 200 ", undefined],
    ["monitoring", "200 503 ", "Prometheus and Alertmanager on s-monitoring-fsn1-1 are not ready: 200 503"],
    ["etcd", etcdWell, undefined],
    ["etcd", "", "etcd on s-etcd-fsn1-1 is not set up"],
  ] as const)("%s: %s", async (role, answer, problem) => {
    const part = plainPart(role, { way: wayTo(() => `booted\n---\n${answer}\n`) });
    expect((await part.look([host(role, 1)])).problem).toBe(problem);
  });
});

describe("a probe is a program that a shell runs to its end", () => {
  let bin: string;
  beforeEach(() => {
    bin = mkdtempSync(join(tmpdir(), "probe-"));
  });
  afterEach(() => rmSync(bin, { recursive: true, force: true }));

  it.each(["postgres", "redis", "etcd", "monitoring", "gateway"] as const)("%s, whatever is missing", async (role) => {
    const curl = join(bin, "curl");
    writeFileSync(curl, "#!/bin/sh\nexit 7\n");
    chmodSync(curl, 0o755);
    const way: Way = {
      isNew: () => undefined,
      run: async (_, [file, ...args]) => {
        const env = { PATH: `${bin}:/usr/bin:/bin` };
        const stdout = execFileSync(file!, args, { encoding: "utf8", env, stdio: ["ignore", "pipe", "ignore"] });
        return { code: 0, stdout, stderr: "" };
      },
    };
    const context = { way, isZeroLoss: true, maxBackupHours: 1 };
    const part =
      role === "postgres" ? postgresPart(context) : role === "redis" ? redisPart(context) : plainPart(role, context);
    await expect(part.look([host(role, 1)])).resolves.toMatchObject({
      problem: `the first boot of s-${role}-fsn1-1 is not over`,
    });
  });
});
