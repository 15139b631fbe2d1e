/** Checks a graph by the packs, and prints what came of it. */
import { resolve } from "node:path";
import type { Graph } from "../../graph/model.ts";
import { extract } from "../../policies/endpoints/index.ts";
import { loadPolicyInputs, type PolicyFileNames } from "../../policies/files.ts";
import { evaluate, type Rule, todayUtc, verdict } from "../../policies/index.ts";
import type { Checked } from "../../policies/report/checked.ts";
import { renderJson } from "../../policies/report/json.ts";
import { renderJunit } from "../../policies/report/junit.ts";
import { renderMarkdown } from "../../policies/report/markdown.ts";
import { renderSarif } from "../../policies/report/sarif.ts";
import { renderText } from "../../policies/report/text.ts";
import { type PackName, packs } from "../../policies/rules/index.ts";

export const FORMATS = ["text", "json", "sarif", "junit", "markdown"] as const;
export type Format = (typeof FORMATS)[number];

export interface CheckOptions extends PolicyFileNames {
  readonly pack: readonly PackName[];
  /** YYYY-MM-DD. @default today in UTC */
  readonly today?: string;
  /** Where the usual files are looked for. @default the current folder */
  readonly folder?: string;
}

/** @throws InputError, CatalogueError for files of the user's that cannot be used */
export function check(graph: Graph, { pack, today = todayUtc(), folder = ".", ...names }: CheckOptions): Checked {
  const { catalogue, settings, register, exemptions } = loadPolicyInputs(resolve(folder), names, today);
  const rules: Rule[] = pack.flatMap((name) => packs[name]);
  const evaluation = evaluate(graph, catalogue, settings, { rules, extract, today, register, exemptions });
  const { kind, name, stack } = graph.source;
  return {
    source: { kind, name, ...(stack !== undefined && { stack }) },
    rules,
    evaluation,
    verdict: verdict(evaluation),
    today,
  };
}

export function render(
  checked: Checked,
  format: Format,
  options: { readonly byFramework: boolean; readonly color: boolean },
): string {
  switch (format) {
    case "text":
      return renderText(checked, options);
    case "json":
      return renderJson(checked, options);
    case "sarif":
      return renderSarif(checked);
    case "junit":
      return renderJunit(checked);
    case "markdown":
      return renderMarkdown(checked, options);
  }
}
