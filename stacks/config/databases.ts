/** Keys of what holds data: Postgres and Redis. */
import { z } from "zod";
import { parameterProblems } from "../../components/postgres/parameters.ts";
import { classes } from "./edge.ts";
import { count, endpoint, euCountry, generation, identifier, location, pemCertificate, serverType } from "./fields.ts";
import { postgresNodes } from "./topology.ts";

const mostParameters = 100;

/** Days and hours that do not exist come back as others, or not at all. */
const isMoment = (text: string): boolean => {
  const date = new Date(`${text}Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
};

const isPointInTime = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d(:\d\d)?$/.test(text) &&
  isMoment(`${text.slice(0, 10)}T${text.slice(11, 19)}`);

const backup = z
  .strictObject({
    classes,
    endpoint: endpoint.describe("Host of the S3-compatible store, in the EU"),
    country: euCountry.describe(
      "EU member state that the store is in (ISO 3166-1 alpha-2): stated by whoever writes the configuration, who answers for it",
    ),
    region: z
      .string()
      .regex(/^[a-z0-9-]{2,40}$/, "is not a region such as nbg1")
      .describe("Region as the store names it"),
    bucket: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "is not a bucket name")
      .describe("Made by hand beforehand: the provider has no API for it"),
    fullBackups: count(1, 52)
      .default(4)
      .describe("Full backups kept, one a week, with all that is needed to go to any moment since the oldest"),
    accessKey: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe("A secret; or the environment variable BACKUP_ACCESS_KEY"),
    secretKey: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe("A secret; or the environment variable BACKUP_SECRET_KEY"),
    authority: pemCertificate
      .optional()
      .describe("PEM of the authority that signed the store's certificate, where no public one did"),
  })
  .describe("pgBackRest to object storage, encrypted before it leaves the machine");

/** A list has one for each of at most so many nodes. */
const generations = (most: number) =>
  z
    .union([generation.unwrap(), z.array(generation.unwrap()).min(1).max(most)], {
      error: `is neither a whole number from 1 nor a list of up to ${most} of them`,
    })
    .default(1)
    .describe("As elsewhere, or a list with one for each node, to replace one after another");

/** A list of generations that is not as long as there are nodes is about other nodes than the ones that there are. */
function requireOneForEachNode(
  { nodes, generation }: { readonly nodes: number; readonly generation: number | readonly number[] },
  context: z.RefinementCtx,
): void {
  if (typeof generation === "number" || generation.length === nodes) return;
  const message = `is for another number of nodes than ${nodes}`;
  context.addIssue({ code: "custom", path: ["generation"], message, input: generation });
}

/** postgresql.conf beyond what the size of the machine gives. */
const parameters = z
  .record(
    z.string().regex(/^[a-z][a-z0-9_.]{0,62}$/, "is not the name of a PostgreSQL parameter"),
    z.union([z.string().max(1000), z.number(), z.boolean()], {
      error: "is neither a text, a number nor true or false",
    }),
  )
  .superRefine((given, context) => {
    const names = Object.keys(given);
    if (names.length > mostParameters) {
      context.addIssue({ code: "custom", message: `has more than ${mostParameters} entries`, input: given });
    }
    for (const name of names) {
      for (const problem of parameterProblems({ [name]: given[name]! })) {
        const message = problem.replace(/^parameters\.[^ :]+:? /, "").replace(/^expected/, "is not right: expected");
        context.addIssue({ code: "custom", path: [name], message, input: given[name] });
      }
    }
  })
  .default({})
  .describe("PostgreSQL settings beyond those that follow from the machine; take effect with the next generation");

const restore = z
  .strictObject({
    target: z
      .string()
      .refine(isPointInTime, "is not a point in time with its offset, such as 2026-11-20 14:30:00+00")
      .optional()
      .describe("Point in time to stop at, such as 2026-11-20 14:30:00+00; without it the latest that the store has"),
  })
  .describe("A new cluster starts from the backup instead of empty; without effect where there is data");

export const postgres = z
  .strictObject({
    classes,
    nodes: postgresNodes.optional(),
    serverType: serverType
      .default("ccx13")
      .describe("Changed in place, with a power-off of all at once; memory settings follow at the next generation"),
    storageGb: count(10, 10_000).default(50).describe("Data volume of each node; grows in place, never shrinks"),
    durability: z
      .enum(["zero-loss", "low-latency"])
      .default("zero-loss")
      .describe(
        "zero-loss: a commit waits for a synchronous standby and writes stop when there is none. low-latency: it does not wait, and a failover may lose the last moments",
      ),
    database: identifier.default("app"),
    backup: z
      .union([backup, z.literal(false)], { error: "is neither a store for backups nor false" })
      .describe("Where backups go, or false: none, and data is lost with the machines"),
    witness: z
      .union([z.boolean(), location], { error: "is neither true, false nor a location" })
      .optional()
      .describe(
        "A small machine as etcd's third member, or the location that it stands in; default: with two nodes, and in a third location where two have nodes",
      ),
    parameters,
    restore: restore.optional(),
    generation: generations(5),
  })
  .superRefine(({ backup, restore }, context) => {
    if (restore && !backup) {
      context.addIssue({ code: "custom", path: ["restore"], message: "needs backup, the store to restore from" });
    }
  })
  .describe("Postgres 17 under Patroni, etcd for its quorum");

export const redis = z
  .strictObject({
    classes,
    nodes: z
      .union([z.literal(1), z.literal(3)])
      .default(3)
      .describe("3 with Sentinel, or 1 without failover"),
    serverType: serverType.default("cpx22"),
    engine: z.enum(["valkey", "redis"]).default("valkey"),
    generation: generations(3),
  })
  .superRefine(requireOneForEachNode)
  .prefault({})
  .describe("Sessions and cache, in separate instances");
