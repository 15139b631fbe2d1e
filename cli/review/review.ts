/** Reviews a preview: puts together what the user's files, the catalogue and the preview say. */
import { join, resolve } from "node:path";
import type { Source } from "../../graph/read.ts";
import { loadPolicyInputs, type PolicyFileNames, readUserFile } from "../../policies/files.ts";
import { packs, todayUtc } from "../../policies/index.ts";
import { noApprovals, parseApprovals } from "../../review/approvals.ts";
import type { LivePrices } from "../../review/cost.ts";
import { runOf } from "../../review/input.ts";
import type { Review } from "../../review/model.ts";
import { renderJson } from "../../review/report/json.ts";
import { renderMarkdown } from "../../review/report/markdown.ts";
import { renderText } from "../../review/report/text.ts";
import { reviewOf } from "../../review/review.ts";

export const FORMATS = ["text", "markdown", "json", "html"] as const;
export type Format = (typeof FORMATS)[number];

/** Looked for in the folder where no file is named. */
export const APPROVALS = "approvals.yaml";

export interface ReviewOptions extends PolicyFileNames {
  /** @default approvals.yaml in the folder, if there is one */
  readonly approvals?: string;
  /** YYYY-MM-DD. @default today in UTC */
  readonly today?: string;
  /** Where the usual files are looked for. @default the current folder */
  readonly folder?: string;
  /** When resources were made (YYYY-MM-DD, by URN). */
  readonly createdAt?: ReadonlyMap<string, string>;
  /** @default the dated list of this project */
  readonly livePrices?: LivePrices;
}

/** @throws InputError, CatalogueError for files of the user's that cannot be used */
export function review(source: Source, options: ReviewOptions): Review {
  const { today = todayUtc(), folder = ".", approvals, createdAt, livePrices, ...names } = options;
  const { catalogue, settings, register, exemptions } = loadPolicyInputs(resolve(folder), names, today);
  return reviewOf({
    ...runOf(source),
    catalogue,
    settings,
    register,
    exemptions,
    approvals:
      readUserFile(approvals ?? join(folder, APPROVALS), approvals !== undefined, parseApprovals) ?? noApprovals,
    rules: Object.values(packs).flat(),
    today,
    ...(createdAt && { createdAt }),
    ...(livePrices && { livePrices }),
  });
}

export async function render(reviewed: Review, format: Format, color: boolean): Promise<string> {
  switch (format) {
    case "text":
      return renderText(reviewed, { color });
    case "markdown":
      return renderMarkdown(reviewed);
    case "json":
      return renderJson(reviewed);
    case "html":
      // Its layout engine takes a moment to load, which no other format should wait for.
      return (await import("../../review/html/index.ts")).renderHtml(reviewed);
  }
}
