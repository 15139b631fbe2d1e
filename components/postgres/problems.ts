import type { PostgresClusterArgs } from "./cluster.ts";
import { totalNodes } from "./members.ts";
import { parameterProblems } from "./parameters.ts";
import { type BackupSpec, defaultLogins, exporterLogin, systemLogins } from "./spec.ts";

/** Most nodes: replication slots and senders of each node are cut for as many. */
export const mostNodes = 7;
/** GB: less does not hold the WAL that is kept for replicas. */
const leastStorageGb = 10;

/** Names that PostgreSQL, its access rules or PgBouncer give a meaning of their own. */
const reservedNames = new Set<string>([
  "all",
  "pgbouncer",
  "postgres",
  "public",
  "replication",
  "samegroup",
  "samerole",
  "sameuser",
  "template0",
  "template1",
  exporterLogin,
  ...Object.values(systemLogins).map((login) => login.name),
]);

type Checked = Omit<PostgresClusterArgs, "platform" | "transform">;

function nameProblems(path: string, name: string): string[] {
  const quoted = JSON.stringify(name);
  if (!/^[a-z][a-z0-9_]{0,30}$/.test(name)) {
    return [`${path}: ${quoted} is not a name of up to 31 of a-z, 0-9 and _ that begins with a letter`];
  }
  return reservedNames.has(name) || name.startsWith("pg_") ? [`${path}: ${quoted} is reserved`] : [];
}

const wholeNumber = (path: string, value: number, low: number, high: number): string[] =>
  Number.isInteger(value) && value >= low && value <= high
    ? []
    : [`${path}: ${value} is not a whole number from ${low} to ${high}`];

function patternProblems(path: string, value: string | undefined, pattern: RegExp, expected: string): string[] {
  return value === undefined || pattern.test(value) ? [] : [`${path}: ${JSON.stringify(value)} is not ${expected}`];
}

const calendar = /^[A-Za-z0-9*.,:/ ~-]{1,100}$/;

export function backupProblems(backup: BackupSpec): string[] {
  const name = /^(?=.{1,253}$)(?=.*[a-z])[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/;
  const schedules = Object.entries(backup.schedule ?? {});
  return [
    ...patternProblems("backup.endpoint", backup.endpoint, name, "a host name, such as fsn1.your-objectstorage.com"),
    ...wholeNumber("backup.port", backup.port ?? 443, 1, 65_535),
    ...patternProblems("backup.bucket", backup.bucket, /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "a bucket name"),
    ...patternProblems("backup.region", backup.region, /^[a-z0-9-]{1,40}$/, "a region's name"),
    ...patternProblems(
      "backup.caCertificate",
      backup.caCertificate,
      /^-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s-]+(BEGIN|END) CERTIFICATE-----\s*$/,
      "a certificate in PEM",
    ).map((problem) => problem.slice(0, 200)),
    ...wholeNumber("backup.retentionFull", backup.retentionFull ?? 4, 1, 520),
    ...wholeNumber("backup.retentionDifferential", backup.retentionDifferential ?? 6, 1, 3650),
    ...schedules.flatMap(([key, value]) =>
      patternProblems(
        `backup.schedule.${key}`,
        value,
        calendar,
        "a systemd calendar expression, such as *-*-* 01:30:00 UTC",
      ),
    ),
  ];
}

const allNodes = ({ nodes, elsewhere = {} }: Checked): number => nodes + totalNodes(elsewhere);

/** What is wrong with where nodes and votes are. */
function placeProblems(args: Checked): string[] {
  const { elsewhere = {}, witness } = args;
  const others = Object.entries(elsewhere);
  const all = allNodes(args);
  return [
    ...others.flatMap(([location, count]) => wholeNumber(`elsewhere.${location}`, count, 1, mostNodes - 1)),
    ...(others.length > 0 && all > mostNodes
      ? [`elsewhere: with ${args.nodes} here that are ${all} nodes; ${mostNodes} are the most`]
      : []),
    ...(witness && all < 2 ? ["witness: one node alone has no use for it"] : []),
    ...(witness === false && all === 2
      ? ["witness: two nodes need it: two members of etcd cannot agree when one is lost"]
      : []),
    ...(others.length === 1 && typeof witness !== "string"
      ? ["witness: name a third location: with nodes in two, the loss of one must leave a majority of votes"]
      : []),
    ...(typeof witness === "string" && others.length === 1 && witness in elsewhere
      ? [`witness: ${witness} has nodes: its vote would be lost together with theirs`]
      : []),
  ];
}

/** Everything wrong with the arguments, each with its path; empty when nothing is. */
export function postgresProblems(args: Checked): string[] {
  const generations = typeof args.generation === "object" ? args.generation : [args.generation ?? 1];
  return [
    ...wholeNumber("nodes", args.nodes, 1, mostNodes),
    ...placeProblems(args),
    ...wholeNumber("storageGb", args.storageGb, leastStorageGb, 10_000),
    ...nameProblems("database", args.database),
    ...nameProblems("user", args.user ?? defaultLogins.user.name),
    ...nameProblems("owner", args.owner ?? defaultLogins.owner.name),
    ...((args.user ?? defaultLogins.user.name) === (args.owner ?? defaultLogins.owner.name)
      ? ["user: is the same as owner: the workload's login must not own the schema"]
      : []),
    ...(typeof args.generation === "object" && generations.length !== allNodes(args)
      ? [`generation: ${generations.length} given for ${allNodes(args)} nodes`]
      : []),
    ...generations.flatMap((generation) => wholeNumber("generation", generation, 1, 1_000_000)),
    ...parameterProblems(args.parameters ?? {}),
    ...(args.backup ? backupProblems(args.backup) : []),
    ...(args.restore && !args.backup ? ["restore: needs backup, the store to restore from"] : []),
    ...patternProblems(
      "restore.target",
      args.restore?.target,
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d([+-]\d\d(:\d\d)?)$/,
      "a point in time with its offset, such as 2026-11-20 14:30:00+00",
    ),
  ];
}
