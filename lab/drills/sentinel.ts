/** The Redis instances with the sessions, as drills see them. */

import { lastLine } from "./cluster.ts";
import { DrillError } from "./errors.ts";
import { notYet, type Patience, until, untilFine } from "./patience.ts";
import { paths, ports, redisUser } from "./platform.ts";
import type { Machine, Ran, World } from "./world.ts";

export interface RedisState {
  readonly name: string;
  readonly role: "master" | "replica";
  /** Address of the master that a replica follows. */
  readonly follows: string | undefined;
  readonly linkUp: boolean;
  readonly connectedReplicas: number;
}

/** The part of `INFO replication` that tells who follows whom; undefined when it is none. */
export function parseReplication(name: string, info: string): RedisState | undefined {
  const fields = new Map(
    info.split(/\r?\n/).flatMap((line) => {
      const at = line.indexOf(":");
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
    }),
  );
  const role = fields.get("role");
  if (role !== "master" && role !== "slave") return undefined;
  return {
    name,
    role: role === "master" ? "master" : "replica",
    follows: fields.get("master_host"),
    linkUp: fields.get("master_link_status") === "up",
    connectedReplicas: Number(fields.get("connected_slaves") ?? 0),
  };
}

/** Why the hosts do not agree yet; undefined when one is master and all others follow it. */
export function replicationProblem(
  states: readonly (RedisState | string)[],
  addresses: ReadonlyMap<string, string>,
): string | undefined {
  const silent = states.filter((state) => typeof state === "string");
  if (silent.length > 0) return silent.join("; ");
  const hosts = states.filter((state) => typeof state !== "string");
  const masters = hosts.filter((host) => host.role === "master");
  const master = masters[0];
  if (!master || masters.length > 1) return `${masters.length} hosts say that they are master`;
  for (const host of hosts) {
    if (host === master) continue;
    if (host.follows !== addresses.get(master.name)) return `${host.name} follows ${host.follows}, not ${master.name}`;
    if (!host.linkUp) return `${host.name} has no link to ${master.name}`;
  }
  return undefined;
}

/** Run by a shell in a Redis host, as the application's user: $1 is the command's words. */
const asApplication = `password=$(sed -n 's/^user ${redisUser} on >\\([^ ]*\\).*/\\1/p' ${paths.redisSettings}/sessions.conf)
export VALKEYCLI_AUTH="$password" REDISCLI_AUTH="$password"
address=$1; shift
exec $(command -v valkey-cli redis-cli | head -n 1) -h "$address" -p ${ports.redisSessions} --tls --cacert ${paths.authority} --user ${redisUser} --no-auth-warning "$@"`;

export class RedisHosts {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  async hosts(): Promise<Machine[]> {
    const hosts = (await this.#world.machines()).filter((machine) => machine.role === "redis");
    if (hosts.length === 0) throw new DrillError("the stack has no Redis machines: is it deployed in this lab?");
    return hosts;
  }

  /** A command to the instance with the sessions on one host. */
  async ask(host: Machine, words: readonly string[], timeoutMs = 15_000): Promise<Ran> {
    return this.#world.run(host, ["sh", "-c", asApplication, "sh", host.privateAddress, ...words], { timeoutMs });
  }

  async state(host: Machine): Promise<RedisState | string> {
    const ran = await this.ask(host, ["INFO", "replication"], 5000);
    const state = ran.code === 0 ? parseReplication(host.name, ran.stdout) : undefined;
    return state ?? `${host.name}: ${lastLine(ran.stderr) || lastLine(ran.stdout) || `ended with ${ran.code}`}`;
  }

  /** Hosts that say that they are master, however many. */
  async masters(): Promise<Machine[]> {
    const hosts = await this.hosts();
    const states = await Promise.all(hosts.map((host) => this.state(host)));
    return hosts.filter((_, i) => {
      const state = states[i];
      return typeof state === "object" && state.role === "master";
    });
  }

  async master(patience: Patience): Promise<Machine> {
    return until(
      "Redis has one master",
      async () => {
        const masters = await this.masters();
        return masters.length === 1 ? masters[0]! : notYet(`${masters.length} hosts say that they are`);
      },
      patience,
    );
  }

  async converged(patience: Patience): Promise<void> {
    await untilFine(
      "the hosts of Redis agree",
      async () => {
        const hosts = await this.hosts();
        const addresses = new Map(hosts.map((host) => [host.name, host.privateAddress]));
        return replicationProblem(await Promise.all(hosts.map((host) => this.state(host))), addresses);
      },
      { everyMs: 500, ...patience },
    );
  }

  /** Ids of a run's sessions on every host. */
  async sessions(run: string): Promise<Map<string, string[]>> {
    const read = async (host: Machine): Promise<[string, string[]]> => {
      const ran = await this.ask(host, ["--scan", "--pattern", `drill:${run}-*`, "--count", "1000"], 60_000);
      if (ran.code !== 0) throw new DrillError(`the sessions of ${host.name} cannot be read: ${lastLine(ran.stderr)}`);
      return [
        host.name,
        [
          ...new Set(
            ran.stdout
              .split("\n")
              .filter(Boolean)
              .map((key) => key.slice("drill:".length)),
          ),
        ],
      ];
    };
    return new Map(await Promise.all((await this.hosts()).map(read)));
  }
}
