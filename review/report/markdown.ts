/** For a merge request: always short enough for one comment; the verdict and the guard are never cut. */
import { code, inert, plural, someOf } from "../../policies/index.ts";
import type { ChangedResource, Guarded, Reason, Review } from "../model.ts";
import {
  changeInWords,
  costInWords,
  countsOf,
  fateInWords,
  findingGroups,
  MARKS,
  momentGroups,
  olderPriceLines,
  pricesInWords,
  scoreInWords,
  signed,
} from "./words.ts";

/** What forges take in one comment. */
export const LIMIT = 65_536;

/** Kept free for the lines that say what was cut. */
const RESERVE = 1500;

/** Share of the limit that the verdict's reasons and the guard may take; beyond it each entry is told in one line, then only by name. */
const FIRST = 0.75;

/** Share of what is left that one part after them may take, and what it may take in any case. */
const SHARE = 0.5;
const LAST = 2000;

/** Found by CI jobs that update their comment instead of adding one. */
const MARK = "<!-- sovereign-review -->";

export interface MarkdownOptions {
  /** Characters. @default 65,536 */
  readonly limit?: number;
}

export function renderMarkdown(review: Review, { limit = LIMIT }: MarkdownOptions = {}): string {
  const all = limit - RESERVE;
  let text = `${head(review)}\n${fitting(review, all * FIRST)}`;
  const cut: string[] = [];
  for (const { title, intro, rows } of sections(review)) {
    if (rows.length === 0) continue;
    const start = `\n<details${title === "Cost" ? " open" : ""}><summary><b>${title}</b>${intro ? `: ${intro}` : ""}</summary>\n\n`;
    let body = "";
    let count = 0;
    // No part may take it all: each gets half of what is left, the last ones what they need.
    const end = "\n</details>\n";
    const room = text.length + Math.max((all - text.length) * SHARE, Math.min(all - text.length, LAST));
    for (const row of rows) {
      if (text.length + start.length + body.length + row.length + end.length + 1 > room) break;
      body += `${row}\n`;
      count++;
    }
    if (count === 0) {
      cut.push(`${title} (all ${rows.length} lines)`);
      continue;
    }
    if (count < rows.length) cut.push(`${title} (${rows.length - count} of ${rows.length} lines)`);
    text += start + body + end;
  }
  if (cut.length > 0)
    text += `\n*Cut to fit into ${limit} characters: ${cut.join(", ")}. The other formats have all of it.*\n`;
  return text;
}

const SIGNS = { safe: "🟢", "needs approval": "🟡", refused: "🔴" } as const;

function head({ about, verdict, changes: { counts, unchanged, read }, cost, sovereignty: { score } }: Review): string {
  const rest = [`${unchanged} unchanged`, ...(read > 0 ? [`${read} only read`] : [])];
  return [
    MARK,
    `## ${SIGNS[verdict.word]} Review of ${inert(about.title)}: ${verdict.word}`,
    "",
    `**${countsOf(counts)}**, ${rest.join(", ")} · ${costInWords(cost)} · controls with nothing against them: ${scoreInWords(score.before)} before, ${scoreInWords(score.after)} after`,
    "",
  ].join("\n");
}

/** Verdict and guard, in the longest form that fits: all of it, one line each, or names alone. */
function fitting(review: Review, room: number): string {
  const forms = [() => full(review), () => brief(review), () => names(review)];
  for (const form of forms) {
    const text = form();
    if (text.length <= room) return text;
  }
  return counted(review);
}

function full({ verdict, guard }: Review): string {
  return [
    ...reasons(verdict.reasons),
    ...(guard.length > 0 ? ["", "### Data at stake", "", ...guard.map(guarded)] : []),
    "",
  ].join("\n");
}

function reasons(all: readonly Reason[]): string[] {
  return all.map(({ weight, text }) => `- ${weight === "note" ? "" : `**${weight}:** `}${inert(text)}`);
}

function guarded(entry: Guarded): string {
  const { resource, holds, forcedBy, takesAlong, advice, approval, classes } = entry;
  return [
    `- ${approval ? "⚪" : "🔴"} ${code(resource.name)} (${code(resource.type)}) **${fateInWords(entry)}**: ${inert(holds)}${classes.length > 0 ? ` (${inert(classes.join(", "))} data)` : ""}`,
    ...forcedBy
      .slice(0, 5)
      .map(
        ({ path, before, after }) =>
          `  - ${code(path)}: ${code(before ?? "(nothing)")} → ${code(after ?? "(nothing)")}`,
      ),
    ...(takesAlong.length > 0
      ? [
          `  - with it: ${someOf(
            takesAlong.map(({ name }) => code(name)),
            8,
          )}`,
        ]
      : []),
    `  - ${approval ? `approved by ${inert(approval.approvedBy)} until ${approval.expiresAt}: ${inert(approval.reason)}` : inert(advice)}`,
  ].join("\n");
}

function brief({ verdict, guard }: Review): string {
  const others = verdict.reasons.filter(({ kind, weight }) => kind !== "data loss" && weight !== "note");
  return [
    ...reasons(others.slice(0, 50)),
    ...(others.length > 50 ? [`- and ${others.length - 50} more reasons`] : []),
    "",
    "### Data at stake",
    "",
    ...guard.map(
      (entry) =>
        `- ${entry.approval ? "approved: " : ""}${code(entry.resource.name)} ${fateInWords(entry)}: ${inert(entry.holds)}`,
    ),
    "",
  ].join("\n");
}

