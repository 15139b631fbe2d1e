import type { Redis } from "ioredis";
import type pg from "pg";
import { errorCode } from "./log.ts";
import { within } from "./time.ts";

interface Check {
  readonly ok: boolean;
  /** Code of the driver's error. */
  readonly error?: string;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, Check>>;
}

/** Longest that a dependency may take to answer, ms. */
const checkMs = 2000;

/** Asks every dependency as requests use it. A replica is not one: reads go to the primary when there is none. */
export function createReadiness({
  write,
  read,
  redis,
}: {
  write: pg.Pool;
  read: pg.Pool;
  redis: Redis;
}): () => Promise<Readiness> {
  const isPrimary = async () => {
    const { rows } = await write.query<{ standby: boolean }>("SELECT pg_is_in_recovery() AS standby");
    if (rows[0]?.standby !== false) throw Object.assign(new Error("not the primary"), { code: "standby" });
  };
  const asked: Record<string, () => Promise<unknown>> = {
    "postgres-write": isPrimary,
    "postgres-read": () => read.query("SELECT number FROM orders LIMIT 1"),
    "redis-sessions": () => redis.ping(),
  };
  return async () => {
    const answers = Object.entries(asked).map(async ([name, ask]): Promise<[string, Check]> => {
      try {
        await within(checkMs, ask());
        return [name, { ok: true }];
      } catch (error) {
        return [name, { ok: false, error: errorCode(error) }];
      }
    });
    const checks = Object.fromEntries(await Promise.all(answers));
    return { ready: Object.values(checks).every((check) => check.ok), checks };
  };
}
