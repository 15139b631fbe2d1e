/** Drills of the backups: what the store gives back. */
import { notificationsOf } from "../alerts.ts";
import { lastLine } from "../cluster.ts";
import type { Drill, DrillContext } from "../drill.ts";
import { DrillError } from "../errors.ts";
import { notYet, until, untilFine } from "../patience.ts";
import { paths, stanza, units } from "../platform.ts";
import type { Machine } from "../world.ts";
import { quiet } from "./monitoring.ts";
import { dropPackets, mustRun, primaryOf } from "./steps.ts";

/** The answer of SQL that has to succeed, run as superuser in a database. */
export async function mustSql(
  context: DrillContext,
  node: Machine,
  database: string,
  sql: string,
  timeoutMs = 15_000,
): Promise<string> {
  const ran = await context.postgres.sql(node, sql, database, timeoutMs);
  if (ran.code !== 0) throw new DrillError(`${node.name}: ${lastLine(ran.stderr)}`);
  return ran.stdout.trim();
}

/** The same of the cluster itself. */
export const ask = (context: DrillContext, node: Machine, sql: string): Promise<string> =>
  mustSql(context, node, "postgres", sql);

/** As the timers do it. @returns seconds that it took */
export async function backUp(context: DrillContext, kind: "full" | "incr"): Promise<number> {
  const primary = await primaryOf(context);
  const begin = Date.now();
  context.say(`${kind} backup on ${primary.name}`);
  await mustRun(context, primary, ["systemctl", "start", units.backup(kind)], 600_000);
  return (Date.now() - begin) / 1000;
}

/** Waits until all WAL that is written up to now is in the store. */
export async function archived(context: DrillContext, seconds = 120): Promise<void> {
  const primary = await primaryOf(context);
  const wal = await ask(context, primary, "SELECT pg_walfile_name(pg_switch_wal())");
  await untilFine(
    `${wal} is in the store`,
    async () => {
      const last = await ask(context, primary, "SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver");
      return last >= wal ? undefined : `the last one there is ${last || "none"}`;
    },
    { seconds, everyMs: 500, signal: context.signal },
  );
}

const repository = (node: Machine, context: DrillContext, args: readonly string[], timeoutMs = 60_000) =>
  context.world.run(node, ["runuser", "-u", "postgres", "--", "pgbackrest", `--stanza=${stanza}`, ...args], {
    timeoutMs,
  });

/** Where the restored copy lies: beside the data, on the same volume; only for the time of the drill. */
const copy = `${paths.postgresVolume}/17/drill-restore`;
const copyPort = 5499;

/**
 * Restores into a directory of its own and starts it as a server of its own, which archives nothing and answers on a socket only.
 * $1 the point in time.
 */
const restoreScript = `set -eu
rm -rf ${copy}; install -d -m 0700 ${copy}
pgbackrest --stanza=${stanza} --pg1-path=${copy} --no-delta --type=time --target="$1" --target-action=promote restore
touch ${copy}/pg_hba.drill ${copy}/pg_ident.drill
echo 'local all postgres peer' > ${copy}/pg_hba.drill
exec /usr/lib/postgresql/17/bin/pg_ctl -D ${copy} -w -t 120 -l ${copy}/drill.log start -o "-c port=${copyPort} -c listen_addresses='' \\
  -c unix_socket_directories=${copy} -c archive_mode=off -c ssl=off -c hba_file=${copy}/pg_hba.drill -c ident_file=${copy}/pg_ident.drill \\
  -c shared_buffers=128MB -c synchronous_standby_names='' -c primary_conninfo='' -c primary_slot_name=''"`;
const removeScript = `/usr/lib/postgresql/17/bin/pg_ctl -D ${copy} -m immediate -w stop >/dev/null 2>&1 || true; rm -rf ${copy}`;

async function copySql(context: DrillContext, node: Machine, database: string, sql: string): Promise<string> {
  const psql = [
    "psql",
    "-XqAt",
    "-v",
    "ON_ERROR_STOP=1",
    "-h",
    copy,
    "-p",
    String(copyPort),
    "-U",
    "postgres",
    "-d",
    database,
  ];
  const ran = await context.world.run(node, ["runuser", "-u", "postgres", "--", ...psql], {
    input: sql,
    timeoutMs: 60_000,
  });
  if (ran.code !== 0) throw new DrillError(`the restored copy on ${node.name}: ${lastLine(ran.stderr)}`);
  return ran.stdout.trim();
}

