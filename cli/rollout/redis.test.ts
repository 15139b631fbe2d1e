import { describe, expect, it } from "vitest";
import { host, wayTo } from "./part-testing.ts";
import { readHost, redisPart } from "./redis.ts";
import type { HostState } from "./state.ts";

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
