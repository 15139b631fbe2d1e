import { createColors } from "picocolors";
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

export interface TextOptions {
  /** @default false */
  readonly color?: boolean;
  /** Adds what the findings say of each control. @default false */
  readonly byFramework?: boolean;
}

type Colors = ReturnType<typeof createColors>;

/** How many resources of a group are named. */
const NAMED = 6;

/** For the terminal: what is wrong, where, why, what to do; and in the end what it comes to. */
export function renderText(
  checked: Checked,
  { color = false, byFramework: frameworks = false }: TextOptions = {},
): string {
  const colors = createColors(color);
  const lines = grouped(checked.evaluation.findings).flatMap((group) => [...block(group, colors), ""]);
  if (frameworks) lines.push(...frameworkLines(checked, colors), "");
  for (const limit of checked.evaluation.limits) lines.push(colors.dim(`Not in this source: ${limit}`));
  lines.push(conclusion(checked, colors));
  return `${lines.join("\n")}\n`;
}

function block(group: Group, colors: Colors): string[] {
  const { word, mark, rule, message, why, fix, alternatives, exempted, where, names, type, origin } = inWords(group);
  const paint = { refuse: colors.red, warn: colors.yellow, notice: colors.cyan, exempted: colors.dim }[mark];
  const on = `${someOf(names, NAMED)} (${type})${origin === undefined ? "" : ` [${origin}]`}`;
  const facts: [string, string][] = [
    ["where", `${on}${where && `, ${where}`}`],
    ["why", why],
    ["fix", fix],
  ];
  if (alternatives.length > 0) facts.push(["instead", alternatives.join(", ")]);
  if (exempted) facts.push(["exempted", `${exempted.because} (${exempted.by}, until ${exempted.until})`]);
  return [
    `${paint(colors.bold(printable(message)))}`,
    `  ${paint(word)} ${colors.dim(rule)}`,
    ...facts.map(([name, text]) => `  ${colors.dim(name.padEnd(8))} ${printable(text)}`),
  ];
}

function frameworkLines(checked: Checked, colors: Colors): string[] {
  return [...byFramework(checked)].flatMap(([framework, results]) =>
    results.length === 0
      ? []
      : [
          colors.bold(`${framework}  ${FRAMEWORKS[framework]}`),
          ...results.map((result) => {
            const state = stateOfControl(result);
            const paint = {
              against: colors.red,
              "not established": colors.yellow,
              exempted: colors.yellow,
              "nothing found": colors.green,
              "not looked at": colors.dim,
            }[state];
            return `  ${paint(state.padEnd(15))} ${result.clause}  ${result.title}${result.findings.length > 0 ? ` (${plural(result.findings.length, "finding")})` : ""}`;
          }),
        ],
  );
}

function conclusion({ verdict, evaluation, rules, source }: Checked, colors: Colors): string {
  const paint = { 0: colors.green, 1: colors.red, 3: colors.red, 4: colors.yellow }[verdict.code];
  const active = rules.filter(({ id }) => (evaluation.applied[id] ?? 0) > 0).length;
  return `${paint(colors.bold(verdict.word))}: ${countsInWords(counts(evaluation))}; ${plural(active, "rule")} applied to ${plural(evaluation.resources, "resource")} of ${printable(source.name)}`;
}

/** Names come from programs that may not be friendly: nothing in them may move the cursor or change colours. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}