/** The same on the copy as on the primary before the moment: how many rows, and which. */
const digestSql = (run: string, before: string): string =>
  `SELECT count(*) || ' ' || coalesce(md5(string_agg(id, ',' ORDER BY id)), '') FROM drill.writes WHERE run = '${run}' AND at <= '${before}';`;

export async function databaseOf(context: DrillContext, node: Machine): Promise<string> {
  const names = await ask(
    context,
    node,
    "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'",
  );
  return names.split("\n")[0]!;
}

const restore: Drill = {
  name: "backup-restore",
  family: "backup",
  title: "Full and incremental backup, WAL, and a restore to a point in time",
  proves:
    "A copy made from the store alone has exactly the rows that were there at that moment: none of those written after it.",
  writer: "sql",
  limits: { outage: 12 },
  crashAgain: false,
  async break(context) {
    context.figure("seconds of the full backup", await backUp(context, "full"));
    await context.pause(2);
    context.figure("seconds of the incremental backup", await backUp(context, "incr"));
    await context.pause(2);
    const primary = await primaryOf(context);
    // Between two commits: rows get their time when they are inserted, a little before they are committed.
    await context.writer.stop();
    const database = await databaseOf(context, primary);
    const moment = await ask(context, primary, "SELECT clock_timestamp()");
    const before = await mustSql(context, primary, database, digestSql(context.run, moment));
    await context.pause(1);
    await mustSql(context, primary, database, `INSERT INTO drill.writes (run, id) VALUES ('${context.run}', 'after');`);
    await archived(context);
    const size = Number(await ask(context, primary, "SELECT sum(pg_database_size(oid)) FROM pg_database"));
    const node = (await context.postgres.nodes()).find((other) => other.id !== primary.id) ?? primary;
    context.say(`restore to ${moment} on ${node.name}`);
    const begin = Date.now();
    const removing = ["runuser", "-u", "postgres", "--", "bash", "-c", removeScript];
    await context.breaking(
      "a copy is restored from the store",
      async () => {
        await mustRun(
          context,
          node,
          ["runuser", "-u", "postgres", "--", "bash", "-c", restoreScript, "bash", moment],
          600_000,
        );
      },
      async () => {
        await mustRun(context, node, removing, 60_000);
      },
      [{ kind: "run", machine: node.name, argv: removing }],
    );
    await until(
      "the copy is through its recovery",
      async () =>
        (await copySql(context, node, "postgres", "SELECT pg_is_in_recovery();")) === "f" ||
        notYet("it still recovers"),
      { seconds: 300, signal: context.signal },
    );
    context.figure("seconds of the restore", (Date.now() - begin) / 1000, 180);
    context.figure("MB restored", size / 1e6);
    const restored = await copySql(context, node, database, digestSql(context.run, "infinity"));
    context.check(
      "the copy has exactly the rows of that moment",
      restored === before && !restored.startsWith("0 ") ? undefined : `it has ${restored}, the primary had ${before}`,
    );
    // Nobody acknowledged it to the writer: the comparison would take it for a row that nobody wrote.
    await mustSql(
      context,
      primary,
      database,
      `DELETE FROM drill.writes WHERE run = '${context.run}' AND id = 'after';`,
    );
  },
  during: async () => undefined,
};

const archiveAlert = "PostgresArchiveFailing";

const storeAway: Drill = {
  name: "backup-store-away",
  family: "backup",
  title: "The store cannot be reached for ten minutes",
  proves: "Writes go on, an alert says that WAL is not archived, and everything is caught up when the store is back.",
  writer: "sql",
  limits: { outage: 3 },
  crashAgain: false,
  alerts: [archiveAlert],
  prepare: (context) => quiet(context, [archiveAlert]),
  async break(context) {
    const host = await storeHost(context);
    for (const node of await context.postgres.nodes()) {
      const address = (await mustRun(context, node, ["getent", "ahostsv4", host])).split(/\s/)[0]!;
      await dropPackets(context, node, `${node.name} no longer reaches ${host}`, "output", `ip daddr ${address}`);
    }
  },
  async during(context) {
    const primary = await primaryOf(context);
    const begin = Date.now();
    let alerted: number | undefined;
    let known: number | undefined;
    while (Date.now() - begin < 600_000) {
      await context.postgres.sql(primary, "SELECT pg_switch_wal()");
      const { firing } = await context.monitoring.alert(archiveAlert);
      if (firing.some(({ host }) => host === primary.name)) alerted ??= (Date.now() - begin) / 1000;
      const own = { alertname: archiveAlert, host: primary.name };
      const told = notificationsOf(await context.world.notifications(), own, context.brokenAt);
      known ??= told.find(({ status }) => status === "firing")?.received;
      await context.pause(15);
    }
    const late = (at: number | undefined) => (at === undefined ? "it was not within ten minutes" : undefined);
    context.check(`${archiveAlert} is raised`, late(alerted));
    context.check(`a receiver is told of ${archiveAlert}`, late(known));
    if (alerted !== undefined) context.figure(`seconds until ${archiveAlert}`, alerted);
    if (known !== undefined) context.figure(`seconds until a receiver knew of ${archiveAlert}`, (known - begin) / 1000);
    await context.heal();
    const healed = Date.now();
    await archived(context, 300);
    context.figure("seconds until all WAL was in the store", (Date.now() - healed) / 1000, 120);
  },
};

