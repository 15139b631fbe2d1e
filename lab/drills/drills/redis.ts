/** Drills of the sessions. */
import type { Drill, DrillContext } from "../drill.ts";
import { DrillError } from "../errors.ts";
import { notYet, until, untilFine } from "../patience.ts";
import { paths } from "../platform.ts";
import { crashed } from "../run.ts";
import type { Machine } from "../world.ts";
import { cutOff, mustRun } from "./steps.ts";

/**
 * Redis confirms before its replicas have a write. What was confirmed in the last second before a loss may be gone with the
 * machine; anything older may not.
 */
const limits = { outage: 3, lossWindowMs: 1000 } as const;

const masterOf = (context: DrillContext): Promise<Machine> =>
  context.redis.master({ seconds: 60, signal: context.signal });

/** Waits until another host than the former master is the one that all reachable hosts name. */
async function promoted(context: DrillContext, former: Machine): Promise<Machine> {
  return until(
    "another host is promoted",
    async () => {
      const others = (await context.redis.masters()).filter((host) => host.id !== former.id);
      return others.length === 1 ? others[0]! : notYet(`${others.length} others say that they are master`);
    },
    { seconds: 60, signal: context.signal },
  );
}

const hostKill: Drill = {
  name: "redis-host-kill",
  family: "redis",
  title: "The master's machine is lost without a word",
  proves: "Sentinels promote a replica within seconds, and every app server's HAProxy follows them.",
  writer: "redis",
  limits,
  async break(context) {
    const master = await masterOf(context);
    await crashed(context, master);
    await context.writesFlow();
    await promoted(context, master);
  },
};

const partition: Drill = {
  name: "redis-partition",
  family: "redis",
  title: "The master is cut off for 20 s, then comes back",
  proves: "A master that is cut off takes no writes that would be lost, and follows the new one when it is back.",
  writer: "redis",
  limits,
  async break(context) {
    const master = await masterOf(context);
    await cutOff(context, master);
  },
  during: (context) => context.pause(20),
};

const oldMaster: Drill = {
  name: "redis-return",
  family: "redis",
  title: "Two hosts say that they are master, when the old one is back",
  proves: "While both say so, the app servers write to the one that a majority of Sentinels names, and only to it.",
  writer: "redis",
  limits,
  async break(context) {
    const master = await masterOf(context);
    await cutOff(context, master);
    await context.writesFlow();
    const next = await promoted(context, master);
    await context.world.heal(master);
    context.say(`${master.name} is back, and still says that it is master`);
    let both = 0;
    await untilFine(
      "the old master follows",
      async () => {
        const masters = await context.redis.masters();
        if (masters.length > 1) both++;
        const [only] = masters;
        return masters.length === 1 && only!.id === next.id ? undefined : `${masters.length} say that they are master`;
      },
      { seconds: 60, everyMs: 200, signal: context.signal },
    );
    context.figure("looks at which two said that they are master", both);
    context.check("two said so for a while", both === 0 ? "none of the looks found two: nothing was tried" : undefined);
  },
};

/** More than the replication backlog of 32 MB, which counts as memory and cannot be evicted. */
const cacheMb = 128;

/** Fills the cache through the application's own way, once it takes writes again. Its argument in MB. */
export const fillProgram = `
import socket, sys, time
from urllib.parse import unquote, urlsplit
values = {}
for line in open("${paths.workloadEnvironment}", encoding="utf-8"):
    name, _, value = line.strip().partition("=")
    values[name] = value.strip('"')
url = urlsplit(values["REDIS_CACHE_URL"])
def ask(conn, *words):
    conn.sendall(b"*%d\\r\\n" % len(words) + b"".join(b"$%d\\r\\n%s\\r\\n" % (len(w), w) for w in words))
    answer = b""
    while not answer.endswith(b"\\n"):
        part = conn.recv(4096)
        if not part: raise ConnectionError("closed by the other side")
        answer += part
    if answer[:1] not in (b"+", b":"): raise ConnectionError(answer.decode("utf-8", "replace").strip())
def connect():
    conn = socket.create_connection((url.hostname, url.port), 5)
    ask(conn, b"AUTH", unquote(url.username).encode(), unquote(url.password).encode())
    return conn
until = time.time() + 120
conn, number = None, 0
while number < int(sys.argv[1]) * 16:
    try:
        conn = conn or connect()
        ask(conn, b"SET", b"drill:fill:%d" % number, b"x" * 65536, b"EX", b"600")
        number += 1
    except OSError as error:
        # Its hosts were restarted a moment ago, and its replicas copy from it.
        if time.time() > until: sys.exit(str(error))
        conn = None
        time.sleep(0.5)
`;

/** A command: a setting of one instance in a host's file, taken over by a restart of that instance. */
function cacheMemory(megabytes: string): string[] {
  const script = `sed -i "s/^maxmemory .*/maxmemory $1/" ${paths.redisSettings}/cache.conf
systemctl restart "$(systemctl list-units --plain --no-legend '*-server@cache.service' | cut -d ' ' -f 1)"`;
  return ["sh", "-ec", script, "sh", megabytes];
}

async function evicted(context: DrillContext): Promise<number> {
  const info = await Promise.all(
    (await context.redis.hosts()).map((host) => context.redis.ask(host, ["INFO", "stats"])),
  );
  return info.reduce((sum, ran) => sum + Number(/evicted_keys:(\d+)/.exec(ran.stdout)?.[1] ?? 0), 0);
}

const memory: Drill = {
  name: "redis-memory",
  family: "redis",
  title: "The cache is filled to three times its memory",
  proves: "A full cache evicts its own entries; no session is evicted or refused.",
  writer: "redis",
  limits: { outage: 3 },
  async break(context) {
    const host = (await context.redis.hosts())[0]!;
    const before = (
      await mustRun(context, host, ["sed", "-n", "s/^maxmemory //p", `${paths.redisSettings}/cache.conf`])
    ).trim();
    if (!/^\d+mb$/.test(before)) throw new DrillError(`${host.name}: maxmemory of the cache is ${before}`);
    const hosts = await context.redis.hosts();
    const everywhere = (argv: readonly string[]) => async () => {
      for (const one of hosts) await mustRun(context, one, argv);
    };
    await context.breaking(
      `the caches get ${cacheMb} MB instead of ${before}`,
      everywhere(cacheMemory(`${cacheMb}mb`)),
      everywhere(cacheMemory(before)),
      hosts.map(({ name }) => ({ kind: "run", machine: name, argv: cacheMemory(before) })),
    );
    const app = (await context.world.machines()).find(
      (machine) => machine.role === "app" && machine.status === "running",
    )!;
    context.say("the cache is filled");
    await mustRun(context, app, ["python3", "-c", fillProgram, String(3 * cacheMb)], 240_000);
    context.check("no session is evicted", (await evicted(context)) === 0 ? undefined : "some were");
  },
};

export const redisDrills: readonly Drill[] = [hostKill, partition, oldMaster, memory];
