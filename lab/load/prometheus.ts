/** What the stack's own Prometheus knows of a step. */
import { z } from "zod";
import { untilFine } from "../drills/patience.ts";
import { ports } from "../drills/platform.ts";
import type { Machine, World } from "../drills/world.ts";
import { LoadError } from "./errors.ts";
import type { LoadStep } from "./result.ts";

const series = z.array(z.object({ values: z.array(z.tuple([z.number(), z.string()])) }));
const rangeSchema = z.object({ data: z.object({ result: series }) });

const alertsSchema = z.object({
  data: z.object({
    alerts: z.array(
      z.object({
        labels: z.object({ alertname: z.string(), scale: z.string().optional() }),
        state: z.enum(["pending", "firing"]),
        activeAt: z.iso.datetime({ offset: true }),
      }),
    ),
  }),
});

export interface ActiveAlert {
  readonly name: string;
  readonly isScaleTrigger: boolean;
  readonly state: "pending" | "firing";
  /** When its condition began to hold, ms. */
  readonly since: number;
}

/** Figures of a step by name: PromQL of what one look at it gives; the highest of a step counts. */
export const queries = {
  use: 'max(pgbouncer_pools_server_active_connections{database!="pgbouncer"} / on (instance, database) group_left () max by (instance, database) (label_replace(pgbouncer_databases_pool_size, "database", "$1", "name", "(.+)")))',
  waiting: 'sum(pgbouncer_pools_client_waiting_connections{database!="pgbouncer"})',
  shopUse:
    'max(shop_database_pool_connections{state="in_use"} / on (instance, pool) group_left () shop_database_pool_size)',
  shopWaiting: "sum(shop_database_pool_waiting)",
  queue: 'sum(haproxy_backend_current_queue{proxy="workload"})',
  appServers: 'count(up{job="pgbouncer"} == 1)',
} as const;

export type FiguresOfStep = Pick<LoadStep, "pools" | "queue">;

/** The highest value of the first series; null when there is none. */
export function highest(answer: unknown): number | null {
  const [first] = rangeSchema.parse(answer).data.result;
  const values = (first?.values ?? []).map(([, value]) => Number(value)).filter(Number.isFinite);
  return values.length === 0 ? null : Math.round(Math.max(...values) * 1000) / 1000;
}

export function parseAlerts(answer: unknown): ActiveAlert[] {
  return alertsSchema.parse(answer).data.alerts.map(({ labels, state, activeAt }) => ({
    name: labels.alertname,
    isScaleTrigger: labels.scale === "up",
    state,
    since: Date.parse(activeAt),
  }));
}

/** Seconds between two looks: Prometheus scrapes every 15 s. */
const resolution = 5;
/** Seconds that Prometheus may take to find app servers, and to forget those that are gone. */
const watchLimit = 180;

export class StackMetrics {
  readonly #world: World;
  readonly #pauseMs: number;

  /** @param pauseMs between two looks while something is waited for */
  constructor(world: World, pauseMs = 3000) {
    this.#world = world;
    this.#pauseMs = pauseMs;
  }

  async alerts(): Promise<ActiveAlert[]> {
    return parseAlerts(await this.#ask("/api/v1/alerts", {}));
  }

  /** Between two moments, ms. */
  async figures(from: number, to: number): Promise<FiguresOfStep> {
    const range = { start: String(from / 1000), end: String(to / 1000), step: String(resolution) };
    const look = async (name: keyof typeof queries) =>
      highest(await this.#ask("/api/v1/query_range", { query: queries[name], ...range }));
    return {
      pools: {
        use: await look("use"),
        waiting: await look("waiting"),
        shopUse: await look("shopUse"),
        shopWaiting: await look("shopWaiting"),
      },
      queue: await look("queue"),
    };
  }

  /** Waits until Prometheus has found as many app servers, which come and go without it being told. */
  async untilWatched(servers: number, signal: AbortSignal): Promise<void> {
    await untilFine(
      "Prometheus finds the app servers",
      async () => {
        const now = Date.now();
        const range = { start: String(now / 1000), end: String(now / 1000), step: "1" };
        const found = highest(await this.#ask("/api/v1/query_range", { query: queries.appServers, ...range })) ?? 0;
        return found === servers ? undefined : `it sees ${found} of ${servers}`;
      },
      { seconds: watchLimit, everyMs: this.#pauseMs, signal },
    );
  }

  async #ask(path: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
    const host = await this.#host();
    const query = Object.entries(parameters).flatMap(([name, value]) => ["--data-urlencode", `${name}=${value}`]);
    const url = `http://${host.privateAddress}:${ports.prometheus}${path}`;
    const ran = await this.#world.run(host, ["curl", "-sS", "--fail", "--max-time", "10", "--get", ...query, url]);
    if (ran.code === 0) return JSON.parse(ran.stdout);
    throw new LoadError(`Prometheus on ${host.name} does not answer ${path}: ${ran.stderr.trim().slice(-300)}`);
  }

  async #host(): Promise<Machine> {
    const host = (await this.#world.machines()).find((machine) => machine.role === "monitoring");
    if (!host) throw new LoadError("the stack has no monitoring machine: is it deployed in this lab?");
    return host;
  }
}
