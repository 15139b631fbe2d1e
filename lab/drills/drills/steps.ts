/** Steps that drills of several families share. */
import { lastLine } from "../cluster.ts";
import type { DrillContext } from "../drill.ts";
import { DrillError } from "../errors.ts";
import { untilFine } from "../patience.ts";
import { paths, ports, units } from "../platform.ts";
import type { Machine } from "../world.ts";

export const primaryOf = (context: DrillContext): Promise<Machine> =>
  context.postgres.primary({ seconds: 60, signal: context.signal });

/** Runs a command in a machine that has to succeed. */
export async function mustRun(
  { world }: Pick<DrillContext, "world">,
  machine: Machine,
  argv: readonly string[],
  timeoutMs = 30_000,
): Promise<string> {
  const ran = await world.run(machine, argv, { timeoutMs });
  if (ran.code === 0) return ran.stdout;
  throw new DrillError(
    `${argv.join(" ").split("\n")[0]!.slice(0, 80)} on ${machine.name} ended with ${ran.code}: ${lastLine(ran.stderr) || lastLine(ran.stdout)}`,
  );
}

export async function cutOff(context: DrillContext, machine: Machine): Promise<void> {
  await context.breaking(
    `${machine.name} is cut off`,
    () => context.world.cut(machine),
    () => context.world.heal(machine),
    [{ kind: "reconnect", machine: machine.name }],
  );
}

/** Stops etcd on two of three members. */
export async function stopEtcdMajority(context: DrillContext): Promise<void> {
  const members = (await context.world.machines()).filter(
    (machine) => machine.role === "etcd" || machine.role === "postgres",
  );
  const start = ["systemctl", "start", "--no-block", units.etcd];
  for (const member of members.slice(0, 2)) {
    await context.breaking(
      `etcd on ${member.name} stops`,
      async () => {
        await mustRun(context, member, ["systemctl", "stop", units.etcd]);
      },
      async () => {
        await mustRun(context, member, start);
      },
      [{ kind: "run", machine: member.name, argv: start }],
    );
  }
}

/** Any app server that runs. */
export async function anyAppServer({ world }: Pick<DrillContext, "world">): Promise<Machine> {
  const app = (await world.machines()).find((machine) => machine.role === "app" && machine.status === "running");
  if (!app) throw new DrillError("no app server runs");
  return app;
}

/**
 * Drops packets in a machine's own packet filter, in a table of the drill's own, until it is healed.
 * @param match which ones, such as `ip daddr 203.0.113.4`
 */
export async function dropPackets(
  context: DrillContext,
  machine: Machine,
  what: string,
  hook: "input" | "output",
  match: string,
): Promise<void> {
  const table = `table inet drill { chain ${hook} { type filter hook ${hook} priority -10; ${match} drop; }; }`;
  await context.breaking(
    what,
    async () => {
      await mustRun(context, machine, ["sh", "-ec", 'echo "$1" | nft -f -', "sh", table]);
    },
    async () => {
      await mustRun(context, machine, ["sh", "-ec", noTable]);
    },
    [{ kind: "run", machine: machine.name, argv: ["sh", "-ec", noTable] }],
  );
}

/** A machine that was lost meanwhile has no such table any more. */
const noTable = "! nft list table inet drill > /dev/null 2>&1 || nft delete table inet drill";

/** etcd's client on a member, over loopback; a command follows. */
export const etcdctl = `etcdctl --endpoints https://127.0.0.1:${ports.etcdClient} --cacert ${paths.authority} --cert ${paths.certificate} --key ${paths.key}`;

/**
 * Notes whether a machine that is about to be lost also leads etcd. If it does, the next leader gives the primary's lock its whole
 * time again, so the failover takes as long as etcd's election more.
 */
export async function noteEtcdLeader(context: DrillContext, machine: Machine): Promise<void> {
  const ran = await context.world.run(machine, ["sh", "-c", `${etcdctl} endpoint status -w json`]);
  const leader = /"leader":(\d+)/.exec(ran.stdout)?.[1];
  const own = /"member_id":(\d+)/.exec(ran.stdout)?.[1];
  if (leader !== undefined) context.figure("the machine led etcd too (1: yes)", leader === own ? 1 : 0);
}

async function mustAsk({ postgres }: DrillContext, primary: Machine, sql: string): Promise<string> {
  const ran = await postgres.sql(primary, sql, "postgres", 60_000);
  if (ran.code !== 0) throw new DrillError(`${sql.slice(0, 40)} on ${primary.name}: ${lastLine(ran.stderr)}`);
  return ran.stdout.trim();
}

export const checkpoint = (context: DrillContext, primary: Machine): Promise<string> =>
  mustAsk(context, primary, "CHECKPOINT;");

/** 576 MB of WAL at once, as a bulk load has them: more than lies between two checkpoints on a volume of 10 GB. */
export async function bulkWrite(context: DrillContext, primary: Machine): Promise<void> {
  const segments = 36;
  const written = `SELECT pg_logical_emit_message(false, 'drill', 'x'), pg_switch_wal() FROM generate_series(1, ${segments});`;
  await mustAsk(context, primary, written);
}

/**
 * Waits until all know through etcd how far the primary is, while it still counts on its standbys: whoever wants to take over compares with
 * that. The primary says it every 2 s, and gives up standbys that are silent for 5 s: nobody may take over then.
 */
export async function knownPosition(context: DrillContext, primary: Machine): Promise<void> {
  const written = Number(await mustAsk(context, primary, "SELECT pg_current_wal_lsn() - '0/0';"));
  const read = ["sh", "-c", `${etcdctl} get --prefix /service/ --print-value-only`];
  await untilFine(
    "the primary's position is known",
    async () => {
      const known = await mustRun(context, primary, read);
      if (/"sync_standby":\s*(""|null)/.test(known))
        throw new DrillError("the primary has given its standbys up already");
      const position = Number(/"optime":\s*(\d+)/.exec(known)?.[1] ?? 0);
      return position >= written ? undefined : `it is at ${written}, and ${position} is known`;
    },
    { seconds: 10, everyMs: 100, signal: context.signal },
  );
}

/** On the link, not in the receivers: what has reached a machine's kernel is no longer lost with the primary. */
export async function stallReplication(context: DrillContext, primary: Machine): Promise<void> {
  const replicas = (await context.postgres.nodes()).filter((node) => node.id !== primary.id);
  if (replicas.length === 0) throw new DrillError("there is no replica that could take over");
  const match = `ip saddr ${primary.privateAddress} tcp sport ${ports.postgres}`;
  for (const replica of replicas) {
    await dropPackets(context, replica, `replication to ${replica.name} stalls`, "input", match);
  }
}
