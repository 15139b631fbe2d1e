import { z } from "zod";

const address = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `is not an address that begins with ${protocols[0]}//`,
  });

const variables = z.object({
  HOST: z.string().min(1).default("127.0.0.1"),
  PORT: z.coerce.number().int().min(1).max(65_535).default(8080),
  /** Reads and writes, on the primary. */
  DATABASE_URL: address("postgresql:", "postgres:"),
  /** Reads, on a replica. */
  DATABASE_READ_URL: address("postgresql:", "postgres:"),
  /** The schema's owner: with it the shop migrates at start; without it it waits until somebody has. */
  DATABASE_OWNER_URL: address("postgresql:", "postgres:").optional(),
  REDIS_SESSIONS_URL: address("redis:", "rediss:"),
  /** Most connections of each pool. PgBouncer behind it has far fewer to the servers, and queues. */
  DATABASE_POOL: z.coerce.number().int().min(1).max(500).default(20),
});

export type Settings = z.output<typeof variables>;

/**
 * The environment, checked.
 * @throws with every variable that is missing or wrong; values, which hold passwords, are not told
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const parsed = variables.safeParse(environment);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    return environment[name] === undefined ? `${name} is not set` : `${name}: ${issue.message}`;
  });
  throw new Error(`The environment is not complete: ${problems.join("; ")}`);
}
