/** A Postgres cluster as drills see it: what its nodes hold and follow, not only what the list of members says. */
import { z } from "zod";
import { DrillError } from "./errors.ts";
import { notYet, type Patience, until, untilFine } from "./patience.ts";
import { paths, ports, workloadLogin } from "./platform.ts";
import type { Machine, Ran, World } from "./world.ts";

const stateSchema = z.object({
  recovery: z.boolean(),
  timeline: z.int().nullable(),
  /** Bytes from the beginning of the WAL: written on the primary, replayed on a replica. */
  position: z.number().nullable(),
  streaming: z.boolean(),
  /** On the primary: standbys that confirm commits. */
  synchronous: z.int(),
});

export interface NodeState extends z.infer<typeof stateSchema> {
  readonly name: string;
}

/** Of PostgreSQL itself. `pg_walfile_name` tells the timeline that is written, which the control file lags behind. */
const stateSql = `SELECT json_build_object(
  'recovery', pg_is_in_recovery(),
  'timeline', CASE WHEN pg_is_in_recovery() THEN (SELECT received_tli FROM pg_stat_wal_receiver)
    ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END,
  'position', CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END - '0/0'::pg_lsn,
  'streaming', coalesce((SELECT status = 'streaming' FROM pg_stat_wal_receiver), false),
  'synchronous', (SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum') AND state = 'streaming'))`;

/**
 * Why the nodes cannot be compared yet; undefined when they can: one primary, everybody else streams its timeline and has
 * replayed all that it had written.
 */
export function convergenceProblem(states: readonly (NodeState | string)[], synchronous: boolean): string | undefined {
  const silent = states.filter((state) => typeof state === "string");
  if (silent.length > 0) return silent.join("; ");
  const nodes = states.filter((state) => typeof state !== "string");
  const primaries = nodes.filter((node) => !node.recovery);
  const primary = primaries[0];
  if (!primary || primaries.length > 1) return `${primaries.length} nodes take writes`;
  for (const node of nodes) {
    if (node === primary) continue;
    if (!node.streaming) return `${node.name} does not stream`;
    if (node.timeline !== primary.timeline)
      return `${node.name} is on timeline ${node.timeline}, the primary ${primary.name} on ${primary.timeline}`;
    if (node.position === null || node.position < primary.position!)
      return `${node.name} is ${primary.position! - (node.position ?? 0)} bytes behind`;
  }
  if (synchronous && nodes.length > 1 && primary.synchronous === 0) return `${primary.name} has no synchronous standby`;
  return undefined;
}

/** Orders up to one of them. */
export interface OrderDigests {
  /** Number of the last one. */
  readonly last: string;
  /** How many they are on the primary. */
  readonly count: number;
  /** Number and fingerprint on the primary. */
  readonly digest: string;
  /** The same on each node. */
  readonly digests: ReadonlyMap<string, string>;
}

const memberSchema = z.object({
  members: z.array(z.object({ name: z.string(), role: z.string(), state: z.string() })),
});

/** As a word of SQL: ids of drills are made of letters, digits and "-". */
function word(text: string): string {
  if (!/^[A-Za-z0-9-]+$/.test(text)) throw new DrillError(`${JSON.stringify(text)} cannot stand in a statement`);
  return `'${text}'`;
}

/** As superuser over the socket. */
const psql = (database: string): string[] => [
  ...["runuser", "-u", "postgres", "--", "psql", "-XqAt", "-v", "ON_ERROR_STOP=1"],
  ...["-h", paths.postgresSocket, "-U", "postgres", "-d", database],
];

/** A command on a node that runs one statement. */
export const psqlCommand = (statement: string): string[] => [...psql("postgres"), "-c", statement];

export class PostgresCluster {
  readonly #world: World;
  readonly #database: string;

  /** @param database the workload's */
  constructor(world: World, database: string) {
    this.#world = world;
    this.#database = database;
  }

