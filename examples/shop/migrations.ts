import type pg from "pg";

export interface Migration {
  /** Applied in this order; never changed once released. */
  readonly id: number;
  readonly name: string;
  /** For a release, old and new servers work side by side: a migration must suit both. */
  readonly sql: string;
}

export const migrations: readonly Migration[] = [
  {
    id: 1,
    name: "orders",
    sql: `CREATE TABLE orders (
  number bigint GENERATED ALWAYS AS IDENTITY (START WITH 100001) PRIMARY KEY,
  idempotency_key text NOT NULL UNIQUE,
  sku text NOT NULL,
  quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 100),
  cents integer NOT NULL CHECK (cents >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  repeats integer NOT NULL DEFAULT 0
)`,
  },
];

/** Any number that nothing else in the database locks. */
export const lockNumber = "7306355209671394";

/**
 * Applies what is missing, all in one transaction, and returns the names. Of servers that start at the same time one migrates and the
 * others wait for it: the lock is the transaction's, since PgBouncer lends a connection for no longer.
 */
export async function migrate(pool: pg.Pool, wanted: readonly Migration[] = migrations): Promise<string[]> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query("SELECT pg_advisory_xact_lock($1)", [lockNumber]);
    // Whoever waits for a table's lock holds up everybody behind: better to fail, and try again.
    await client.query("SET LOCAL lock_timeout = '5s'");
    await client.query(
      "CREATE TABLE IF NOT EXISTS schema_migrations (id integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())",
    );
    const { rows } = await client.query<{ id: number }>("SELECT id FROM schema_migrations");
    const applied = new Set(rows.map((row) => row.id));
    const missing = wanted.filter((migration) => !applied.has(migration.id));
    for (const { id, name, sql } of missing) {
      await client.query(sql);
      await client.query("INSERT INTO schema_migrations (id, name) VALUES ($1, $2)", [id, name]);
    }
    await client.query("COMMIT");
    client.release();
    return missing.map((migration) => migration.name);
  } catch (error) {
    // The connection ends, and its transaction with it.
    client.release(true);
    throw error;
  }
}

/** @throws until every migration has been applied, by whoever does it */
export async function requireMigrated(pool: pg.Pool, wanted: readonly Migration[] = migrations): Promise<void> {
  const { rows } = await pool.query<{ id: number }>("SELECT id FROM schema_migrations");
  const applied = new Set(rows.map((row) => row.id));
  const missing = wanted.filter((migration) => !applied.has(migration.id));
  if (missing.length) throw new Error(`not migrated yet: ${missing.map((migration) => migration.name).join(", ")}`);
}
