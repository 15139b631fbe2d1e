import { z } from "zod";

/** What is wrong with one entry of a user's file. The entry then counts for nothing. */
export interface ReadProblem {
  /** Position in the list, from 0. */
  readonly index: number;
  /** `[2].expiresAt: a day that exists, as YYYY-MM-DD`. */
  readonly message: string;
}

/**
 * Reads `{ [list]: [...] }` entry by entry, so that one wrong entry takes no other with it.
 *
 * @throws Error if the content has another shape altogether: then nothing of it can be relied on
 */
export function parseEntries<S extends z.ZodType>(
  content: unknown,
  list: string,
  schema: S,
): { readonly entries: z.output<S>[]; readonly positions: number[]; readonly problems: ReadProblem[] } {
  const outer = z.strictObject({ [list]: z.array(z.unknown()).max(10_000) }).safeParse(content);
  if (!outer.success) throw new Error(`no list "${list}:" alone at the top: ${describeIssues(outer.error)}`);
  const entries: z.output<S>[] = [];
  const positions: number[] = [];
  const problems: ReadProblem[] = [];
  for (const [index, entry] of (outer.data[list] as unknown[]).entries()) {
    const result = schema.safeParse(entry);
    if (result.success) {
      entries.push(result.data);
      positions.push(index);
    } else problems.push({ index, message: describeIssues(result.error) });
  }
  return { entries, positions, problems };
}

/** `owner: …; expiresAt: …`, without the values: they may be anything. */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => (path.length > 0 ? `${path.map(String).join(".")}: ${message}` : message))
    .join("; ");
}
