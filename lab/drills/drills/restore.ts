/** Drills of the command that puts a cluster back to a moment: what an operator types, and nothing else. */
import { lastLine } from "../cluster.ts";
import type { Drill, DrillContext } from "../drill.ts";
import { DrillError } from "../errors.ts";
import { untilFine } from "../patience.ts";
import { paths, units } from "../platform.ts";
import type { Machine } from "../world.ts";
import { archived, ask, backUp, databaseOf, mustSql } from "./backup.ts";
import { deleteServer, deleteVolume, upAgain } from "./postgres-members.ts";
import { mustRun, primaryOf } from "./steps.ts";

const command = "sovereign-postgres-restore";

/** Rows as long as in a usual table, which do not compress to nothing: about a quarter of a kilobyte each. */
const words = Array.from({ length: 7 }, (_, k) => `md5((i * 8 + ${k})::text)`).join(" || ");
const fillSql = (first: number, count: number): string =>
  `INSERT INTO drill.filler SELECT i, ${words} FROM generate_series(${first}, ${first + count - 1}) AS i;`;

const filler = "DROP TABLE IF EXISTS drill.filler; CREATE TABLE drill.filler (i bigint NOT NULL, text text NOT NULL);";

/** Rows for one statement: some tens of megabytes. */
const rowsAtOnce = 200_000;
const bytesPerRow = 265;

/** What a part of the filler says, in an order of its own. */
const fillerDigest =
  "SELECT count(*) || ' ' || coalesce(sum(i), 0) || ' ' || coalesce(md5(string_agg(md5(text), '' ORDER BY i)), '') FROM drill.filler;";

/** Bytes beside the filler that the data, the WAL of filling and deleting, and the restored copy take on a volume. */
const volumeBytes = (megabytes: number): number => megabytes * 1e6 * 5;

async function fill(context: DrillContext, megabytes: number): Promise<void> {
  const primary = await primaryOf(context);
  const database = await databaseOf(context, primary);
  const free = Number(
    (await mustRun(context, primary, ["df", "--output=avail", "-B1", paths.postgresVolume])).trim().split("\n").at(-1),
  );
  if (free < volumeBytes(megabytes)) {
    throw new DrillError(
      `${primary.name} has ${Math.floor(free / 1e6)} MB free, and ${megabytes} MB of rows need ${volumeBytes(megabytes) / 1e6}: start the lab with --volume-gb ${Math.ceil((megabytes * 12) / 1000)}`,
    );
  }
  context.say(`${megabytes} MB of rows are written`);
  await statement(context, primary, database, filler);
  const rows = Math.ceil((megabytes * 1e6) / bytesPerRow);
  for (let i = 0; i < rows; i += rowsAtOnce) {
    await statement(context, primary, database, fillSql(i, Math.min(rowsAtOnce, rows - i)));
  }
  const bytes = await inDatabase(context, primary, database, "SELECT pg_table_size('drill.filler');");
  context.figure("MB of rows", Number(bytes) / 1e6);
}

const inDatabase = (context: DrillContext, node: Machine, database: string, sql: string): Promise<string> =>
  mustSql(context, node, database, sql, 300_000);

const statement = async (context: DrillContext, node: Machine, database: string, sql: string): Promise<void> =>
  void (await inDatabase(context, node, database, sql));

interface Kind {
  /** MB of rows that are there beside those of the writer. @default 0 */
  readonly megabytes?: number;
  /** Whether all machines and volumes of the cluster are lost, and made anew by `pulumi up`. */
  readonly newCluster?: boolean;
  /** Whether the primary's data are deleted first, as where there is no room for both. @default false */
  readonly discard?: boolean;
}

