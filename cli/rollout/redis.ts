/** Redis: hosts with replicas alone first; a host with a master after Sentinel has named another one. */
import { paths, ports } from "../../lab/drills/platform.ts";
import { parseReplication, type RedisState, replicationProblem } from "../../lab/drills/sentinel.ts";
import { RolloutError } from "./errors.ts";
import type { MemberView, View } from "./next.ts";
import { AWAY, type Part, type PartContext } from "./part.ts";
import { bootProbe, bootProblem, inParts } from "./probe.ts";
import type { HostState } from "./state.ts";
import { lastWords, type Way } from "./way.ts";

const instances = ["sessions", "cache"] as const;
const instancePorts = { sessions: ports.redisSessions, cache: ports.redisSessions + 1 } as const;

const replica = "replica";

/** Sentinel takes a second or two; it gives up after its failover-timeout. */
const handOverSeconds = 30;

const client = `cli=$(command -v valkey-cli redis-cli | head -n 1)
redis() { timeout 4 "$cli" -h "$address" --tls --cacert ${paths.authority} --no-auth-warning "$@"; }
address=$1`;

/** Standard output: whether it has booted, INFO of both instances, and whether Sentinels could decide. */
const probe = `${bootProbe}
${client}
[ ! -e ${paths.redisSettings}/monitor.env ] || . ${paths.redisSettings}/monitor.env
export VALKEYCLI_AUTH="$REDIS_PASSWORD" REDISCLI_AUTH="$REDIS_PASSWORD"
${instances
  .map(
    (name) => `echo; echo ---
redis -p ${instancePorts[name]} --user "$REDIS_USER" INFO replication 2>&1
echo; echo ---
if [ "$2" -gt 1 ]; then redis -p ${ports.sentinel} --user "$REDIS_USER" SENTINEL ckquorum ${name} 2>&1; fi`,
  )
  .join("\n")}
true`;

/** $2: the instance whose master is to be another host. */
const failover = `${client}
password=$(sed -n 's/^user sentinel on >\\([^ ]*\\).*/\\1/p' ${paths.redisSettings}/sentinel.conf | head -n 1)
export VALKEYCLI_AUTH="$password" REDISCLI_AUTH="$password"
answer=$(redis -p ${ports.sentinel} --user sentinel SENTINEL FAILOVER "$2" 2>&1)
[ "$answer" = OK ] || { echo "$answer" >&2; exit 1; }
for _ in $(seq ${handOverSeconds}); do
  [ "$(redis -p ${ports.sentinel} --user sentinel SENTINEL get-master-addr-by-name "$2" | head -n 1)" = "$address" ] || exit 0
  sleep 1
done
echo "Sentinel named no other master within ${handOverSeconds} s" >&2; exit 1`;

interface HostAnswer {
  readonly problem?: string | undefined;
  readonly states: readonly (RedisState | string)[];
}

/** @param machines how many hosts there are */
export function readHost(name: string, stdout: string, machines: number): HostAnswer {
  const [boot = "", ...rest] = inParts(stdout);
  const booting = bootProblem(name, boot);
  if (booting !== undefined) return { problem: booting, states: [] };
  const states = instances.map((instance, i) => {
    const info = rest[2 * i] ?? "";
    return (
      parseReplication(name, info) ?? `${instance} on ${name}: ${info.split("\n").at(-1)?.slice(0, 200) || "no answer"}`
    );
  });
  const undecided = instances.find((_, i) => machines > 1 && !/^OK \d+ usable/m.test(rest[2 * i + 1] ?? ""));
  const problem =
    undecided &&
    `Sentinel on ${name} could not fail over ${undecided}: ${(rest[2 * instances.indexOf(undecided) + 1] ?? "").slice(0, 200) || "no answer"}`;
  return { problem, states };
}

export function redisPart({ way }: Pick<PartContext, "way">): Part {
  const ask = async (host: HostState, machines: number): Promise<HostAnswer> => {
    const argv = ["sh", "-c", probe, "sh", host.privateAddress ?? "127.0.0.1", String(machines)];
    const ran = await way.run(host, argv, { timeoutMs: 30_000 });
    if (!ran.stdout.includes("---")) return { problem: `${host.name} does not answer: ${lastWords(ran)}`, states: [] };
    return readHost(host.name, ran.stdout, machines);
  };
  return {
    async look(hosts): Promise<View> {
      const locations = [...new Set(hosts.map(({ location }) => location))];
      const views = await Promise.all(
        locations.map((location) =>
          lookAt(
            hosts.filter((host) => host.location === location),
            ask,
          ),
        ),
      );
      return {
        members: new Map(views.flatMap(({ members }) => [...members])),
        problem: views.find(({ problem }) => problem !== undefined)?.problem,
      };
    },
    async handOver(host, hosts) {
      const { states } = await ask(host, hosts.filter(({ location }) => location === host.location).length);
      for (const [i, name] of instances.entries()) if (isMaster(states[i])) await moveMaster(way, host, name);
      return undefined;
    },
    cost({ role, handOver }, machines) {
      // A master that hands over to nobody is alone in its location.
      if (machines === 1 || (role !== replica && handOver === undefined))
        return `no sessions and no cache for ${AWAY}; sessions come back with the machine`;
      const away = `no second failure may come for ${AWAY}`;
      return handOver === undefined ? away : `${handOver}: about 2 s without writes each; then ${away}`;
    },
  };
}

/** The hosts of one location, which have nothing to do with those of another. */
async function lookAt(
  hosts: readonly HostState[],
  ask: (host: HostState, machines: number) => Promise<HostAnswer>,
): Promise<View> {
  const answers = await Promise.all(hosts.map((host) => ask(host, hosts.length)));
  const addresses = new Map(hosts.map(({ name, privateAddress }) => [name, privateAddress ?? ""]));
  const disagreements = instances.flatMap((name, i) => {
    const why = replicationProblem(
      answers.map(({ states }) => states[i] ?? name),
      addresses,
    );
    return why === undefined ? [] : [`${name}: ${why}`];
  });
  const members = hosts.map(({ name }, at): [string, MemberView] => [name, memberView(answers[at]!, hosts.length)]);
  return {
    members: new Map(members),
    problem: answers.find((answer) => answer.problem !== undefined)?.problem ?? disagreements[0],
  };
}

const isMaster = (state: RedisState | string | undefined): boolean =>
  typeof state === "object" && state.role === "master";

function memberView({ states }: HostAnswer, machines: number): MemberView {
  const masters = instances.filter((_, i) => isMaster(states[i]));
  if (masters.length === 0) return { role: replica, rank: 0 };
  const role = `master of ${masters.join(" and ")}`;
  return { role, rank: masters.length, ...(machines > 1 ? { handOver: `failover of ${masters.join(" and ")}` } : {}) };
}

async function moveMaster(way: Way, host: HostState, instance: string): Promise<void> {
  const argv = ["sh", "-c", failover, "sh", host.privateAddress ?? "127.0.0.1", instance];
  const ran = await way.run(host, argv, { timeoutMs: 200_000 });
  if (ran.code !== 0) throw new RolloutError(`the failover of ${instance} from ${host.name} failed: ${lastWords(ran)}`);
}
