import { join } from "node:path";
import { Command, Option } from "commander";
import pc from "picocolors";
import { readSource, type Source } from "../../graph/read.ts";
import { packs, todayUtc } from "../../policies/index.ts";
import { inOneLine } from "../../review/verdict.ts";
import { type Access, accessFrom } from "../adopt/api.ts";
import { withExamples } from "../examples.ts";
import { CommandError, print, tell } from "../output.ts";
import { engine } from "../preview/stream.ts";
import { projectRoot } from "../project.ts";
import { createdAt } from "../review/created.ts";
import { createdLive, livePrices } from "../review/live-prices.ts";
import { FORMATS, type Format, render, review } from "../review/review.ts";
import { stackName } from "./options.ts";
import { asUsage, shownPreview, todayOption, withPolicyFiles, writeReport } from "./policy-options.ts";

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
  readonly withPacks?: boolean;
  readonly prices: "list" | "live";
  readonly today?: string;
}

interface Reviewed {
  readonly source: Source;
  readonly createdAt?: ReadonlyMap<string, string>;
}

export function reviewCommand(): Command {
  const command = withPolicyFiles(
    new Command("review")
      .description(
        "Say what an update would do before it does it: what is lost, interrupted and paid, and whether it stays sovereign",
      )
      .addOption(
        new Option("--stack <name>", "run the preview of a stack of the project in this folder").argParser(stackName),
      )
      .option(
        "--with-packs",
        "with --stack: run both policy packs with the preview, which also see what secrets hold, and say nothing of it",
      )
      .option(
        "--events <file>",
        "a saved event stream (PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true pulumi preview --json), or a plain preview's JSON; - reads it from stdin",
      )
      .addOption(new Option("--format <format>", "how to report").choices(FORMATS).default("text"))
      .option("--output <file>", "write the report to a file instead")
      .addOption(
        new Option(
          "--prices <source>",
          "list: this project's dated list; live: what Hetzner Cloud's API says today, by the token in HCLOUD_TOKEN",
        )
          .choices(["list", "live"])
          .default("list"),
      )
      .option("--approvals <file>", "what may be lost or interrupted (default: approvals.yaml, if there is one)"),
  )
    .addOption(todayOption("expiries"))
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
    ["npx sovereign review --stack production --prices live", "with the prices of today, asked of the provider"],
    ["npx sovereign review --events preview.jsonl --format markdown --output review.md", "for a merge request"],
  ]);
}

async function run(options: Options): Promise<void> {
  const { format, output } = options;
  const reviewed = await asUsage(async () => {
    // Before the preview, which takes its time: a token that is missing is told at once.
    const access = options.prices === "live" ? accessFrom(process.env) : undefined;
    const { source, createdAt } = await sourceOf(options);
    const live = access && (await asked(access, source, options.today ?? todayUtc()));
    return review(source, { ...options, ...(createdAt && { createdAt }), ...live });
  });
  const text = await render(reviewed, format, output === undefined && pc.isColorSupported);
  if (output === undefined) print(text);
  else {
    writeReport(output, text);
    tell(`${inOneLine(reviewed)}: the report is in ${output}`);
  }
  process.exitCode = reviewed.verdict.code;
}

/** What the API says of prices, and of servers' age, which it knows better than a state. */
async function asked(access: Access, { graph }: Source, today: string) {
  return {
    livePrices: await livePrices(access, today),
    createdAt: await createdLive(access, graph.resources),
  };
}

async function sourceOf({ stack, events, withPacks = false }: Options): Promise<Reviewed> {
  if ((stack === undefined) === (events === undefined))
    throw new CommandError("say what to review: --stack or --events", 2);
  if (withPacks && stack === undefined)
    throw new CommandError("--with-packs is for --stack: a saved preview has the packs that it was made with", 2);
  if (stack !== undefined) return preview(stack, withPacks ? PACKS : []);
  return { source: await readSource(events!, "events") };
}

const PACKS = (Object.keys(packs) as (keyof typeof packs)[]).map((pack) => join(projectRoot, "policies", pack));

async function preview(stack: string, policyPacks: readonly string[]): Promise<Reviewed> {
  const cwd = process.cwd();
  const { events, beside } = await shownPreview(stack, createdAt(engine(process.env, cwd), stack, cwd), policyPacks);
  return { source: { graph: events.graph, events }, createdAt: beside };
}
