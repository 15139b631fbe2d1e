/** Reviews a preview: puts together what the user's files, the catalogue and the preview say. */
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { InputError } from "../../graph/errors.ts";
import type { Source } from "../../graph/read.ts";
import { parseYaml } from "../../graph/yaml.ts";
import { loadPolicyInputs, type PolicyFileNames } from "../../policies/files.ts";
import { packs, todayUtc } from "../../policies/index.ts";
import { type Approvals, noApprovals, parseApprovals } from "../../review/approvals.ts";
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
}

/** @throws InputError, CatalogueError for files of the user's that cannot be used */
export function review(source: Source, options: ReviewOptions): Review {
  const { today = todayUtc(), folder = ".", approvals, createdAt, ...names } = options;
  const { catalogue, settings, register, exemptions } = loadPolicyInputs(resolve(folder), names, today);
  return reviewOf({
    ...runOf(source),
    catalogue,
    settings,
    register,
    exemptions,
    approvals: readApprovals(approvals ?? join(folder, APPROVALS), approvals !== undefined),
    rules: Object.values(packs).flat(),
    today,
    ...(createdAt && { createdAt }),
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

/** Files for people to read are not longer. */
const MOST_BYTES = 4_000_000;

function readApprovals(path: string, isNamed: boolean): Approvals {
  let text: string;
  try {
    if (statSync(path).size > MOST_BYTES) throw new InputError(path, `longer than ${MOST_BYTES / 1e6} MB`);
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && !isNamed) return noApprovals;
    throw new InputError(path, `cannot be read (${code})`);
  }
  const documents = parseYaml(text, path);
  if (documents.length > 1) throw new InputError(path, "more than one YAML document");
  try {
    return parseApprovals(documents[0]?.value);
  } catch (error) {
    throw new InputError(path, (error as Error).message);
  }
}
