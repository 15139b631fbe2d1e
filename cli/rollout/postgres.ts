/** Postgres: replicas first, the primary last and only after it has handed over. */
import { z } from "zod";
import { paths, ports, stanza } from "../../lab/drills/platform.ts";
import { jsonOf } from "../../lab/session/json.ts";
import { RolloutError } from "./errors.ts";
import type { MemberView, View } from "./next.ts";
import { AWAY, type Part, type PartContext } from "./part.ts";
import { bootProbe, bootProblem, etcdProbe, etcdProblem, inParts } from "./probe.ts";
import type { HostState } from "./state.ts";
import { lastWords } from "./way.ts";

/** Bytes that a replica may be behind: a machine is taken away only while all others have nearly everything. */
const mostLag = 1_048_576;
/** Milliseconds for a switchover; the command gives up after a minute by itself. */
const switchoverMs = 120_000;

const memberSchema = z.object({
  name: z.string(),
  role: z.string(),
  state: z.string(),
  timeline: z.int().optional(),
  lag: z.union([z.number(), z.string()]).optional(),
});
const clusterSchema = z.object({ members: z.array(memberSchema), pause: z.boolean().optional() });
export type Cluster = z.infer<typeof clusterSchema>;

/** Standard output: whether it has booted, Patroni's cluster as this node sees it, etcd's members, the latest backup where it is asked for. */
const probe = `${bootProbe}
echo; echo ---
curl -s --max-time 4 --cacert ${paths.authority} "https://$1:${ports.patroni}/cluster"
echo; echo ---
${etcdProbe}
echo; echo ---
if [ "$2" = backup ] && [ -e ${paths.pgbackrestConfig} ]; then
  timeout 15 runuser -u postgres -- pgbackrest --stanza=${stanza} --log-level-console=off info --output=json || echo failed
fi`;

const backupSchema = z.array(z.object({ backup: z.array(z.object({ timestamp: z.object({ stop: z.number() }) })) }));

/** What one node says. */
export interface NodeAnswer {
  readonly name: string;
  /** Why it says nothing, or has not booted. */
  readonly problem?: string | undefined;
  readonly cluster?: Cluster | undefined;
  /** What is wrong with etcd, as it sees it. */
  readonly etcd?: string | undefined;
  /** Seconds since 1970 at the end of the latest backup; "none", "unknown"; undefined where it was not asked or there are none to be. */
  readonly backup?: number | "none" | "unknown" | undefined;
}

function backupOf(text: string): NodeAnswer["backup"] {
  if (text === "") return undefined;
  const info = backupSchema.safeParse(jsonOf(text)).data;
  if (!info) return "unknown";
  const stops = info.flatMap(({ backup }) => backup.map(({ timestamp }) => timestamp.stop));
  return stops.length === 0 ? "none" : Math.max(...stops);
}

/** @param machines how many there are: with one alone etcd has a member, with more it has three */
export function readAnswer(name: string, stdout: string, machines: number): NodeAnswer {
  const [boot = "", patroni = "", etcd = "", backup = ""] = inParts(stdout);
  const problem = bootProblem(name, boot);
  if (problem !== undefined) return { name, problem };
  const cluster = clusterSchema.safeParse(jsonOf(patroni)).data;
  if (!cluster) return { name, problem: `Patroni on ${name} does not answer` };
  return { name, cluster, etcd: etcdProblem(etcd, machines > 1 ? 3 : 1), backup: backupOf(backup) };
}

const isStandby = (role: string): boolean => /^(sync|quorum)_standby$/.test(role);

/** Why no node may be taken away. */
export function clusterProblem(
  answers: readonly NodeAnswer[],
  context: Pick<PartContext, "isZeroLoss">,
): string | undefined {
  const silent = answers.find((answer) => answer.problem !== undefined);
  if (silent) return silent.problem;
  const leaders = new Set(answers.map(({ cluster }) => leaderOf(cluster)));
  const [leader] = leaders;
  if (leaders.size > 1 || leader === undefined) return "the nodes do not agree on a primary";
  const { cluster } = answers.find(({ name }) => name === leader) ?? answers[0]!;
  if (cluster?.pause) return "Patroni is paused: patronictl resume first";
  const members = cluster?.members ?? [];
  const primary = members.find(({ name }) => name === leader)!;
  for (const { name } of answers) {
    const member = members.find((other) => other.name === name);
    const problem = member ? memberProblem(member, primary) : `${name} is not a member of the cluster`;
    if (problem !== undefined) return problem;
  }
  if (context.isZeroLoss && answers.length > 1 && !members.some(({ role }) => isStandby(role)))
    return `${leader} has no synchronous standby`;
  return answers.find(({ etcd }) => etcd !== undefined)?.etcd;
}

