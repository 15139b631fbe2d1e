import pg from "pg";
import { errorCode, type Log } from "./log.ts";

/** Longest wait for a connection of the pool, ms: then the request is refused, and the queue stays short. */
const acquireMs = 3000;
/**
 * Last resort for a query, ms. A request is answered long before; its query is left to end by itself. One that is cut off would go
 * on in the server, outside of every pool: while commits wait for a standby, repeated attempts would use up all connections.
 */
const queryMs = 60_000;

/**
 * Connections through PgBouncer in transaction mode: no session state, no `SET`, no advisory locks beyond a transaction, and no
 * parameters at the start that PgBouncer does not know (such as statement_timeout).
 */
export function openPool(connectionString: string, max: number, log: Log): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max,
    connectionTimeoutMillis: acquireMs,
    idleTimeoutMillis: 30_000,
    query_timeout: queryMs,
    application_name: "shop",
  });
  // An idle connection that breaks is replaced at the next use.
  pool.on("error", (error) => log.warn("an idle database connection broke", { error: errorCode(error) }));
  return pool;
}

const transientCodes = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE"],
  // Shut down, crashed, starting.
  ...["57P01", "57P02", "57P03"],
  // Too many connections; read-only, as a former primary is.
  ...["53300", "25006"],
  ...["40001", "40P01"],
]);

/**
 * Whether the same statement may well succeed in a moment, as during a failover. Class 08 is also how PgBouncer says that it has no
 * server; a pool that is full is not among them: more attempts would make it fuller.
 */
export function isTransient(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === "string") return transientCodes.has(code) || /^08...$/.test(code);
  return /^Connection terminated/.test(String(message));
}