function names({ verdict, guard }: Review): string {
  const open = guard.filter(({ approval }) => approval === undefined);
  return [
    ...reasons(verdict.reasons.filter(({ kind, weight }) => kind !== "data loss" && weight !== "note").slice(0, 20)),
    "",
    `### Data at stake: ${plural(guard.length, "resource")}, ${open.length} of them not approved`,
    "",
    open.map(({ resource, fate }) => `${code(resource.name)} ${fate}`).join(", "),
    "",
  ].join("\n");
}

/** Thousands of losses: by type, as no list of them could be read. */
function counted({ verdict, guard }: Review): string {
  const types = new Map<string, number>();
  for (const { resource, fate } of guard) {
    const key = `${code(resource.type.slice(0, 200))} ${fate}`;
    types.set(key, (types.get(key) ?? 0) + 1);
  }
  const lines = [...types].sort((a, b) => b[1] - a[1]).map(([key, count]) => `- ${count} × ${key}`);
  return [
    `**${plural(verdict.reasons.filter(({ weight }) => weight !== "note").length, "reason")}.**`,
    "",
    `### Data at stake: ${plural(guard.length, "resource")}, too many to name here`,
    "",
    ...lines.slice(0, 60),
    "",
  ].join("\n");
}

interface Section {
  readonly title: string;
  readonly intro: string;
  readonly rows: readonly string[];
}

function sections(review: Review): Section[] {
  const { changes, downtime, cost, sovereignty, policies, messages, approvals, limits } = review;
  return [
    {
      title: "Interruptions",
      intro:
        downtime.unknown.length > 0
          ? `not known for ${plural(
              downtime.unknown.reduce((sum, { count }) => sum + count, 0),
              "resource",
            )}`
          : "",
      rows: momentGroups(downtime.moments).map(
        ({ moment: { text, source, approval }, names }) =>
          `- ${someOf(names.map(code), 10)}: ${inert(text)} *(${inert(source)})*${approval ? ` Approved by ${inert(approval.approvedBy)}.` : ""}`,
      ),
    },
    { title: "Cost", intro: `${costInWords(cost)}, net; ${pricesInWords(cost.prices)}`, rows: costRows(review) },
    {
      title: "Sovereignty",
      intro: inert(
        `${plural(sovereignty.findings.filter(({ since }) => since === "new").length, "new finding")}, ${sovereignty.gone.length} mended`,
      ),
      rows: sovereigntyRows(review),
    },
    { title: "Changes", intro: countsOf(changes.counts), rows: changeRows(review) },
    {
      title: "Policies that ran with the preview",
      intro: "",
      rows: policies.map(
        ({ pack, policy, level, message }) => `- ${inert(pack)}, ${inert(policy)} (${inert(level)}): ${inert(message)}`,
      ),
    },
    {
      title: "The engine said",
      intro: "",
      rows: messages.map(({ severity, text }) => `- ${severity}: ${inert(text)}`),
    },
    { title: "Approvals", intro: "", rows: approvals.map(({ text }) => `- ${inert(text)}`) },
    { title: "Not in this source", intro: "", rows: limits.map((text) => `- ${inert(text)}`) },
  ];
}

function costRows({ cost }: Review): string[] {
  return [
    ...cost.components
      .filter(({ delta }) => delta !== 0)
      .map(
        ({ title, before, after, delta }) =>
          `- ${inert(title)}: ${before.toFixed(2)} → ${after.toFixed(2)} (${signed(delta)})`,
      ),
    ...(cost.unpriced.length > 0
      ? [
          `- unpriced, in none of the sums: ${someOf(
            cost.unpriced.map(({ resource }) => code(resource.name)),
            20,
          )}`,
        ]
      : []),
    ...olderPriceLines(cost).map((text) => `- ${inert(text)}`),
  ];
}

function sovereigntyRows({ sovereignty: { findings, gone, notices, score } }: Review): string[] {
  return [
    ...notices.map(({ text }) => `- ${inert(text)}`),
    ...score.groups
      .filter(({ before, after }) => before.clear !== after.clear || before.against !== after.against)
      .map(({ framework, before, after }) => `- ${framework}: ${scoreInWords(before)} → ${scoreInWords(after)}`),
    ...findingGroups(findings).map(
      ({ word, since, message, rule, names }) =>
        `- ${word}${since === "new" ? ", **new**" : ""}: ${inert(message)} (${someOf(names.map(code), 5)}, ${code(rule)})`,
    ),
    ...gone.map(({ message }) => `- mended: ${inert(message)}`),
  ];
}

function changeRows({ changes: { components, aliases } }: Review): string[] {
  return [
    ...aliases.map(({ from, to, option }) => `- ${code(from.name)} looks renamed to ${code(to.name)}: ${code(option)}`),
    ...components.flatMap(({ title, counts, resources }) => [
      `\n**${inert(title)}**: ${countsOf(counts)}\n`,
      ...resources.map(changeRow),
    ]),
  ];
}

function changeRow(resource: ChangedResource): string {
  const { name, type, action, properties, more } = resource;
  const shown = properties
    .slice(0, 8)
    .map(
      ({ path, before, after }) =>
        `\n  - ${code(path)}: ${code(before ?? "(nothing)")} → ${code(after ?? "(nothing)")}`,
    );
  const rest = properties.length - 8 + more;
  return `- ${MARKS[action]} ${code(name)} (${code(type)}) ${changeInWords(resource)}${shown.join("")}${rest > 0 ? `\n  - and ${rest} more` : ""}`;
}
