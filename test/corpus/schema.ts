/** How a case is written; README.md says it in words. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const json = z.json() as unknown as z.ZodType<Json>;

const RULES = [
  "location",
  "owner",
  "endpoints",
  "register",
  "data-classes",
  "boundary",
  "administration",
  "unseen",
] as const;

const expectation = z.strictObject({
  rule: z.union([z.enum(RULES), z.array(z.enum(RULES)).min(2)]),
  /** Name of the resource that the finding is on; absent for findings on the run as a whole (state backend, register). Of several, any will do. */
  resource: z.union([z.string(), z.array(z.string())]).optional(),
  /** Host name or address that the finding names. */
  host: z.string().optional(),
  /** Domain at or below which the host lies, where the exact host is put together at run time. */
  under: z.string().optional(),
  region: z.string().optional(),
  /** Beginning of the property path. */
  property: z.string().optional(),
  outcome: z.enum(["violation", "not-established"]).optional(),
  severity: z.enum(["refuse", "warn", "notice"]).optional(),
});

const testCase = z
  .strictObject({
    name: z.string().min(3),
    why: z.string().min(3),
    resources: z.record(z.string(), json).optional(),
    manifests: z.string().optional(),
    podSpec: json.optional(),
    userData: json.optional(),
    /** What is true of the run. @default a state at Hetzner's, a passphrase, no configuration */
    run: z
      .strictObject({
        backend: z.string().optional(),
        /** `passphrase`, or the address of a service for keys. */
        secretsProvider: z.string().optional(),
        /** Configuration of the stack: `aws:region`. */
        config: z.record(z.string(), z.string()).optional(),
      })
      .optional(),
    settings: z.record(z.string(), json).optional(),
    register: json.optional(),
    each: z.array(z.record(z.string(), z.string())).min(2).optional(),
    expect: z.array(expectation),
  })
  .refine(
    (entry) =>
      [entry.resources, entry.manifests, entry.podSpec, entry.userData].filter((part) => part !== undefined).length ===
      1,
    "exactly one of resources, manifests, podSpec and userData",
  );

const file = z.strictObject({ theme: z.string(), cases: z.array(testCase).min(1) });

export type Expectation = z.infer<typeof expectation>;
export type Case = Omit<z.infer<typeof testCase>, "each"> & { readonly file: string };

/** Reads all cases of a folder, `each` unfolded, in the order of file names. Throws with file and place where one is malformed. */
export function readCases(folder: string): Case[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
  return names.sort().flatMap((name) => parseCases(readFileSync(join(folder, name), "utf8"), name));
}

/** The cases in a file's text. */
export function parseCases(text: string, name: string): Case[] {
  const parsed = file.safeParse(parse(text));
  if (!parsed.success) {
    throw new Error(`${name}: ${z.prettifyError(parsed.error)}`);
  }
  const cases = parsed.data.cases.flatMap(({ each, ...entry }) =>
    (each ?? [{}]).map((values) => ({ ...fill(entry, values), file: name })),
  );
  return numbered(cases);
}

/** Gives the second and later cases of the same name a number. */
function numbered(cases: readonly Case[]): Case[] {
  const seen = new Map<string, number>();
  return cases.map((entry) => {
    const count = (seen.get(entry.name) ?? 0) + 1;
    seen.set(entry.name, count);
    return count === 1 ? entry : { ...entry, name: `${entry.name} (${count})` };
  });
}

/** Puts the values of `each` into `<name>` wherever it stands; what is no name of `each` stays. */
function fill<T>(value: T, values: Readonly<Record<string, string>>): T {
  if (typeof value === "string") {
    return value.replaceAll(/<(\w+)>/g, (whole, key: string) => values[key] ?? whole) as T;
  }
  if (Array.isArray(value)) {
    return value.map((inner) => fill(inner, values)) as T;
  }
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [fill(key, values), fill(inner, values)]),
    ) as T;
  }
  return value;
}
