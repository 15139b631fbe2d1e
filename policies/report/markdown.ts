import { FRAMEWORKS } from "../core/controls.ts";
import {
  byFramework,
  type Checked,
  counts,
  countsInWords,
  type Group,
  grouped,
  inWords,
  plural,
  someOf,
  stateOfControl,
} from "./checked.ts";
import { code, inert } from "./inert.ts";

/** What forges take in one comment. */
const LIMIT = 65_536;
/** Kept free for the line that says what was cut. */
const RESERVE = 300;
const NAMED = 10;

export interface MarkdownOptions {
  /** @default false */
  readonly byFramework?: boolean;
  /** Characters. @default 65,536, what forges take in one comment */
  readonly limit?: number;
}

/** For a merge request: the verdict first, the heaviest findings first, always shorter than the limit, and saying so where something was cut. */
export function renderMarkdown(
  checked: Checked,
  { byFramework: frameworks = false, limit = LIMIT }: MarkdownOptions = {},
): string {
  const { verdict, evaluation, rules, source } = checked;
  const active = rules.filter(({ id }) => (evaluation.applied[id] ?? 0) > 0).length;
  const head = [
    `## Sovereignty check: ${verdict.word}`,
    "",
    `${countsInWords(counts(evaluation))}; ${plural(active, "rule")} applied to ${plural(evaluation.resources, "resource")} of ${code(source.name)}.`,
    ...evaluation.limits.map((text) => `\nNot in this source: ${inert(text)}`),
    "",
  ].join("\n");
  const blocks = [...grouped(evaluation.findings).map(block), ...(frameworks ? [frameworkTable(checked)] : [])];
  let text = head;
  for (const [index, part] of blocks.entries()) {
    if (text.length + part.length > limit - RESERVE)
      return `${text}\n*Cut here: ${plural(blocks.length - index, "more part")} of ${blocks.length} did not fit into ${limit} characters. The other formats have all of it.*\n`;
    text += part;
  }
  return text;
}

const MARKS = { refuse: "🔴", warn: "🟡", notice: "🔵", exempted: "⚪" } as const;

function block(group: Group): string {
  const { word, mark, rule, message, why, fix, alternatives, exempted, where, names, type } = inWords(group);
  return [
    `### ${MARKS[mark]} ${inert(message)}`,
    "",
    `\`${rule}\` · ${word} · ${someOf(names.map(code), NAMED)} (${code(type)})${where && ` · ${code(where)}`}`,
    "",
    `${inert(why)} **${inert(fix)}**${alternatives.length > 0 ? ` Instead: ${inert(alternatives.join(", "))}.` : ""}`,
    ...(exempted ? ["", `Exempted until ${exempted.until} by ${inert(exempted.by)}: ${inert(exempted.because)}`] : []),
    "",
    "",
  ].join("\n");
}

function frameworkTable(checked: Checked): string {
  const rows = [...byFramework(checked)].flatMap(([, results]) =>
    results.map(
      (result) =>
        `| ${result.framework} | ${inert(result.clause)} | ${inert(result.title)} | ${stateOfControl(result)} | ${result.findings.length} |`,
    ),
  );
  const sources = Object.values(FRAMEWORKS).join("; ");
  return [
    "### By framework",
    "",
    "| framework | clause | asks for | state | findings |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
    `${sources}.`,
    "",
    "",
  ].join("\n");
}
