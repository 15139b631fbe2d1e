/** The shop's process: reads its environment, migrates, serves, and ends without cutting anybody off. */
import type { Server, ServerResponse } from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { createAdaptorServer } from "@hono/node-server";
import type pg from "pg";
import { createAnswers } from "./answers.ts";
import { createApp } from "./app.ts";
import { loadAssets } from "./assets.ts";
import { openPool } from "./database.ts";
import { createReadiness } from "./health.ts";
import { createLog, errorCode, type Log } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { migrate, requireMigrated } from "./migrations.ts";
import { createOrders } from "./orders.ts";
import { openRedis } from "./redis.ts";
import { createSessions } from "./sessions.ts";
import { readSettings } from "./settings.ts";
import { within } from "./time.ts";

/** Longest that requests may go on once the process is to end, ms. systemd gives it 30 s. */
const endMs = 20_000;
/** Longest that a start waits for what the shop could do without for a while, ms. */
const warmUpMs = 15_000;

/** Until the schema is as this release wants it: for as long as it takes, since nothing works before. */
async function prepareSchema(ownerUrl: string | undefined, write: pg.Pool, log: Log): Promise<void> {
  for (let pause = 250; ; pause = Math.min(pause * 2, 4000)) {
    const owner = ownerUrl === undefined ? undefined : openPool(ownerUrl, 1, log);
    try {
      const applied = owner ? await migrate(owner) : await requireMigrated(write);
      log.info("the database is ready", { migrations: applied?.join(" ") ?? "" });
      return;
    } catch (error) {
      log.warn("the database is not ready", { error: errorCode(error) });
      await sleep(pause);
    } finally {
      await owner?.end();
    }
  }
}

/** Before it takes requests a server has been through to all that it needs; but it also starts when some of that is lost. */
async function warmUp(readiness: ReturnType<typeof createReadiness>): Promise<void> {
  const end = performance.now() + warmUpMs;
  while (!(await readiness()).ready && performance.now() < end) await sleep(250);
}

function observeProcess(metrics: Metrics, pools: Readonly<Record<string, pg.Pool>>): void {
  const each = (read: (pool: pg.Pool) => [labels: Record<string, string>, value: number][]) => () =>
    Object.entries(pools).flatMap(([name, pool]) => read(pool).map(([l, v]) => [{ pool: name, ...l }, v] as const));
  metrics.gauge(
    "shop_database_pool_connections",
    "Connections to PgBouncer, by pool and state.",
    each((pool) => [
      [{ state: "in_use" }, pool.totalCount - pool.idleCount],
      [{ state: "idle" }, pool.idleCount],
    ]),
  );
  metrics.gauge(
    "shop_database_pool_size",
    "The most connections that a pool may have.",
    each((pool) => [[{}, pool.options.max]]),
  );
  metrics.gauge(
    "shop_database_pool_waiting",
    "Requests that wait for a connection.",
    each((pool) => [[{}, pool.waitingCount]]),
  );
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  metrics.gauge(
    "shop_event_loop_delay_seconds",
    "99th percentile of how late the process was, since the last time asked.",
    () => {
      const seconds = delay.percentile(99) / 1e9;
      delay.reset();
      return [[{}, Number.isFinite(seconds) ? seconds : 0]];
    },
  );
  metrics.gauge("process_resident_memory_bytes", "Memory of the process.", () => [[{}, process.memoryUsage.rss()]]);
}

const log = createLog((line) => process.stdout.write(line));
const settings = (() => {
  try {
    return readSettings(process.env);
  } catch (error) {
    log.error((error as Error).message);
    process.exit(1);
  }
})();
const write = openPool(settings.DATABASE_URL, settings.DATABASE_POOL, log);
const read = openPool(settings.DATABASE_READ_URL, settings.DATABASE_POOL, log);
const redis = openRedis(settings.REDIS_SESSIONS_URL, log);
const metrics = new Metrics();
observeProcess(metrics, { write, read });
const readiness = createReadiness({ write, read, redis });
let serving = false;
let ending = false;

const app = createApp({
  orders: createOrders({ write, read }),
  answers: createAnswers(redis),
  sessions: createSessions(redis),
  assets: loadAssets(new URL("./public/", import.meta.url)),
  metrics,
  log,
  isServing: () => serving && !ending,
  readiness,
});
const server = createAdaptorServer({
  fetch: app.fetch,
  // Proxies must give up a kept connection before the shop does, or a request would meet its end.
  serverOptions: { headersTimeout: 15_000, requestTimeout: 30_000, keepAliveTimeout: 120_000, maxHeaderSize: 32_768 },
});
// A proxy that keeps its connection is told that this was the last request on it.
server.prependListener("request", (_: unknown, response: ServerResponse) => {
  if (ending) response.setHeader("connection", "close");
});

async function end(signal: string): Promise<void> {
  if (ending) return;
  ending = true;
  log.info("ending", { signal });
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  setInterval(() => (server as Server).closeIdleConnections(), 100);
  const outcome = await within(endMs, closed).then(
    () => "every request was answered",
    () => "requests were cut off",
  );
  redis.disconnect();
  log.info("ended", { outcome });
  process.exit(0);
}
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => void end(signal));
server.on("error", (error) => {
  log.error("cannot listen", { error: errorCode(error) });
  process.exit(1);
});

server.listen(settings.PORT, settings.HOST, () => log.info("listening", { host: settings.HOST, port: settings.PORT }));
await prepareSchema(settings.DATABASE_OWNER_URL, write, log);
await warmUp(readiness);
serving = true;
log.info("serving");