/** Name of the store in pgBackRest's configuration. */
async function storeHost(context: DrillContext): Promise<string> {
  const [node] = await context.postgres.nodes();
  const host = (
    await mustRun(context, node!, ["sed", "-n", "s/^repo1-s3-endpoint=//p", paths.pgbackrestConfig])
  ).trim();
  if (host === "") throw new DrillError(`${node!.name} has no store for backups`);
  return host;
}

/** pgBackRest's own code: 0 when the stanza has a backup that can be read, 2 when it has none. */
async function repositoryStatus(context: DrillContext, node: Machine): Promise<string | undefined> {
  const ran = await repository(node, context, ["info", "--output=json"]);
  return /"status":\{[^}]*"code":(\d+)/.exec(ran.stdout)?.[1];
}

/**
 * Why what pgBackRest said is not that the key does not fit; undefined when it is. What stands before its warnings and errors does not count:
 * there it lists its options, among them those of the cipher. A wrong key mostly gives bytes that are no format of its own, and sometimes
 * none at all; both are warnings of the repository, and its error is then that there is nothing to restore.
 */
export function wrongKeyProblem(said: string): string | undefined {
  const told = /(?:WARN: repo1|ERROR):[\s\S]*/.exec(said)?.[0] ?? "";
  if (!told.includes("ERROR:")) return `it tells of no error: ${lastLine(said) || "it says nothing"}`;
  if (/\[(?:Crypto|Format)Error\] unable to load info file|ERROR: \[\d+\]: .*CryptoError/.test(told)) return undefined;
  return `it says: ${told.trim().slice(0, 300)}`;
}

const wrongKey: Drill = {
  name: "backup-wrong-key",
  family: "backup",
  title: "A restore with the wrong key",
  proves: "Without the stack's own key the backups are worth nothing to whoever holds the bucket.",
  limits: {},
  async prepare(context) {
    // Where there is nothing to restore, any key fails.
    if ((await repositoryStatus(context, await primaryOf(context))) !== "0") await backUp(context, "full");
  },
  async break(context) {
    const primary = await primaryOf(context);
    const status = await repositoryStatus(context, primary);
    context.check(
      "with the right key the backups are listed",
      status === "0" ? undefined : `the status is ${status ?? "unknown"}`,
    );
    const file = "/run/postgresql/drill-pgbackrest.conf";
    const removing = ["rm", "-rf", file, copy];
    await context.breaking(
      "another key is tried",
      async () => {
        const script = `umask 077; sed 's/^repo1-cipher-pass=.*/repo1-cipher-pass=wrong/' ${paths.pgbackrestConfig} > ${file}; chown postgres: ${file}; install -d -o postgres -g postgres -m 0700 ${copy}`;
        await mustRun(context, primary, ["sh", "-ec", script]);
      },
      async () => {
        await mustRun(context, primary, removing);
      },
      [{ kind: "run", machine: primary.name, argv: removing }],
    );
    const wrong = await repository(primary, context, [`--config=${file}`, `--pg1-path=${copy}`, "restore"]);
    context.check("a restore with another key fails", wrong.code === 0 ? "it went through" : undefined);
    context.check("because it does not fit", wrongKeyProblem(`${wrong.stdout}${wrong.stderr}`));
    const left = (await mustRun(context, primary, ["ls", "-A", copy])).trim();
    context.check("and leaves nothing", left === "" ? undefined : left.split("\n").join(", "));
  },
};

export const backupDrills: readonly Drill[] = [restore, storeAway, wrongKey];
