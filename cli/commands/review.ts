import { writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import pc from "picocolors";
import { InputError } from "../../graph/errors.ts";
import { readSource, type Source } from "../../graph/read.ts";
import { CatalogueError } from "../../policies/catalogue/files.ts";
import { inOneLine } from "../../review/verdict.ts";
import { withExamples } from "../examples.ts";
import { createDisplay } from "../lab/display.ts";
import { CommandError, print, tell } from "../output.ts";
import { engine, previewStream, runSettings } from "../preview/stream.ts";
import { createdAt } from "../review/created.ts";
import { FORMATS, type Format, render, review } from "../review/review.ts";
import { stackName } from "./options.ts";

interface Options {
  readonly stack?: string;
  readonly events?: string;
  readonly format: Format;
  readonly output?: string;
  readonly approvals?: string;
  readonly settings?: string;
  readonly register?: string;
  readonly exemptions?: string;
  readonly catalogue: readonly string[];
  readonly today?: string;
}

interface Reviewed {
  readonly source: Source;
  readonly createdAt?: ReadonlyMap<string, string>;
}

export function reviewCommand(): Command {
  const command = new Command("review")
    .description(
      "Say what an update would do before it does it: what is lost, interrupted and paid, and whether it stays sovereign",
    )
    .addOption(
      new Option("--stack <name>", "run the preview of a stack of the project in this folder").argParser(stackName),
    )
    .option(
      "--events <file>",
      "a saved event stream (PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true pulumi preview --json), or a plain preview's JSON; - reads it from stdin",
    )
    .addOption(new Option("--format <format>", "how to report").choices(FORMATS).default("text"))
    .option("--output <file>", "write the report to a file instead")
    .option("--approvals <file>", "what may be lost or interrupted (default: approvals.yaml, if there is one)")
    .option("--settings <file>", "settings of the checks (default: policy-settings.yaml, if there is one)")
    .option("--register <file>", "approved services (default: approved-services.yaml, if there is one)")
    .option("--exemptions <file>", "exemptions (default: exemptions.yaml, if there is one)")
    .option("--catalogue <files...>", "catalogue entries of your own", [])
    .addOption(new Option("--today <date>", "measure expiries against this day").argParser(day))
    .action(run)
    .addHelpText(
      "after",
      `
Exit codes:
  0   safe: nothing with data is lost, nothing that matters is interrupted, nothing is refused
  10  needs approval: an interruption, a new place or third party, something whose effect is not known
  20  refused: data would be lost without an approval, a rule refuses, or the preview failed
  2   could not run: input that cannot be read, no preview`,
    );
  return withExamples(command, [
    ["npx sovereign review --stack production", "what an update of the stack would do"],
    ["npx sovereign review --events preview.jsonl --format markdown --output review.md", "for a merge request"],
  ]);
}

function day(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new CommandError(`--today ${text}: expected a day as YYYY-MM-DD`, 2);
}

async function run(options: Options): Promise<void> {
  const { format, output } = options;
  const reviewed = await asUsage(async () => {
    const { source, createdAt } = await sourceOf(options);
    return review(source, { ...options, ...(createdAt && { createdAt }) });
  });
  const text = await render(reviewed, format, output === undefined && pc.isColorSupported);
  if (output === undefined) print(text);
  else {
    write(output, text);
    tell(`${inOneLine(reviewed)}: the report is in ${output}`);
  }
  process.exitCode = reviewed.verdict.code;
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new CommandError(`${path} cannot be written (${(error as NodeJS.ErrnoException).code})`, 2);
  }
}

async function sourceOf({ stack, events }: Options): Promise<Reviewed> {
  if ((stack === undefined) === (events === undefined))
    throw new CommandError("say what to review: --stack or --events", 2);
  if (stack !== undefined) return preview(stack);
  return { source: await readSource(events!, "events") };
}

async function preview(stack: string): Promise<Reviewed> {
  const cwd = process.cwd();
  let seen = 0;
  const onProgress = (resources: number) => {
    seen = resources;
  };
  const [stream, created] = await createDisplay().during(
    () => `preview of ${stack}: ${seen} resources`,
    () => Promise.all([previewStream({ stack, cwd, onProgress }), createdAt(engine(process.env, cwd), stack, cwd)]),
  );
  const settings = { ...stream.graph.settings, ...(await runSettings(stack, cwd)) };
  const graph = { ...stream.graph, settings };
  return { source: { graph, events: { ...stream, graph } }, createdAt: created };
}

/** Whatever cannot be read is no verdict: exit code 2. */
async function asUsage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InputError || error instanceof CatalogueError) throw new CommandError(error.message, 2);
    throw error;
  }
}
