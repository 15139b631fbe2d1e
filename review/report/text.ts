/** For the terminal. */
import pc from "picocolors";
import { plural, someOf } from "../../policies/index.ts";
import type { Guarded, Reason, Review } from "../model.ts";
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
  valuesInWords,
} from "./words.ts";

export interface TextOptions {
  readonly color: boolean;
}

/** Lines of a part that are shown; the other formats have all of it. */
const MOST = 60;
const MOST_PROPERTIES_SHOWN = 6;

type Colors = ReturnType<typeof pc.createColors>;

export function renderText(review: Review, { color }: TextOptions): string {
  const c = pc.createColors(color);
  const parts = [
    head(review, c),
    section(
      "Would be lost",
      review.guard.map((entry) => guarded(entry, c)),
      c,
    ),
    section("Changes", changes(review, c), c),
    section(
      "Interruptions",
      momentGroups(review.downtime.moments).map(
        ({ moment: { text, approval }, names }) =>
          `${someOf(names, 5)}: ${text}${approval ? ` Approved by ${approval.approvedBy}.` : ""}`,
      ),
      c,
    ),
    section("Cost", cost(review), c),
    section("Sovereignty", sovereignty(review, c), c),
    section(
      "Policies of the preview",
      review.policies.map(({ pack, policy, level, message }) => `${pack}, ${policy} (${level}): ${message}`),
      c,
    ),
    section(
      "The engine said",
      review.messages.map(({ severity, text }) => `${severity}: ${text}`),
      c,
    ),
    section(
      "Approvals",
      review.approvals.map(({ text }) => text),
      c,
    ),
    section("Not in this source", review.limits, c),
  ];
  return `${parts.filter(Boolean).join("\n\n").replace(CONTROLS, "")}\n`;
}

/** Names come from programs: no sequence of theirs may reach a terminal. Colours are this report's own. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go
const CONTROLS = /[\u0000-\u0009\u000b-\u001a\u001c-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|\u001b(?!\[\d+m)/g;

function head({ about, verdict, changes: { counts, unchanged, read } }: Review, c: Colors): string {
  const paint = verdict.word === "safe" ? c.green : verdict.word === "refused" ? c.red : c.yellow;
  const rest = [unchanged > 0 && `${unchanged} unchanged`, read > 0 && `${read} only read`].filter(Boolean);
  return [
    `${c.bold(about.title)}: ${c.bold(paint(verdict.word))}`,
    [countsOf(counts), ...rest].join(", "),
    ...capped(verdict.reasons.map((reason) => `  ${reasonLine(reason, c)}`)),
  ].join("\n");
}

function reasonLine({ weight, text }: Reason, c: Colors): string {
  const paint = weight === "refused" ? c.red : weight === "needs approval" ? c.yellow : c.dim;
  return `${paint(`${weight}:`)} ${text}`;
}

function guarded(
  { resource, fate, because, holds, forcedBy, takesAlong, advice, approval }: Guarded,
  c: Colors,
): string {
  const along = takesAlong
    .slice(0, 5)
    .map(({ name }) => name)
    .join(", ");
  return [
    `${c.bold(resource.name)} (${resource.type}): ${fateInWords({ fate, because })}: ${holds}`,
    ...forcedBy.slice(0, MOST_PROPERTIES_SHOWN).map((property) => `    ${property.path}: ${valuesInWords(property)}`),
    ...(along ? [`    with it: ${along}${takesAlong.length > 5 ? ` and ${takesAlong.length - 5} more` : ""}`] : []),
    `    ${approval ? `approved by ${approval.approvedBy} until ${approval.expiresAt}: ${approval.reason}` : advice}`,
  ].join("\n");
}

function changes({ changes: { components, aliases } }: Review, c: Colors): string[] {
  return [
    ...components.flatMap(({ title, counts, resources }) => [
      `${c.bold(title)}: ${countsOf(counts)}`,
      ...resources.map((resource) => {
        const shownProperties = resource.properties
          .slice(0, MOST_PROPERTIES_SHOWN)
          .map((property) => `\n      ${property.path}: ${valuesInWords(property)}`);
        return `  ${MARKS[resource.action]} ${resource.name} (${resource.type}) ${changeInWords(resource)}${shownProperties.join("")}`;
      }),
    ]),
    ...aliases.map(
      ({ from, to, option, covers }) =>
        `${from.name} looks renamed to ${to.name}: ${option}${covers > 0 ? ` (covers ${plural(covers, "resource")} below it)` : ""}`,
    ),
  ];
}

function cost({ cost: bill }: Review): string[] {
  if (bill.before === 0 && bill.after === 0 && bill.unpriced.length === 0) return [];
  return [
    `${costInWords(bill)}, net; ${pricesInWords(bill.prices)}`,
    ...bill.components.filter(({ delta }) => delta !== 0).map(({ title, delta }) => `  ${title}: ${signed(delta)}`),
    ...(bill.unpriced.length > 0
      ? [
          `unpriced, in none of the sums: ${bill.unpriced
            .slice(0, 10)
            .map(({ resource }) => resource.name)
            .join(", ")}${bill.unpriced.length > 10 ? ` and ${bill.unpriced.length - 10} more` : ""}`,
        ]
      : []),
    ...olderPriceLines(bill),
  ];
}

function sovereignty({ sovereignty: { findings, gone, notices, score } }: Review, c: Colors): string[] {
  return [
    `controls with nothing against them: ${scoreInWords(score.before)} before, ${scoreInWords(score.after)} after`,
    ...notices.map(({ text }) => text),
    ...findingGroups(findings)
      .filter(({ since, mark }) => since === "new" || mark === "refuse")
      .map(({ word, mark, message, since, names }) => {
        const shown = mark === "refuse" ? c.red(word) : word;
        return `${shown} (${since === "new" ? "new" : "as before"}): ${message}${names.length > 1 ? ` On ${someOf(names, 5)}.` : ""}`;
      }),
    ...gone.map(({ message }) => `mended: ${message}`),
  ];
}

function section(title: string, lines: readonly string[], c: Colors): string {
  if (lines.length === 0) return "";
  return [c.bold(title), ...capped(lines).map((line) => `  ${line}`)].join("\n");
}

function capped(lines: readonly string[]): string[] {
  const rest = lines.length - MOST;
  return rest > 0 ? [...lines.slice(0, MOST), `  … ${rest} more; the other formats have them`] : [...lines];
}