  async nodes(): Promise<Machine[]> {
    const nodes = (await this.#world.machines()).filter((machine) => machine.role === "postgres");
    if (nodes.length === 0) throw new DrillError("the stack has no Postgres machines: is it deployed in this lab?");
    return nodes;
  }

  /** Runs SQL over the socket as superuser; without `database` in `postgres`. */
  async sql(node: Machine, text: string, database = "postgres", timeoutMs = 15_000): Promise<Ran> {
    return this.#world.run(node, psql(database), { input: text, timeoutMs });
  }

  /** A node's state, or why it does not tell it. */
  async state(node: Machine): Promise<NodeState | string> {
    const ran = await this.sql(node, stateSql, "postgres", 5000);
    if (ran.code !== 0) return `${node.name}: ${lastLine(ran.stderr) || `ended with ${ran.code}`}`;
    return { name: node.name, ...stateSchema.parse(JSON.parse(ran.stdout)) };
  }

  /** The primary first, so that whatever it had written then can be expected of the others. */
  async states(): Promise<(NodeState | string)[]> {
    const nodes = await this.nodes();
    const first = await Promise.all(nodes.map((node) => this.state(node)));
    const replicas = first.flatMap((state, i) => (typeof state !== "string" && state.recovery ? [i] : []));
    const later = new Map(await Promise.all(replicas.map(async (i) => [i, await this.state(nodes[i]!)] as const)));
    return first.map((state, i) => later.get(i) ?? state);
  }

  /** Waits until all nodes can be compared, and the primary can be lost: Patroni has named a standby that may take over. */
  async converged(patience: Patience, synchronous = true): Promise<void> {
    await untilFine(
      "the nodes of Postgres agree",
      async () => convergenceProblem(await this.states(), synchronous) ?? (await this.#successorProblem(synchronous)),
      { everyMs: 500, ...patience },
    );
  }

  /**
   * Right after a failover PostgreSQL takes any standby for synchronous, while Patroni has not named one yet: a primary that is
   * lost in these seconds is waited for, since nobody else is known to have everything.
   */
  async #successorProblem(synchronous: boolean): Promise<string | undefined> {
    const nodes = await this.nodes();
    if (!synchronous || nodes.length < 2) return undefined;
    const seen = await Promise.all(nodes.map((node) => this.#membersSeenBy(node)));
    const named = seen.every((members) => members?.some(({ role }) => /sync|quorum/.test(role)));
    return named ? undefined : "Patroni has not named a synchronous standby yet";
  }

  /** The machine that Patroni names leader, as the other members see it and as it says itself. */
  async primary(patience: Patience): Promise<Machine> {
    return until(
      "Postgres has a primary",
      async () => {
        const nodes = await this.nodes();
        const leaders = await Promise.all(nodes.map((node) => this.#leaderSeenBy(node)));
        const named = new Set(leaders.filter((name) => name !== undefined));
        if (named.size !== 1)
          return notYet(named.size === 0 ? "no member names one" : `members name ${[...named].join(" and ")}`);
        const primary = nodes.find((node) => named.has(node.name));
        if (!primary) return notYet(`members name ${[...named].join()}, which is no machine of the lab`);
        const state = await this.state(primary);
        if (typeof state === "string") return notYet(state);
        return state.recovery ? notYet(`${primary.name} is still in recovery`) : primary;
      },
      patience,
    );
  }

  /** GET of Patroni's REST API on a node. */
  async rest(node: Machine, path: string): Promise<Ran> {
    const url = `https://${node.privateAddress}:${ports.patroni}${path}`;
    return this.#world.run(node, ["curl", "-s", "--max-time", "4", "--cacert", paths.authority, url], {
      timeoutMs: 6000,
    });
  }

  async #leaderSeenBy(node: Machine): Promise<string | undefined> {
    return (await this.#membersSeenBy(node))?.find((member) => member.role === "leader")?.name;
  }

  async #membersSeenBy(node: Machine): Promise<z.infer<typeof memberSchema>["members"] | undefined> {
    const ran = await this.rest(node, "/cluster");
    if (ran.code !== 0) return undefined;
    try {
      return memberSchema.parse(JSON.parse(ran.stdout)).members;
    } catch {
      return undefined;
    }
  }

  /** The replica that confirms commits, or any where none does. */
  async synchronousStandby(primary: Machine): Promise<Machine> {
    const nodes = await this.nodes();
    const ran = await this.rest(primary, "/cluster");
    const members = memberSchema.parse(JSON.parse(ran.stdout)).members;
    const standby =
      members.find((member) => /sync|quorum/.test(member.role)) ?? members.find((m) => m.role !== "leader");
    const machine = nodes.find((node) => node.name === standby?.name);
    if (!machine) throw new DrillError("Postgres has no replica to break");
    return machine;
  }

  /** Makes the table that `sql` writers fill. Without a unique key, so that a row written twice is there twice. */
  async prepareTable(patience: Patience): Promise<void> {
    const primary = await this.primary(patience);
    const ran = await this.sql(
      primary,
      `SET client_min_messages = warning;
CREATE SCHEMA IF NOT EXISTS drill;
CREATE TABLE IF NOT EXISTS drill.writes (run text NOT NULL, id text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE INDEX IF NOT EXISTS writes_run ON drill.writes (run);
GRANT USAGE ON SCHEMA drill TO ${workloadLogin};
GRANT SELECT, INSERT ON drill.writes TO ${workloadLogin};`,
      this.#database,
    );
    if (ran.code !== 0)
      throw new DrillError(`the drills' table cannot be made on ${primary.name}: ${lastLine(ran.stderr)}`);
  }

  /** Ids of a run's rows on every node. @throws DrillError when a node cannot be asked */
  async rows(run: string): Promise<Map<string, string[]>> {
    return this.#idsFrom(`COPY (SELECT id FROM drill.writes WHERE run = ${word(run)}) TO STDOUT;`);
  }

  /** Idempotency keys of a run's orders on every node. */
  async orders(run: string): Promise<Map<string, string[]>> {
    const like = word(run).replace(/'$/, "-%'");
    return this.#idsFrom(`COPY (SELECT idempotency_key FROM orders WHERE idempotency_key LIKE ${like}) TO STDOUT;`);
  }

  /**
   * Orders up to one of them, as number and fingerprint on each node.
   * @param last number of an order. @default the last one that the primary has
   */
  async ordersUpTo(last?: string): Promise<OrderDigests> {
    const primary = await this.primary({ seconds: 60 });
    const asked = async (node: Machine, statement: string) => {
      const ran = await this.sql(node, statement, this.#database, 60_000);
      if (ran.code !== 0) throw new DrillError(`the orders of ${node.name} cannot be read: ${lastLine(ran.stderr)}`);
      return ran.stdout.trim();
    };
    const until = last ?? (await asked(primary, "SELECT coalesce(max(number), 0) FROM orders;"));
    const statement = `SELECT count(*) || ' ' || coalesce(md5(string_agg(number || idempotency_key, ',' ORDER BY number)), '') FROM orders WHERE number <= ${BigInt(until)};`;
    const nodes = await this.nodes();
    const digests = await Promise.all(
      nodes.map(async (node): Promise<[string, string]> => [node.name, await asked(node, statement)]),
    );
    const digest = digests.find(([name]) => name === primary.name)![1];
    return { last: until, count: Number(digest.split(" ")[0]), digest, digests: new Map(digests) };
  }

  async #idsFrom(sql: string): Promise<Map<string, string[]>> {
    const nodes = await this.nodes();
    const read = async (node: Machine): Promise<[string, string[]]> => {
      const ran = await this.sql(node, sql, this.#database, 60_000);
      if (ran.code !== 0) throw new DrillError(`the rows of ${node.name} cannot be read: ${lastLine(ran.stderr)}`);
      return [node.name, ran.stdout.split("\n").filter(Boolean)];
    };
    return new Map(await Promise.all(nodes.map(read)));
  }
}

export function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.slice(0, 300) ?? "";
}
