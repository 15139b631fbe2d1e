/** `npm run generate`: writes what is made from the code into the files that people and editors read. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Command } from "commander";
import { parse } from "yaml";
import { buildRelease, withRelease } from "../examples/shop/release.ts";
import { allDrills } from "../lab/drills/all.ts";
import { renderDrillsPage } from "../lab/drills/docs.ts";
import { drawLoadPictures, renderLoadPage } from "../lab/load/docs.ts";
import { renderCompiled } from "../policies/catalogue/files.ts";
import { sourceFiles } from "../policies/catalogue/load.ts";
import { settingsJsonSchema } from "../policies/core/settings.ts";
import { reportJsonSchema } from "../policies/report/json.ts";
import { operationsRules, sovereigntyRules } from "../policies/rules/index.ts";
import { pageName, renderRulePage, renderRulesIndex } from "../policies/rules/pages.ts";
import { approvalsJsonSchema } from "../review/approvals.ts";
import { reviewJsonSchema } from "../review/report/json.ts";
import { renderStackFileSchema } from "../stacks/config/json-schema.ts";
import { parseStackConfig, renderProblems } from "../stacks/config/parse.ts";
import { renderReference } from "../stacks/config/reference.ts";
import { drawTopology } from "../stacks/draw.ts";
import { readFigures } from "./drill/figures-file.ts";
import { readMeasurements } from "./load/results-file.ts";
import { createProgram } from "./program.ts";
import { projectRoot, stackConfigFile } from "./project.ts";

/** A command's help as commander prints it, with what stands around it, and that of the commands below it. */
function helpOf(command: Command, path: readonly string[]): string[] {
  const names = [...path, command.name()];
  let help = "";
  command.configureOutput({
    writeOut: (text) => {
      help += text;
    },
    getOutHelpWidth: () => 100,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  const title = `${"#".repeat(Math.min(names.length + 1, 4))} ${names.join(" ")}`;
  return [
    `${title}\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\`\n`,
    ...command.commands.flatMap((child) => helpOf(child, names)),
  ];
}

function renderCliReference(): string {
  return `# Command line

Made from the commands' own help by \`npm run generate\`.

${helpOf(createProgram(), []).join("\n")}`;
}

/** The picture of an example stack, as its configuration stands. */
function drawExample(stack: string): Promise<string> {
  const values = parse(readFileSync(join(projectRoot, "stacks/config", `Pulumi.${stack}.yaml`), "utf8")).config;
  const parsed = parseStackConfig(
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key.replace(/^sovereign:/, ""), value])),
  );
  if (!parsed.ok) throw new Error(renderProblems(stack, parsed.problems));
  return drawTopology(parsed.config, stack);
}

/** The configuration of an example stack, with the example's release as its sources stand. */
async function exampleWithRelease(stack: string): Promise<Record<string, string>> {
  const file = stackConfigFile(stack);
  return { [relative(projectRoot, file)]: withRelease(readFileSync(file, "utf8"), await buildRelease()) };
}

/** What was measured under load. */
function loadFiles(): Record<string, string> {
  const measured = readMeasurements(join(projectRoot, "docs/load.json"));
  const pictures = Object.entries(drawLoadPictures(measured)).map(([name, svg]) => [`docs/${name}`, svg]);
  return { "docs/load.md": renderLoadPage(measured), ...Object.fromEntries(pictures) };
}

/** Pages and schemas of the policies and the review. */
function policyFiles(): Record<string, string> {
  const rules = [...sovereigntyRules, ...operationsRules];
  const json = (schema: object) => `${JSON.stringify(schema, null, 2)}\n`;
  return {
    "policies/catalogue/compiled.json": renderCompiled(sourceFiles()),
    "policies/report/report.schema.json": json(reportJsonSchema()),
    "policies/core/settings.schema.json": json(settingsJsonSchema()),
    "review/report/review.schema.json": json(reviewJsonSchema()),
    "review/approvals.schema.json": json(approvalsJsonSchema()),
    "docs/rules/README.md": renderRulesIndex(rules),
    ...Object.fromEntries(rules.map((rule) => [`docs/rules/${pageName(rule)}`, renderRulePage(rule)])),
  };
}

/** Each example's picture, and its own file with today's release of the shop. One after another: pictures are drawn by one stand-in for the engine. */
async function examples(): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const stack of exampleStacks()) {
    files[`docs/${stack}.svg`] = await drawExample(stack);
    Object.assign(files, await exampleWithRelease(stack));
  }
  return files;
}

/** Stacks whose configuration is in the repository. */
function exampleStacks(): string[] {
  return readdirSync(join(projectRoot, "stacks/config")).flatMap(
    (file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [],
  );
}

/** Every generated file, by its path in the project. */
export async function generatedFiles(): Promise<Record<string, string>> {
  return {
    "stacks/config/schema.json": renderStackFileSchema(),
    "docs/config.md": renderReference(),
    "docs/cli.md": renderCliReference(),
    ...policyFiles(),
    "docs/drills.md": renderDrillsPage(allDrills, readFigures(join(projectRoot, "docs/drills.json"))),
    ...loadFiles(),
    ...(await examples()),
  };
}

/** Files that are not what the code makes of them. */
export async function outdatedFiles(): Promise<string[]> {
  return Object.entries(await generatedFiles())
    .filter(([path, text]) => readOrEmpty(join(projectRoot, path)) !== text)
    .map(([path]) => path);
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

if (import.meta.main) {
  const files = await generatedFiles();
  for (const path of await outdatedFiles()) {
    mkdirSync(dirname(join(projectRoot, path)), { recursive: true });
    writeFileSync(join(projectRoot, path), files[path]!);
    console.log(`wrote ${path}`);
  }
}
