/** k6 plays the users: what it is started with, and what it says. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { z } from "zod";
import type { ShopAddress } from "../drills/shop-writer.ts";
import { namespacePath, SERVICES } from "../machines/network/names.ts";
import { LoadError } from "./errors.ts";
import { type ErrorKind, errorKinds, errorMetric, mix, requestKinds } from "./mix.ts";
import type { LoadStep } from "./result.ts";

/** Seconds that a request may take before its user gives it up. */
const timeoutSeconds = 15;
/** Seconds over which users come at the beginning of a step. */
const spreadSeconds = 3;

export interface Step {
  /** Name of the measurement: part of idempotency keys, so that no order is of an earlier one. */
  readonly run: string;
  readonly users: number;
  readonly warmSeconds: number;
  readonly steadySeconds: number;
}

const steady = (metric: string, kind?: string): string =>
  `${metric}{phase:steady${kind === undefined ? "" : `,kind:${kind}`}}`;

/** What the program of the users reads from its environment. */
export function customerSettings(shop: ShopAddress, step: Step): object {
  // k6 keeps figures of a part only where a threshold asks for them: these always hold.
  const kept = [steady("http_req_duration"), ...requestKinds.map((kind) => steady("http_req_duration", kind))];
  return {
    run: step.run,
    url: `https://${shop.domain}${shop.port === 443 ? "" : `:${shop.port}`}`,
    warmSeconds: step.warmSeconds,
    steadySeconds: step.steadySeconds,
    timeoutSeconds,
    spreadSeconds,
    mix,
    errors: Object.fromEntries(errorKinds.map((kind) => [kind, errorMetric(kind)])),
    options: {
      scenarios: {
        users: {
          executor: "constant-vus",
          vus: step.users,
          duration: `${step.warmSeconds + step.steadySeconds}s`,
          gracefulStop: `${timeoutSeconds + 5}s`,
        },
      },
      hosts: { [shop.domain]: shop.address },
      thresholds: Object.fromEntries([
        ...kept.map((metric) => [metric, ["max>=0"]]),
        [steady("http_reqs"), ["count>=0"]],
      ]),
      summaryTrendStats: ["med", "p(95)", "p(99)", "max"],
      systemTags: ["status"],
      // A lab signs its certificates itself.
      insecureSkipTLSVerify: true,
      noCookiesReset: true,
      // A user's browser keeps its connections from one page to the next.
      noConnectionReuse: false,
      noVUConnectionReuse: false,
      userAgent: "sovereign-load",
    },
  };
}

/**
 * From the host: in the network of the lab's world, where there is nothing but the lab. Files and processes stay the host's.
 * @param lab number of the lab's process on the host
 */
export function k6Argv(k6: string, lab: number): [string, ...string[]] {
  const network = `/proc/${lab}/root${namespacePath(SERVICES)}`;
  const script = join(import.meta.dirname, "customer.js");
  return ["nsenter", `--net=${network}`, "--", k6, "run", "--quiet", "--no-usage-report", "--address", "", script];
}

const trend = z.object({ values: z.object({ med: z.number(), "p(95)": z.number(), "p(99)": z.number() }) });
const counter = z.object({ values: z.object({ count: z.number() }) });
const summarySchema = z.object({ metrics: z.record(z.string(), z.unknown()) });

/** The part of a step that k6 sees. */
export type SeenByUsers = Pick<
  LoadStep,
  | "users"
  | "seconds"
  | "requests"
  | "requestsPerSecond"
  | "orders"
  | "p50Ms"
  | "p95Ms"
  | "p99Ms"
  | "p95ByKind"
  | "errors"
>;

const round = (value: number): number => Math.round(value * 10) / 10;

/** @throws LoadError when it is not the summary of such a step */
export function parseSummary(text: string, step: Step): SeenByUsers {
  const { metrics } = readSummary(text);
  const count = (name: string): number => counter.safeParse(metrics[name]).data?.values.count ?? 0;
  const all = trend.safeParse(metrics[steady("http_req_duration")]).data?.values;
  const requests = count(steady("http_reqs"));
  if (!all || requests === 0) throw new LoadError("no request was answered or failed while it counted");
  const byKind = requestKinds.flatMap((kind) => {
    const values = trend.safeParse(metrics[steady("http_req_duration", kind)]).data?.values;
    // k6 has zeros where there was no request.
    return values && values["p(95)"] > 0 ? [[kind, round(values["p(95)"])] as const] : [];
  });
  const errors = errorKinds
    .map((kind): [ErrorKind, number] => [kind, count(errorMetric(kind))])
    .filter(([, number]) => number > 0);
  return {
    users: step.users,
    seconds: step.steadySeconds,
    requests,
    requestsPerSecond: round(requests / step.steadySeconds),
    orders: count("orders_placed"),
    p50Ms: round(all.med),
    p95Ms: round(all["p(95)"]),
    p99Ms: round(all["p(99)"]),
    p95ByKind: Object.fromEntries(byKind),
    errors: Object.fromEntries(errors),
  };
}

function readSummary(text: string): z.infer<typeof summarySchema> {
  try {
    return summarySchema.parse(JSON.parse(text));
  } catch {
    throw new LoadError(`k6 gave no summary but: ${JSON.stringify(text.slice(0, 300))}`);
  }
}

/** Most that is kept of what k6 prints, characters. */
const mostOutput = 4 * 1024 * 1024;
/** Seconds after the planned end at which k6 is ended. */
const grace = 60;

/**
 * Plays one step to its end.
 * @throws LoadError with k6's own words
 */
export async function playStep(
  k6: string,
  lab: number,
  shop: ShopAddress,
  step: Step,
  signal: AbortSignal,
): Promise<SeenByUsers> {
  const [program, ...argv] = k6Argv(k6, lab);
  const limit = AbortSignal.timeout((step.warmSeconds + step.steadySeconds + timeoutSeconds + grace) * 1000);
  const child = spawn(program, argv, {
    stdio: ["ignore", "pipe", "pipe"],
    signal: AbortSignal.any([signal, limit]),
    killSignal: "SIGTERM",
    env: {
      PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
      // Where k6 would keep what it knows of a cloud account.
      HOME: "/nonexistent",
      K6_AUTO_EXTENSION_RESOLUTION: "false",
      SOVEREIGN_LOAD: JSON.stringify(customerSettings(shop, step)),
    },
  });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      if (said[stream].length < mostOutput) said[stream] += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => {
    let failure: Error | undefined;
    child.once("error", (error) => {
      failure = error;
    });
    child.once("close", (ended) => {
      if (failure && failure.name !== "AbortError") said.stderr += failure.message;
      resolve(ended);
    });
  });
  signal.throwIfAborted();
  if (limit.aborted) throw new LoadError(`k6 did not end within ${grace} s of its time`);
  if (code !== 0) throw new LoadError(`k6 ended with ${code}: ${lastWords(said.stderr)}`);
  return parseSummary(said.stdout, step);
}

const lastWords = (text: string): string => text.trim().slice(-600) || "it said nothing";
