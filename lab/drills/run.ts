/** Runs a drill: write, break, wait, heal, compare with every node, crash the primary once more, compare again. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { PostgresCluster } from "./cluster.ts";
import { type Break, type Comparison, compareWithNodes, type NodeRows } from "./compare.ts";
import type { Check, Drill, DrillContext } from "./drill.ts";
import { DrillError } from "./errors.ts";
import { Monitoring } from "./monitoring.ts";
import { notYet, pause, until, untilFine } from "./patience.ts";
import { type Pending, powerOn } from "./pending.ts";
import { RecordFile } from "./record.ts";
import { Repairs } from "./repairs.ts";
import { conclude, type DrillResult, type Figure } from "./result.ts";
import { RedisHosts } from "./sentinel.ts";
import { placeOrderAt, type ShopAddress, startShopWriter } from "./shop-writer.ts";
import type { Machine, StackControl, World } from "./world.ts";
import { startMachineWriter, unsteady, type Writer } from "./writer.ts";

export interface DrillEnvironment {
  /** Undoing uses it too: it must go on working when the signal has come. */
  readonly world: World;
  readonly stack?: StackControl | undefined;
  /** The workload's database. */
  readonly database: string;
  /** Where the shop is reached from outside. */
  readonly shop: () => Promise<ShopAddress>;
  /** Folder for records. */
  readonly records: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Told of all that is to be made good, before each break and after each repair. @default nobody */
  readonly journal?: (drill: string, pending: Pending["repairs"]) => void;
  /** Milliseconds that nodes get to settle before a difference counts. @default 15000 */
  readonly settleMs?: number;
}

/** Seconds that things may take before a drill is given up; limits of results are in the drills. */
const patience = { before: 180, recovery: 120, converge: 240 } as const;

/** What a writer writes to, and how it is compared. */
interface Subject {
  prepare(): Promise<void>;
  converged(seconds: number): Promise<void>;
  rows(run: string): Promise<NodeRows>;
  leader(): Promise<Machine>;
}

function subjectOf(
  drill: Drill,
  postgres: PostgresCluster,
  redis: RedisHosts,
  signal: AbortSignal,
): Subject | undefined {
  const within = (seconds: number) => ({ seconds, signal });
  if (drill.writer === undefined) return undefined;
  if (drill.writer === "redis") {
    return {
      prepare: async () => undefined,
      converged: (seconds) => redis.converged(within(seconds)),
      rows: (run) => redis.sessions(run),
      leader: () => redis.master(within(patience.recovery)),
    };
  }
  return {
    prepare: () => postgres.prepareTable(within(patience.before)),
    converged: (seconds) => postgres.converged(within(seconds)),
    rows: (run) => (drill.writer === "shop" ? postgres.orders(run) : postgres.rows(run)),
    leader: () => postgres.primary(within(patience.recovery)),
  };
}

export async function runDrill(drill: Drill, environment: DrillEnvironment): Promise<DrillResult> {
  const { world, signal, say } = environment;
  const startedAt = Date.now();
  const run = `${drill.name}-${startedAt.toString(36)}`;
  const file = new RecordFile(join(environment.records, `${run}.jsonl`));
  const repairs = new Repairs(environment.journal && ((pending) => environment.journal!(drill.name, pending)));
  const figures: Figure[] = [];
  const checks: Check[] = [];
  const postgres = new PostgresCluster(world, environment.database);
  const redis = new RedisHosts(world);
  const subject = subjectOf(drill, postgres, redis, signal);
  let writer: Writer | undefined;
  let brokenAt = 0;
  let firstBreak: Break | undefined;
  let healing = false;
  const heal = async () => {
    healing = true;
    await repairs.heal().finally(() => {
      healing = false;
    });
  };

  const context: DrillContext = {
    world,
    postgres,
    redis,
    monitoring: new Monitoring(world),
    shop: environment.shop,
    get stack() {
      if (environment.stack) return environment.stack;
      throw new DrillError(`the drill ${drill.name} deploys, and there is no stack to deploy`);
    },
    // Undoing has waits of its own, which Ctrl-C must not cut off.
    get signal() {
      return healing ? new AbortController().signal : signal;
    },
    run,
    get writer() {
      if (writer) return writer;
      throw new DrillError(`the drill ${drill.name} has no writer`);
    },
    get brokenAt() {
      return brokenAt;
    },
    breaking: async (what, act, undo, later) => {
      say(what);
      const begin = Date.now();
      await repairs.breaking(what, act, undo, later);
      // What is done before the drill's break is its preparation.
      if (brokenAt > 0) firstBreak ??= { begin, end: Date.now() };
    },
    heal,
    writesFlow: (seconds = patience.recovery) => writesFlow(context, seconds),
    pause: (seconds) => pause(seconds, signal),
    figure: (name, value, limit) => figures.push({ name, value, limit }),
    check: (what, problem) => checks.push({ what, problem }),
    say,
  };

  const comparisons: Comparison[] = [];
  let nodes = 0;
  const compare = async (heading: string) => {
    const rows = await compared(subject!, writer!, run, environment);
    comparisons.push(rows.comparison);
    say(`${heading}: ${summary(rows.comparison)}`);
    // A node that is gone agrees with everybody; one that a move has made is compared with the others.
    if (rows.nodes < nodes) checks.push({ what: heading, problem: `${rows.nodes} nodes, and there were ${nodes}` });
  };
  let kept = true;
  try {
    if (subject) {
      say("waiting until everything is as it should be");
      await subject.converged(patience.before);
      await subject.prepare();
      nodes = (await subject.rows(run)).size;
    }
    await drill.prepare?.(context);
    if (drill.writer) {
      writer = await startWriter(drill, environment, file, run);
      await writesFlow(context, patience.recovery);
    }
    brokenAt = Date.now();
    await drill.break(context);
    if (drill.during) await drill.during(context);
    else if (writer) await writesFlow(context, patience.recovery);
    if (repairs.pending > 0) say("healing");
    await heal();
    if (writer && !writer.stopped) await writesFlow(context, patience.recovery);
    await drill.after?.(context);
    await writer?.stop();
    if (subject && writer) {
      await subject.converged(patience.converge);
      await compare("compared with every node");
      if (drill.crashAgain ?? drill.writer === "sql") {
        await crashLeader(context, subject);
        await compare("compared again");
      }
    }
    const unreadable = writer?.unreadable ?? [];
    if (unreadable.length > 0) {
      const first = JSON.stringify(unreadable[0]!.slice(0, 100));
      checks.push({
        what: "the writer's record",
        problem: `${unreadable.length} lines are no entry, such as ${first}`,
      });
    }
    const entries = writer?.entries ?? [];
    const endedAt = Date.now();
    const found = { startedAt, endedAt, brokenAt, firstBreak, entries, comparisons, figures, checks };
    const result = conclude(drill, found);
    kept = result.violations.length > 0 && entries.length > 0;
    return kept ? { ...result, record: file.path } : result;
  } finally {
    // Also after Ctrl-C: what was broken is made good before anything else.
    if (repairs.pending > 0) say("making good what was broken");
    await heal().finally(async () => {
      await writer?.stop();
      file.close();
      if (!kept || (writer?.entries.length ?? 0) === 0) rmSync(file.path, { force: true });
    });
  }
}

