/** What has to be known to choose a topology: the one truth for prompts, flags and files of answers. */
import { z } from "zod";
import { isCountry } from "../../catalogue/countries.ts";
import { dataClasses } from "../../catalogue/data-classes.ts";
import { keyMaterial } from "../../components/edge/problems.ts";
import {
  adminCidr,
  domainName,
  endpoint,
  euCountry,
  image,
  publicPath,
  sshPublicKey,
} from "../../stacks/config/fields.ts";

export const customerKinds = ["consumers", "businesses", "public-sector", "finance"] as const;
export const teamHours = ["on-call", "office-hours"] as const;

const week = 7 * 24 * 60;

const unique = (list: readonly unknown[]): boolean =>
  new Set(list.map((item) => JSON.stringify(item))).size === list.length;

const someOf = <const T extends readonly [string, ...string[]]>(names: T) =>
  z
    .array(z.enum(names, { error: `is none of ${names.join(", ")}` }))
    .min(1, "is empty: name at least one")
    .max(names.length)
    .refine(unique, "names one twice");

const seconds = z
  .int("is not a whole number of seconds")
  .min(0, "is less than 0 seconds")
  .max(week * 60, "is more than a week: give 604800 where anything goes");
const minutes = z
  .int("is not a whole number of minutes")
  .min(1, "is less than a minute: nothing fails over faster")
  .max(week, "is more than a week: give 10080 where anything goes");

/** Shares are people's estimates: they need not come to 100 exactly. */
const tolerance = 1;

const traffic = z
  .record(
    z.string().refine(isCountry, "is no ISO 3166-1 alpha-2 code of a country, such as DE"),
    z.number("is no share in percent").min(0, "is less than 0 %").max(100, "is more than 100 %"),
  )
  .superRefine((shares, context) => {
    const sum = Object.values(shares).reduce((all, share) => all + share, 0);
    if (Math.abs(sum - 100) <= tolerance) return;
    context.addIssue({ code: "custom", message: `comes to ${Math.round(sum * 100) / 100} %: shares come to 100` });
  });

const store = z.strictObject({
  endpoint,
  country: euCountry,
  region: z.string().regex(/^[a-z0-9-]{2,40}$/, "is not a region such as nbg1"),
  bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "is not a bucket name"),
});

const edgePath = z.strictObject({
  path: publicPath,
  class: z.enum(["static", "public"], { error: "is neither static nor public" }),
});

/** Each answer alone, by its name. */
export const answerFields = {
  /** Name of the stack: it begins the names of all machines. */
  stack: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,23}$/, "is not a name of at most 24 of a-z, 0-9 and - that begins with a letter"),
  domain: domainName,
  /** Data classes that the service handles. */
  data: someOf(dataClasses),
  customers: someOf(customerKinds),
  /** Seconds of acknowledged writes that the loss of a machine may take. */
  rpo: seconds,
  /** Minutes until writes go on after the loss of a machine. */
  rto: minutes,
  /** Seconds of acknowledged writes that the loss of a whole location may take. */
  locationRpo: seconds,
  /** Minutes until writes go on after the loss of a whole location. */
  locationRto: minutes,
  /** Percent of the visitors by country. */
  traffic,
  /** When somebody looks after it. */
  team: z.enum(teamHours, { error: `is none of ${teamHours.join(", ")}` }),
  /** Who can operate it. */
  people: z.int("is not a whole number").min(1, "is nobody").max(10_000, "is more than 10000"),
  /** EUR a month, net. */
  budget: z.number("is no amount in EUR").min(0, "is less than 0 EUR").max(1_000_000, "is more than 1000000 EUR"),
  /** Where administrators come from. */
  admins: z.array(adminCidr).min(1, "is empty: nobody could administer it").max(20).refine(unique, "names one twice"),
  /** Their public keys. */
  sshKeys: z.array(sshPublicKey).min(1, "is empty: nobody could log in").max(50).refine(unique, "names one twice"),
  /** A bucket of the provider's in another location, a store of your own, or none. */
  backup: z.union([z.literal("hetzner"), z.literal("none"), store], {
    error: "is neither hetzner, none nor a store with endpoint, country, region and bucket",
  }),
  /** Whether the domain's zone is in the provider's project already. */
  zoneExists: z.boolean().default(false),
  /** What runs on the app servers. @default the example shop */
  image: image.optional(),
  /** What may be served outside the EU. @default /assets/ where static data are handled, /public/ where public ones */
  edgePaths: z.array(edgePath).min(1).max(50).optional(),
  /** Public keys for machines outside the core: others than the core's. */
  edgeSshKeys: z.array(sshPublicKey).max(50).default([]),
} as const;

export const answersSchema = z.strictObject(answerFields).superRefine((answers, context) => {
  const ofCore = answers.sshKeys.map(keyMaterial);
  for (const [index, key] of answers.edgeSshKeys.entries())
    if (ofCore.includes(keyMaterial(key)))
      context.addIssue({
        code: "custom",
        path: ["edgeSshKeys", index],
        message: "opens the core too: the edge needs a key of its own",
      });
  for (const [index, { class: name }] of (answers.edgePaths ?? []).entries())
    if (!answers.data.includes(name))
      context.addIssue({
        code: "custom",
        path: ["edgePaths", index, "class"],
        message: `is ${name}, which is not among the data (${answers.data.join(", ")})`,
      });
});

/** Everything that is asked. */
export type Answers = z.output<typeof answersSchema>;
export type AnswerName = keyof Answers;

/** Answers as they come in, each not looked at yet. */
export type RawAnswers = { readonly [name in AnswerName]?: unknown };

export const answerNames = Object.keys(answerFields) as AnswerName[];

const optional: readonly AnswerName[] = ["zoneExists", "image", "edgePaths", "edgeSshKeys"];

/** What cannot be done without. */
export const requiredAnswers: readonly AnswerName[] = answerNames.filter((name) => !optional.includes(name));

export const flagOf = (name: AnswerName): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** What is wrong with one answer, or undefined. */
export function answerProblem(name: AnswerName, value: unknown): string | undefined {
  const result = answerFields[name].safeParse(value);
  return result.success ? undefined : renderIssues(result.error.issues);
}

const renderIssues = (issues: readonly z.core.$ZodIssue[]): string => [...new Set(issues.map(renderIssue))].join("; ");

function renderIssue({ path, message, ...issue }: z.core.$ZodIssue): string {
  const said = issue.code === "invalid_key" && "issues" in issue ? (issue.issues[0]?.message ?? message) : message;
  const at = path.length > 0 && issue.code !== "invalid_union" ? `${path.join(".")} ` : "";
  return at + said.replace(/^(Invalid|Too|Unrecognized)/, (word) => `is wrong: ${word.toLowerCase()}`);
}

/** Every problem of the answers, one for each that is wrong: its name and what. */
export function answerProblems(raw: RawAnswers): [AnswerName, string][] {
  const alone = answerNames.flatMap((name): [AnswerName, string][] => {
    if (raw[name] === undefined) return [];
    const problem = answerProblem(name, raw[name]);
    return problem ? [[name, problem]] : [];
  });
  if (alone.length > 0 || missingAnswers(raw).length > 0) return alone;
  const all = answersSchema.safeParse(raw);
  return all.success
    ? []
    : all.error.issues.map(({ path, message }) => [path[0] as AnswerName, `${path.slice(1).join(".")} ${message}`]);
}

export const missingAnswers = (raw: RawAnswers): AnswerName[] =>
  requiredAnswers.filter((name) => raw[name] === undefined);
