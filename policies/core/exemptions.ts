import { z } from "zod";
import { parseEntries, type ReadProblem } from "../../register/entries.ts";
import { day } from "./dates.ts";
import type { Finding, Report, ResourceRef } from "./types.ts";

const words = z.string().trim().min(10, "in words that an auditor understands, at least ten letters").max(1000);
const person = z.string().trim().min(3, "who: a name or an address").max(200);

/** One exemption: one rule, never all. */
export const exemptionSchema = z.strictObject({
  rule: z
    .string()
    .regex(
      /^(?:sovereignty|operations)\/[a-z-]+$/,
      "one rule by its id, for instance sovereignty/endpoints; wildcards would silence more than was decided",
    )
    .describe("Id of the one rule"),
  resource: z
    .string()
    .min(1)
    .max(1000)
    .refine((pattern) => /[^*?:/]/.test(pattern), "a pattern that says which resources: all of them cannot be exempted")
    .describe("Name or URN; `*` stands for any characters"),
  subject: z
    .string()
    .min(1)
    .max(253)
    .refine(
      (text) => !text.includes("*"),
      "one host, address, region or vendor, as the finding names it: wildcards stand only in `resource`, and without a subject all are meant",
    )
    .optional()
    .describe(
      "Host, address, region or vendor that it is about; without it, all of the rule's findings on the resource",
    ),
  justification: words.describe("Why it is right nevertheless"),
  owner: person.describe("Who has to end it"),
  approvedBy: person.describe("Who decided"),
  expiresAt: day.describe("YYYY-MM-DD; from the day after on it no longer holds"),
});

export type Exemption = z.output<typeof exemptionSchema>;

export interface Exemptions {
  /** For people: the file's name. */
  readonly name: string;
  readonly entries: readonly Exemption[];
  /** Position of each entry in its file, from 0. */
  readonly positions: readonly number[];
  readonly problems: readonly ReadProblem[];
}

export const noExemptions: Exemptions = { name: "", entries: [], positions: [], problems: [] };

/** Reads a file's parsed content: `exemptions:` and a list. Entries that are wrong exempt nothing, and become findings. */
export function parseExemptions(content: unknown, name: string): Exemptions {
  return { name, ...parseEntries(content, "exemptions", exemptionSchema) };
}

/** Applies exemptions: findings with what covers them, and which entries covered nothing. */
export function applyExemptions(
  findings: readonly Finding[],
  { entries }: Exemptions,
  today: string,
): { readonly findings: readonly Finding[]; readonly used: ReadonlySet<Exemption> } {
  const used = new Set<Exemption>();
  const holding = entries
    .filter(({ expiresAt }) => expiresAt >= today)
    .map((entry) => ({ entry, covers: pattern(entry.resource) }));
  const covered = findings.map((finding): Finding => {
    const match = holding.find(
      ({ entry, covers }) => entry.rule === finding.rule && covers(finding.resource) && isAbout(entry, finding),
    );
    if (!match) return finding;
    used.add(match.entry);
    const { justification, approvedBy, expiresAt } = match.entry;
    return { ...finding, exemption: { justification, approvedBy, expiresAt } };
  });
  return { findings: covered, used };
}

/** What there is to say of an exemption, and the rule that it is about; undefined where that cannot be read. */
export interface Review {
  readonly about: string | undefined;
  readonly report: Report;
}

/** Findings about the exemptions themselves: an expired, broken or useless one is nobody's decision any more. */
export function* reviewExemptions(
  { name, entries, positions, problems }: Exemptions,
  used: ReadonlySet<Exemption>,
  today: string,
): Generator<Review> {
  for (const { index, message } of problems)
    yield { about: undefined, report: broken(reference(name, index), index, message) };
  for (const [i, entry] of entries.entries()) {
    const resource = reference(name, positions[i]!);
    if (entry.expiresAt < today) yield { about: entry.rule, report: expired(resource, entry) };
    else if (!used.has(entry)) yield { about: entry.rule, report: unused(resource, entry) };
  }
}

function reference(file: string, index: number): ResourceRef {
  return { urn: `${file}#exemptions[${index}]`, type: "exemption", name: `exemption ${index + 1}`, origin: file };
}

function broken(resource: ResourceRef, index: number, message: string): Report {
  return {
    resource,
    outcome: "violation",
    severity: "refuse",
    message: `Exemption ${index + 1} of ${resource.origin} is broken and holds for nothing: ${message}.`,
    why: "An exemption that cannot be read may have been meant for something that is now refused, or for too much.",
    fix: "Mend the entry or delete it.",
  };
}

function expired(resource: ResourceRef, { resource: pattern, rule, expiresAt, owner }: Exemption): Report {
  return {
    resource,
    outcome: "violation",
    message: `The exemption of ${pattern} from ${rule} expired on ${expiresAt}.`,
    why: "Whoever approved it did so until that day.",
    fix: `Mend what it was for, or have ${owner} get a new approval with a new date.`,
  };
}

function unused(resource: ResourceRef, { resource: pattern, rule }: Exemption): Report {
  return {
    resource,
    outcome: "violation",
    message: `The exemption of ${pattern} from ${rule} is not used.`,
    why: "It would silence the next finding of this kind without anybody deciding so.",
    fix: "Delete the entry.",
  };
}

function isAbout({ subject }: Exemption, finding: Finding): boolean {
  if (subject === undefined) return true;
  const about = finding.subject;
  return about !== undefined && [about.host, about.address, about.region, about.vendor].includes(subject);
}

/** `*` stands for any characters; everything else for itself. Matched by hand: linear, whatever the pattern. */
function pattern(text: string): (resource: ResourceRef) => boolean {
  const parts = text.split("*");
  const matches = (value: string): boolean => {
    if (parts.length === 1) return value === text;
    const first = parts[0]!;
    const last = parts.at(-1)!;
    if (!value.startsWith(first) || !value.endsWith(last) || value.length < first.length + last.length) return false;
    let at = first.length;
    const end = value.length - last.length;
    for (const part of parts.slice(1, -1)) {
      const found = value.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
  return ({ urn, name }) => matches(name) || matches(urn);
}