async function startWriter(
  drill: Drill,
  environment: DrillEnvironment,
  file: RecordFile,
  run: string,
): Promise<Writer> {
  const { world } = environment;
  if (drill.writer === "shop") {
    const shop = await environment.shop();
    // Who can go elsewhere does not wait for an answer from a place that may be gone.
    const place = placeOrderAt(shop, shop.find ? 5000 : 20_000);
    const writer = startShopWriter(place, file, { run });
    const stop = writer.stop.bind(writer);
    return Object.assign(writer, { stop: () => stop().finally(() => place.close()) });
  }
  const app = (await world.machines()).find((machine) => machine.role === "app" && machine.status === "running");
  if (!app) throw new DrillError("no app server runs: there is nowhere to write from");
  return startMachineWriter(world, app, drill.writer!, file, { run });
}

async function writesFlow(context: DrillContext, seconds: number): Promise<void> {
  const since = Date.now();
  await untilFine("writes are acknowledged", async () => unsteady(context.writer, since, Date.now()), {
    seconds,
    signal: context.signal,
  });
}

/** Rows of all nodes and how many they are, compared once they have stopped to differ, or as they are after some seconds. */
async function compared(
  subject: Subject,
  writer: Writer,
  run: string,
  { settleMs = 15_000, signal }: DrillEnvironment,
): Promise<{ readonly comparison: Comparison; readonly nodes: number }> {
  const end = Date.now() + settleMs;
  return until(
    "the nodes can be compared",
    async () => {
      const rows = await subject.rows(run);
      const comparison = compareWithNodes(writer.entries, rows);
      const settled = comparison.disagreeing.length === 0 && comparison.lost.length === 0;
      return settled || Date.now() > end ? { comparison, nodes: rows.size } : notYet("they still differ");
    },
    { seconds: 120, everyMs: 1000, signal },
  );
}

/** The leader's machine is lost once more: whoever takes over has to have everything too. */
async function crashLeader(context: DrillContext, subject: Subject): Promise<void> {
  const { world } = context;
  const leader = await subject.leader();
  await crashed(context, leader);
  await until(
    "another one takes over",
    async () => {
      const now = await subject.leader();
      return now.id === leader.id ? notYet(`${now.name} is still named`) : now;
    },
    { seconds: patience.recovery, everyMs: 500, signal: context.signal },
  );
  await context.heal();
  await waitBooted(world, leader, context.signal);
  await subject.converged(patience.converge);
}

/** Loses a machine, and powers it on when all is healed. */
export async function crashed(context: DrillContext, machine: Machine): Promise<void> {
  await context.breaking(
    `${machine.name} is lost`,
    () => context.world.crash(machine),
    () => powerOn(context.world, machine),
    [{ kind: "power-on", machine: machine.name }],
  );
}

async function waitBooted(world: World, machine: Machine, signal: AbortSignal): Promise<void> {
  await untilFine(
    `${machine.name} runs`,
    async () => {
      const now = (await world.machines()).find((other) => other.id === machine.id);
      return now?.status === "running" ? undefined : `its status is ${now?.status ?? "unknown"}`;
    },
    { seconds: 120, signal },
  );
}

function summary(comparison: Comparison): string {
  const { acknowledged, lost, duplicates, disagreeing } = comparison;
  return `${acknowledged} acknowledged, ${lost.length} lost, ${duplicates.length} twice, ${disagreeing.length} nodes differ`;
}
