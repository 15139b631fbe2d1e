import { Command, Option } from "commander";
import pc from "picocolors";
import type { Graph } from "../../graph/model.ts";
import { readGraph } from "../../graph/read.ts";
import { type PackName, packs } from "../../policies/rules/index.ts";
import { check, FORMATS, type Format, render } from "../check/check.ts";
import { withExamples } from "../examples.ts";
import { CommandError, print, tell } from "../output.ts";
import { stackName } from "./options.ts";
import { asUsage, shownPreview, todayOption, withPolicyFiles, writeReport } from "./policy-options.ts";

interface Options {
  readonly stack?: string;
  readonly events?: string;
  readonly state?: string;
  readonly manifests?: string;
  readonly program?: string;
  readonly pack: readonly PackName[];
  readonly settings?: string;
  readonly register?: string;
  readonly exemptions?: string;
  readonly catalogue: readonly string[];
  readonly format: Format;
  readonly output?: string;
  readonly byFramework: boolean;
  readonly today?: string;
}

const SOURCES = ["stack", "events", "state", "manifests", "program"] as const;

export function checkCommand(): Command {
  const command = withPolicyFiles(
    new Command("check")
      .description(
        "Check a deployment for non-EU places, owners and third parties: a preview, a state, manifests, of any project in any language",
      )
      .addOption(
        new Option("--stack <name>", "run the preview of a stack of the project in this folder").argParser(stackName),
      )
      .option(
        "--events <file>",
        "a saved event stream (PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true pulumi preview --json), or a plain preview's JSON; - reads it from stdin",
      )
      .option("--state <file>", "a state: pulumi stack export")
      .option("--manifests <path>", "Kubernetes manifests: a file or a folder")
      .option("--program <file>", "a program in Pulumi YAML, without running it")
      .addOption(
        new Option("--pack <names...>", "which rules").choices(Object.keys(packs)).default(Object.keys(packs), "all"),
      ),
  )
    .addOption(new Option("--format <format>", "how to report").choices(FORMATS).default("text"))
    .option("--output <file>", "write the report to a file instead")
    .option(
      "--by-framework",
      "add what the findings say of each control (SecNumCloud, C5, C3A, CSF, Gaia-X, DORA, GDPR, WAF-SOV)",
      false,
    )
    .addOption(todayOption("expiries and reviews"))
    .action(run)
    .addHelpText(
      "after",
      `
Exit codes:
  0  passes: rules applied, nothing is refused
  1  refused: at least one finding refuses
  2  could not run: input that cannot be read, a preview that failed
  3  nothing established: no resource, or no rule applied to any
  4  passes only through exemptions`,
    );
  return withExamples(command, [
    ["npx sovereign check --stack production", "the preview of a stack"],
    [
      "npx sovereign check --events preview.jsonl --format sarif --output check.sarif",
      "a saved preview, for a code scanning view",
    ],
    ["npx sovereign check --state state.json --by-framework", "what is deployed, by framework"],
    ["npx sovereign check --manifests k8s/", "Kubernetes manifests"],
  ]);
}

async function run(options: Options): Promise<void> {
  const graph = await asUsage(() => source(options));
  const checked = await asUsage(async () => check(graph, options));
  const { format, byFramework, output } = options;
  const text = render(checked, format, { byFramework, color: output === undefined && pc.isColorSupported });
  if (output === undefined) print(text);
  else {
    writeReport(output, text);
    tell(`${checked.verdict.word}: the report is in ${output}`);
  }
  process.exitCode = checked.verdict.code;
}

async function source(options: Options): Promise<Graph> {
  const given = SOURCES.filter((name) => options[name] !== undefined);
  const [kind] = given;
  if (given.length > 1)
    throw new CommandError(`one source at a time, not ${given.map((name) => `--${name}`).join(" and ")}`, 2);
  if (kind === undefined)
    throw new CommandError(`say what to check, one of ${SOURCES.map((name) => `--${name}`).join(", ")}`, 2);
  if (kind === "stack") return (await shownPreview(options.stack!, Promise.resolve())).events.graph;
  return readGraph(options[kind]!, kind);
}
