/** Words and numbers that all reports share. */
import { type FindingWords, grouped, inWords } from "../../policies/index.ts";
import type {
  Action,
  ChangedResource,
  Changes,
  Cost,
  Effect,
  Guarded,
  Interruption,
  PriceSource,
  PropertyShown,
  ReviewedFinding,
  ScoreCount,
} from "../model.ts";

const ACTIONS: Readonly<Record<Action, string>> = {
  create: "created",
  update: "updated",
  replace: "replaced",
  delete: "deleted",
  rename: "renamed",
  move: "moved",
  import: "imported",
  forget: "forgotten",
};

const ORDER = Object.keys(ACTIONS) as Action[];

export function actionInWords(action: Action): string {
  return ACTIONS[action];
}

/** `2 created, 1 replaced`; `nothing changes`. */
export function countsOf(counts: Changes["counts"]): string {
  const parts = ORDER.flatMap((action) => (counts[action] ? [`${counts[action]} ${ACTIONS[action]}`] : []));
  return parts.length > 0 ? parts.join(", ") : "nothing changes";
}

/** Marks of one letter for terminals and code blocks. */
export const MARKS: Readonly<Record<Action, string>> = {
  create: "+",
  update: "~",
  replace: "±",
  delete: "-",
  rename: ">",
  move: ">",
  import: "=",
  forget: "?",
};

const EFFECTS: Readonly<Record<Effect, string>> = {
  none: "",
  "power-off": "with a power-off",
  restart: "with a restart",
  disconnect: "with an interruption",
  outage: "not there in between",
  unknown: "whether it is interrupted is not known",
};

/** `updated with a power-off`, `replaced, not there in between`. */
export function changeInWords({ action, effect }: Pick<ChangedResource, "action" | "effect">): string {
  const words = action === "update" ? "updated in place" : ACTIONS[action];
  if (effect === "none" || (action === "delete" && effect === "outage")) return words;
  return effect === "outage" || effect === "unknown" ? `${words}, ${EFFECTS[effect]}` : `${words} ${EFFECTS[effect]}`;
}

export function fateInWords({ fate, because }: Pick<Guarded, "fate" | "because">): string {
  if (fate === "unprotected") return "loses its protection";
  if (fate === "without backups") return "loses its backups";
  return because === "unknown type" ? `${fate}, and what it holds is not known` : fate;
}

/** Signed, with two digits: `+7.99`. */
export function signed(eur: number): string {
  return `${eur < 0 ? "−" : "+"}${Math.abs(eur).toFixed(2)}`;
}

/** `345.83 -> 385.81 EUR a month (+39.98)`. */
export function costInWords({ before, after, delta }: Pick<Cost, "before" | "after" | "delta">): string {
  return `${before.toFixed(2)} -> ${after.toFixed(2)} EUR a month (${signed(delta)})`;
}

/** `Hetzner Cloud's prices for orders from 2026-06-15`. */
export function pricesInWords({ source, validFrom, read }: PriceSource): string {
  return source === "live"
    ? `Hetzner Cloud's prices as its API gave them on ${read}`
    : `Hetzner Cloud's prices for orders from ${validFrom}, read ${read}`;
}

/** What the sums leave out, as the source does not tell how old servers are; undefined where there is nothing of the kind. */
export function moreByOlderPrices({ olderPrices }: Pick<Cost, "olderPrices">): number | undefined {
  const unknown = olderPrices.filter(({ createdAt, delta }) => createdAt === undefined && delta !== null);
  const sum = unknown.reduce((total, { delta }) => total + delta!, 0);
  return sum > 0 ? Math.round(sum * 100) / 100 : undefined;
}

/** Servers that lose an older price, of which reports name this many. */
const OLDER_NAMED = 12;

/** One line for each of the first few, and what all of them come to. */
export function olderPriceLines(cost: Pick<Cost, "olderPrices">): string[] {
  const { olderPrices } = cost;
  const rest = olderPrices.length - OLDER_NAMED;
  const more = moreByOlderPrices(cost);
  return [
    ...olderPrices.slice(0, OLDER_NAMED).map(({ text }) => text),
    ...(rest > 0 ? [`And ${rest} more servers that may lose an older price.`] : []),
    ...(more !== undefined && olderPrices.length > 1
      ? [`If all of them are that old, they cost ${more.toFixed(2)} EUR a month more than until now, beside the sums.`]
      : []),
  ];
}

/** `18 of 20`; `nothing looked at`. */
export function scoreInWords({ clear, against }: ScoreCount): string {
  return clear + against === 0 ? "nothing looked at" : `${clear} of ${clear + against}`;
}

/** `fsn1 -> nbg1`. */
export function valuesInWords({ before, after }: PropertyShown): string {
  return `${before ?? "(nothing)"} -> ${after ?? "(nothing)"}`;
}

/** A group of findings, with whether this update brings it. */
export type ReviewedWords = FindingWords & Pick<ReviewedFinding, "since">;

/** Findings that read alike: one line for forty servers with one mirror. New ones first, the heaviest first. */
export function findingGroups(findings: readonly ReviewedFinding[]): readonly ReviewedWords[] {
  const of = (since: ReviewedFinding["since"]) =>
    grouped(findings.filter((finding) => finding.since === since)).map((group) => ({ ...inWords(group), since }));
  return [...of("new"), ...of("before")];
}

/** Interruptions that read alike, in the order of their first. */
export function momentGroups(
  moments: readonly Interruption[],
): readonly { readonly moment: Interruption; readonly names: readonly string[] }[] {
  const groups = new Map<string, Interruption[]>();
  for (const moment of moments) {
    const key = `${moment.text}\0${moment.approval?.approvedBy ?? ""}`;
    const group = groups.get(key);
    if (group) group.push(moment);
    else groups.set(key, [moment]);
  }
  return [...groups.values()].map((group) => ({
    moment: group[0]!,
    names: group.map(({ resource }) => resource.name),
  }));
}
