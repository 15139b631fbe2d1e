import { explainIssues } from "./explain.ts";
import { type StackConfig, stackSchema } from "./schema.ts";

export type ParsedConfig =
  | { readonly ok: true; readonly config: StackConfig }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Validates a configuration; reports everything that is wrong with it at once. Never throws. */
export function parseStackConfig(input: unknown): ParsedConfig {
  const result = stackSchema.safeParse(input);
  return result.success
    ? { ok: true, config: result.data }
    : { ok: false, problems: explainIssues(stackSchema, result.error, input) };
}

/** The message that stops a deployment. */
export function renderProblems(stack: string, problems: readonly string[]): string {
  return [
    `The configuration of stack ${stack} has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:`,
    ...problems.map((problem) => `  ${problem}`),
    `Every key and its default: docs/config.md`,
  ].join("\n");
}