/** The mistake comes after the moment: some rows are deleted, and one is written. */
async function goBack(
  context: DrillContext,
  { megabytes = 0, newCluster = false, discard = false }: Kind,
): Promise<void> {
  const database = await databaseOf(context, await primaryOf(context));
  context.figure("seconds of the full backup", await backUp(context, "full"));
  await context.pause(2);
  await context.writer.stop();
  const primary = await primaryOf(context);
  const digest = async (node: Machine) => (megabytes > 0 ? inDatabase(context, node, database, fillerDigest) : "none");
  const before = await digest(primary);
  const moment = await ask(context, primary, "SELECT clock_timestamp()");
  await context.pause(1);
  const mistakes = [
    `DELETE FROM drill.writes WHERE run = '${context.run}';`,
    `INSERT INTO drill.writes (run, id) VALUES ('${context.run}', 'after');`,
    ...(megabytes > 0 ? ["DELETE FROM drill.filler WHERE i % 10 = 3;"] : []),
  ];
  for (const mistake of mistakes) await statement(context, primary, database, mistake);
  if (newCluster) {
    await archived(context);
    await loseEverything(context);
  }
  const node = await primaryOf(context);
  const options = ["--to", moment, "--replace", ...(discard ? ["--discard"] : [])];
  context.say(`${command} ${options.join(" ")} on ${node.name}`);
  const begin = Date.now();
  const restore = async () => {
    const said = await mustRun(context, node, [command, ...options], 900_000);
    context.figure("seconds of the restore", (Date.now() - begin) / 1000, 180);
    return said;
  };
  const [said] = await Promise.all([restore(), backupFallsDue(context, node)]);
  for (const line of said.trim().split("\n")) context.say(`| ${line}`);
  for (const other of megabytes > 0 ? await context.postgres.nodes() : []) {
    const now = await digest(other);
    const problem = now === before ? undefined : `it has ${now}, and it was ${before}`;
    context.check(`${other.name} has the ${megabytes} MB of that moment`, problem);
  }
  await mustRun(context, node, [command, "--confirm"], 120_000);
  if (megabytes > 0) await statement(context, node, database, "DROP TABLE drill.filler;");
}

/** As the timers have it every four hours. */
async function backupFallsDue(context: DrillContext, node: Machine): Promise<void> {
  await context.pause(2);
  const ran = await context.world.run(node, ["systemctl", "start", units.backup("incr")], { timeoutMs: 900_000 });
  context.check("a backup that falls due meanwhile waits", ran.code === 0 ? undefined : lastLine(ran.stderr));
}

/** All of the cluster: machines, volumes, and with them etcd. What is left is the store. */
async function loseEverything(context: DrillContext): Promise<void> {
  const nodes = await context.postgres.nodes();
  await context.breaking(
    "all machines and volumes of the cluster are deleted",
    async () => {
      for (const node of nodes) await deleteServer(context, node);
      for (const node of nodes) await deleteVolume(context, `${node.name}-data`);
    },
    () => upAgain(context),
    [{ kind: "deploy" }],
  );
  context.say("pulumi up makes a cluster anew, empty");
  await context.heal();
  await untilFine(
    "the new machines have booted",
    async () => {
      const behind = (await context.postgres.nodes()).filter((node) => !node.booted);
      return behind.length === 0 ? undefined : `${behind.map((node) => node.name).join(", ")} not yet`;
    },
    { seconds: 300, everyMs: 1000, signal: context.signal },
  );
  await context.postgres.converged({ seconds: 240, signal: context.signal });
}

const inPlace: Drill = {
  name: "backup-restore-command",
  family: "backup",
  title: "All rows are deleted by mistake; one command puts the cluster back to the moment before",
  proves: "Every node has exactly the rows of that moment, none of later, and the cluster fails over as before.",
  writer: "sql",
  limits: {},
  break: (context) => goBack(context, {}),
  during: async () => undefined,
};

const discarding: Drill = {
  name: "backup-restore-discard",
  family: "backup",
  title: "The same where the volume has no room for both: the primary's data are deleted before the backup is fetched",
  proves: "With less room than twice the data a cluster can be put back too, while the other nodes hold the data.",
  writer: "sql",
  limits: {},
  break: (context) => goBack(context, { discard: true }),
  during: async () => undefined,
};

const newCluster: Drill = {
  name: "backup-restore-new-cluster",
  family: "backup",
  title: "All machines and volumes of the cluster are lost; `pulumi up`, and one command restores it from the store",
  proves:
    "The store and the stack's state are enough: every node of the new cluster has exactly the rows of the moment.",
  writer: "sql",
  limits: {},
  deploys: true,
  break: (context) => goBack(context, { newCluster: true }),
  during: async () => undefined,
};

const gigabyte: Drill = {
  name: "backup-restore-1gb",
  family: "backup",
  title: "A tenth of 1 GB of rows is deleted by mistake; one command puts the cluster back to the moment before",
  proves: "1 GB is back within three minutes on every node, and exactly.",
  writer: "sql",
  limits: {},
  crashAgain: false,
  prepare: (context) => fill(context, 1000),
  break: (context) => goBack(context, { megabytes: 1000 }),
  during: async () => undefined,
};

export const restoreDrills: readonly Drill[] = [inPlace, discarding, newCluster, gigabyte];
