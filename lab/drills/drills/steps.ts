/** Steps that drills of several families share. */
import { lastLine } from "../cluster.ts";
import type { DrillContext } from "../drill.ts";
import { DrillError } from "../errors.ts";
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

/**
 * A checkpoint, and then more WAL at once than a volume of 10 GB keeps below `max_wal_size / 2`: as a bulk load does. A rewind has to go
 * back to before it, and replicas have it some seconds later.
 */
export async function bulkWrite({ postgres }: DrillContext, primary: Machine): Promise<void> {
  const segments = 36;
  const written = `SELECT pg_logical_emit_message(false, 'drill', 'x'), pg_switch_wal() FROM generate_series(1, ${segments});`;
  const ran = await postgres.sql(primary, `CHECKPOINT; ${written}`);
  if (ran.code !== 0) throw new DrillError(`WAL on ${primary.name}: ${lastLine(ran.stderr)}`);
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