const leaderOf = (cluster: Cluster | undefined): string | undefined =>
  cluster?.members.find(({ role }) => role === "leader")?.name;

function memberProblem(member: Cluster["members"][number], primary: Cluster["members"][number]): string | undefined {
  const { name, state, timeline, lag = 0 } = member;
  if (member === primary) return state === "running" ? undefined : `PostgreSQL on ${name} is ${state}`;
  if (state !== "streaming") return `${name} does not stream: it is ${state}`;
  if (timeline !== primary.timeline) return `${name} is on timeline ${timeline}, the primary on ${primary.timeline}`;
  if (typeof lag !== "number") return `how far ${name} is behind is not known`;
  return lag > mostLag ? `${name} is ${Math.round(lag / mostLag)} MB behind` : undefined;
}

function backupProblem(answers: readonly NodeAnswer[], hours: number | undefined, now: number): string | undefined {
  if (hours === undefined) return undefined;
  const known = answers.map(({ backup }) => backup).filter((backup) => backup !== undefined);
  if (known.length === 0) return undefined;
  const otherwise = "; --any-backup goes on all the same";
  const stops = known.filter((backup) => typeof backup === "number");
  if (stops.length === 0)
    return known.includes("none")
      ? `there is no backup yet${otherwise}`
      : `the store of backups does not answer${otherwise}`;
  const age = now / 3600 - Math.max(...stops) / 3600;
  return age > hours ? `the latest backup is ${Math.floor(age)} h old, more than ${hours} h${otherwise}` : undefined;
}

function membersOf(answers: readonly NodeAnswer[]): Map<string, MemberView> {
  const roles = new Map(answers.find(({ cluster }) => cluster)?.cluster?.members.map(({ name, role }) => [name, role]));
  return new Map(
    answers.map(({ name }): [string, MemberView] => {
      const role = roles.get(name) ?? "";
      if (role === "leader")
        return [name, { role: "primary", rank: 2, ...(answers.length > 1 ? { handOver: "switchover" } : {}) }];
      // One of several that confirm commits is missed by nobody.
      if (role === "quorum_standby") return [name, { role: "quorum standby", rank: 0 }];
      return [name, isStandby(role) ? { role: "synchronous standby", rank: 1 } : { role: "replica", rank: 0 }];
    }),
  );
}

export function postgresPart(context: PartContext, now: () => number = Date.now): Part {
  const { way } = context;
  let backupSeen = false;
  const ask = async (host: HostState, machines: number): Promise<NodeAnswer> => {
    const wanted = context.maxBackupHours !== undefined && !backupSeen ? "backup" : "none";
    const argv = ["sh", "-c", probe, "sh", host.privateAddress ?? "127.0.0.1", wanted];
    const ran = await way.run(host, argv, { timeoutMs: 30_000 });
    if (ran.code !== 0 && !ran.stdout.includes("---"))
      return { name: host.name, problem: `${host.name} does not answer: ${lastWords(ran)}` };
    return readAnswer(host.name, ran.stdout, machines);
  };
  return {
    async look(hosts): Promise<View> {
      const answers = await Promise.all(hosts.map((host) => ask(host, hosts.length)));
      const members = membersOf(answers);
      const problem =
        clusterProblem(answers, context) ??
        backupProblem(answers, backupSeen ? undefined : context.maxBackupHours, now() / 1000);
      // Once is enough: the store is far away, and a rollout does not take hours.
      backupSeen ||= problem === undefined;
      return { members, problem };
    },
    async handOver(host) {
      const ran = await way.run(host, [paths.switchover], { timeoutMs: switchoverMs });
      if (ran.code !== 0) throw new RolloutError(`the switchover on ${host.name} failed: ${lastWords(ran)}`);
      return ran.stdout.trim().split("\n").at(-1);
    },
    cost({ role, handOver }, machines) {
      if (machines === 1) return `no database for ${AWAY}`;
      const away =
        machines === 2
          ? context.isZeroLoss
            ? `no writes for ${AWAY}: there is no other standby to confirm them`
            : `no standby for ${AWAY}`
          : `one standby fewer for ${AWAY}`;
      // Eight planned switchovers on a lab's machines paused writes for 3.5 s at most.
      if (handOver !== undefined) return `switchover: 2 to 4 s without writes; then ${away}`;
      return role === "synchronous standby" && context.isZeroLoss && machines > 2
        ? `some seconds without writes, until another standby confirms them; ${away}`
        : away;
    },
  };
}
