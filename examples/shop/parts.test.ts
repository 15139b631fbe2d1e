import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { isTransient } from "./database.ts";
import { errorCode } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { migrations } from "./migrations.ts";
import { readSettings } from "./settings.ts";
import { within, withRetries } from "./time.ts";

describe("settings", () => {
  const database = "postgresql://app:hidden@127.0.0.1:6432/shop?sslmode=disable";
  const complete = {
    DATABASE_URL: database,
    DATABASE_READ_URL: database,
    REDIS_SESSIONS_URL: "redis://app:hidden@127.0.0.1:6379/0",
  };

  test("need the three addresses only", () => {
    expect(readSettings({ ...complete, PATH: "/bin" })).toEqual({
      ...complete,
      HOST: "127.0.0.1",
      PORT: 8080,
      DATABASE_POOL: 20,
    });
  });

  test("are told all together when they are wrong, without their values", () => {
    const wrong = { ...complete, DATABASE_URL: "mysql://app:hidden@db", PORT: "many", REDIS_SESSIONS_URL: undefined };
    expect(() => readSettings(wrong)).toThrow(/PORT: .*; DATABASE_URL: .*; REDIS_SESSIONS_URL is not set$/);
    expect(() => readSettings(wrong)).toThrow(/^((?!hidden).)*$/);
  });
});

describe("time", () => {
  test("work that takes too long is given up, and its end is nobody's surprise", async () => {
    expect(await within(1000, Promise.resolve("done"))).toBe("done");
    const late = sleep(30).then(() => Promise.reject(new Error("late")));
    await expect(within(1, late)).rejects.toThrow("took longer than 1 ms");
    await expect(late).rejects.toThrow("late");
  });

  test("only what may pass is tried again, and not for ever", async () => {
    const settings = { forMs: 200, pauseMs: 1, retryable: (error: unknown) => errorCode(error) === "busy" };
    const failing = (codes: string[]) => async () => {
      const code = codes.shift();
      if (code) throw Object.assign(new Error(), { code });
      return "done";
    };
    expect(await withRetries(settings, failing(["busy", "busy"]))).toBe("done");
    await expect(withRetries(settings, failing(["busy", "wrong", "busy"]))).rejects.toMatchObject({ code: "wrong" });
    await expect(withRetries(settings, failing(Array(1000).fill("busy")))).rejects.toMatchObject({ code: "busy" });
  });
});

test("a failover is worth another attempt; a mistake or a full pool is not", () => {
  for (const code of ["ECONNREFUSED", "57P01", "25006", "08P01", "08006", "40001"])
    expect(isTransient({ code }), code).toBe(true);
  expect(isTransient(new Error("Connection terminated unexpectedly"))).toBe(true);
  for (const code of ["23505", "42P01", "28P01", "0800"]) expect(isTransient({ code }), code).toBe(false);
  expect(isTransient(new Error("timeout exceeded when trying to connect"))).toBe(false);
});

test("metrics are in Prometheus' text format", () => {
  const metrics = new Metrics();
  const count = metrics.counter("a_total", "Things.");
  const time = metrics.histogram("b_seconds", "Time.");
  metrics.gauge("c", "Now.", () => [[{}, 4]]);
  count({ what: 'x"\\\n' });
  count();
  time({ route: "/" }, 0.05);
  time({ route: "/" }, 20);
  const lines = metrics.render().split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      "# TYPE a_total counter",
      'a_total{what="x\\"\\\\\\n"} 1',
      "a_total 1",
      "# TYPE b_seconds histogram",
      'b_seconds_bucket{route="/",le="0.025"} 0',
      'b_seconds_bucket{route="/",le="0.05"} 1',
      'b_seconds_bucket{route="/",le="10"} 1',
      'b_seconds_bucket{route="/",le="+Inf"} 2',
      'b_seconds_sum{route="/"} 20.05',
      'b_seconds_count{route="/"} 2',
      "# TYPE c gauge",
      "c 4",
    ]),
  );
});

test("migrations have numbers in order, each once", () => {
  expect(migrations.map((migration) => migration.id)).toEqual(migrations.map((_, index) => index + 1));
});
