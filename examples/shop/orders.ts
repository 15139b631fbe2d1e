import type pg from "pg";
import { z } from "zod";
import { isTransient } from "./database.ts";
import { priceOf, skus } from "./products.ts";
import { within, withRetries } from "./time.ts";

export const orderRequest = z.strictObject({ sku: z.enum(skus), quantity: z.int().min(1).max(100) });
export type OrderRequest = z.output<typeof orderRequest>;

/** Chosen by the client for one order, and sent again with each repetition. */
export const idempotencyKey = z.string().regex(/^[\x21-\x7e]{8,200}$/);

export interface Order {
  /** Unique, growing, not without gaps. A text, as it may be larger than JavaScript's numbers. */
  readonly number: string;
  readonly sku: string;
  readonly quantity: number;
  readonly cents: number;
  /** ISO 8601. */
  readonly createdAt: string;
}

export interface Orders {
  /** Committed when it resolves. With a key that was used before, it is the order of that time, whatever is asked for now. */
  place(key: string, request: OrderRequest): Promise<{ order: Order; created: boolean }>;
  find(number: string): Promise<Order | undefined>;
  /** Orders with a greater number, oldest first, from a replica. */
  since(number: string, limit: number): Promise<Order[]>;
  /** The newest first, from a replica. */
  recent(limit: number): Promise<Order[]>;
}

/** Longest that a request waits for the database, ms. */
const requestMs = 10_000;
/** A planned switchover takes 3 s: requests wait that long rather than fail. */
const retries = { forMs: 5000, pauseMs: 100, retryable: isTransient };

interface Row {
  readonly number: string;
  readonly sku: string;
  readonly quantity: number;
  readonly cents: number;
  readonly created_at: Date;
  readonly repeats: number;
}

const columns = "number, sku, quantity, cents, created_at, repeats";

/**
 * One statement, so that two requests with one key cannot both insert, whatever they know of each other. The second waits for the
 * first. That it *writes* matters: its commit waits for the synchronous standby, and the earlier order's with it, so a repetition is
 * never confirmed on the word of a row that the standby does not have yet.
 */
const placeStatement = `INSERT INTO orders (idempotency_key, sku, quantity, cents) VALUES ($1, $2, $3, $4)
ON CONFLICT (idempotency_key) DO UPDATE SET repeats = orders.repeats + 1 RETURNING ${columns}`;

const orderOf = ({ number, sku, quantity, cents, created_at }: Row): Order => ({
  number,
  sku,
  quantity,
  cents,
  createdAt: created_at.toISOString(),
});

export function isSameRequest(order: Pick<Order, "sku" | "quantity">, request: OrderRequest): boolean {
  return order.sku === request.sku && order.quantity === request.quantity;
}

export function createOrders({ write, read }: { write: pg.Pool; read: pg.Pool }): Orders {
  const query = async (pool: pg.Pool, text: string, values: unknown[]): Promise<Row[]> => {
    const attempts = withRetries(retries, async () => (await pool.query<Row>(text, values)).rows);
    return await within(requestMs, attempts);
  };
  const list = async (pool: pg.Pool, rest: string, values: unknown[]): Promise<Order[]> =>
    (await query(pool, `SELECT ${columns} FROM orders ${rest}`, values)).map(orderOf);
  return {
    async place(key, { sku, quantity }) {
      const [row] = await query(write, placeStatement, [key, sku, quantity, priceOf(sku) * quantity]);
      return { order: orderOf(row!), created: row!.repeats === 0 };
    },
    find: async (number) => (await list(write, "WHERE number = $1", [number]))[0],
    since: (number, limit) => list(read, "WHERE number > $1 ORDER BY number LIMIT $2", [number, limit]),
    recent: (limit) => list(read, "ORDER BY number DESC LIMIT $1", [limit]),
  };
}
