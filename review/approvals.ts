/** `approvals.yaml`: what somebody has decided to lose or to interrupt, one resource each, until a day. */
import { z } from "zod";
import { day, parseEntries, type ReadProblem } from "../policies/index.ts";
import type { Approval, ApprovalResult } from "./model.ts";
import { nameShown, sentence } from "./shown.ts";

export const approvalSchema = z.strictObject({
  resource: z
    .string()
    .min(1)
    .max(2000)
    .refine(
      (name) => !name.includes("*"),
      "one resource by its name or URN; a pattern would approve more than was decided",
    )
    .describe("Name or URN of the one resource"),
  reason: z
    .string()
    .trim()
    .min(10, "in words that others understand, at least ten letters")
    .max(1000)
    .describe("Why it may be lost or interrupted"),
  approvedBy: z.string().trim().min(3, "who: a name or an address").max(200).describe("Who decided"),
  expiresAt: day.describe("YYYY-MM-DD, the last day on which it holds"),
});

export interface Approvals {
  readonly entries: readonly Approval[];
  /** Position of each entry in its file, from 0. */
  readonly positions: readonly number[];
  readonly problems: readonly ReadProblem[];
}

export const noApprovals: Approvals = { entries: [], positions: [], problems: [] };

/**
 * Reads a file's parsed content: `approvals:` and a list. An entry that is wrong approves nothing, and is reported.
 *
 * @throws Error if the content has another shape altogether
 */
export function parseApprovals(content: unknown): Approvals {
  return parseEntries(content, "approvals", approvalSchema);
}

export function approvalsJsonSchema(): object {
  return z.toJSONSchema(z.strictObject({ approvals: z.array(approvalSchema) }), {
    target: "draft-2020-12",
    io: "input",
  });
}

/** A resource that an approval can be about. */
export interface Approvable {
  readonly urn: string;
  readonly name: string;
  /** 0: data; 1: an interruption; 2: a notice. A name means the weightiest, so that a volume is not confused with its attachment. */
  readonly weight: 0 | 1 | 2;
}

export interface Settled {
  /** By URN. */
  readonly granted: ReadonlyMap<string, Approval>;
  readonly results: readonly ApprovalResult[];
}

/** Which resource each entry is about. An entry that is expired, useless or about several approves nothing. */
export function settleApprovals(
  { entries, positions, problems }: Approvals,
  candidates: readonly Approvable[],
  today: string,
): Settled {
  const granted = new Map<string, Approval>();
  const results: ApprovalResult[] = problems.map(({ index, message }) => ({
    index,
    state: "broken",
    text: `Approval ${index + 1} is broken and approves nothing: ${sentence(message)}.`,
  }));
  for (const [i, entry] of entries.entries()) {
    const approval = masked(entry);
    const about = named(entry.resource, candidates);
    const state = stateOf(entry, about, today);
    if (state === "used" && !granted.has(about[0]!)) granted.set(about[0]!, approval);
    results.push({ index: positions[i]!, state, approval, text: TEXTS[state](approval, about.length) });
  }
  return { granted, results: results.sort((a, b) => a.index - b.index) };
}

function masked({ resource, reason, approvedBy, expiresAt }: Approval): Approval {
  return { resource: nameShown(resource), reason: sentence(reason), approvedBy: sentence(approvedBy, 200), expiresAt };
}

/** URNs that an entry names. */
function named(text: string, candidates: readonly Approvable[]): string[] {
  const fits = candidates.filter(({ urn, name }) => urn === text || name === text);
  const most = Math.min(...fits.map(({ weight }) => weight));
  return [...new Set(fits.filter(({ weight }) => weight === most).map(({ urn }) => urn))];
}

type State = Exclude<ApprovalResult["state"], "broken">;

function stateOf({ expiresAt }: Approval, about: readonly string[], today: string): State {
  if (expiresAt < today) return "expired";
  if (about.length === 0) return "unused";
  return about.length === 1 ? "used" : "ambiguous";
}

const TEXTS: Readonly<Record<State, (approval: Approval, count: number) => string>> = {
  used: ({ resource, approvedBy, expiresAt }) => `${resource}: approved by ${approvedBy} until ${expiresAt}.`,
  unused: ({ resource }) =>
    `${resource} is approved, but nothing happens to it here that needs it: delete the entry, or it approves the next accident.`,
  expired: ({ resource, expiresAt }) => `The approval of ${resource} expired on ${expiresAt} and approves nothing.`,
  ambiguous: ({ resource }, count) =>
    `${count} resources are called ${resource}: name the one by its URN. It approves nothing.`,
};
