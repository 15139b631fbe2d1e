import { writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import { readVersions } from "../../toolchain/versions.ts";
import { accessFrom, createReader } from "../adopt/api.ts";
import { importFile } from "../adopt/import-file.ts";
import { mapProject } from "../adopt/map.ts";
import { readProject } from "../adopt/read.ts";
import { renderCounts, renderLeftOut, renderNext, renderTable } from "../adopt/report.ts";
import { KINDS, type KindName } from "../adopt/resources.ts";
import { withExamples } from "../examples.ts";
import { createDisplay } from "../lab/display.ts";
import { CommandError, print, tell } from "../output.ts";

interface Options {
  readonly output: string;
  readonly force: boolean;
  readonly kind?: readonly KindName[];
  readonly label?: string;
}

export function adoptCommand(): Command {
  const command = new Command("adopt")
    .description("Read an existing Hetzner Cloud project and write the file with which pulumi import takes it over")
    .option("--output <file>", "where the import file goes", "import.json")
    .option("--force", "overwrite that file", false)
    .addOption(new Option("--kind <kinds...>", "only these kinds, with their parts (default: all)").choices(KINDS))
    .addOption(
      new Option("--label <selector>", "only what a label selector selects, with its parts").argParser(selector),
    )
    .action(run)
    .addHelpText(
      "after",
      `
Reads HCLOUD_TOKEN (a read-only token is enough) and, for another API than the vendor's, HCLOUD_ENDPOINT.
Nothing is changed at the provider. What cannot be imported is listed with the reason. More: docs/adopt.md

Exit codes:
  0  the file is written
  1  the API refused or failed, or there is nothing to import; no file is written
  2  could not run: no token, a wrong option, a file that exists already`,
    );
  return withExamples(command, [
    ["npx sovereign adopt", "the whole project, into import.json"],
    ["npx sovereign adopt --label env=production --output production.json", "what has a label"],
    ["npx sovereign adopt --kind zone", "DNS zones and their records alone"],
  ]);
}

function selector(text: string): string {
  if (text !== "" && text.length <= 1000) return text;
  throw new CommandError("--label: expected a label selector such as env=production", 2);
}

async function run({ output, force, kind: kinds, label }: Options): Promise<void> {
  const access = accessFrom(process.env);
  const display = createDisplay();
  let pages = 0;
  const read = createReader(access, {
    onWait: display.say,
    onPage: () => {
      pages++;
    },
  });
  const project = await display.during(
    () => `reading the project: ${pages} pages`,
    () => readProject(read, { kinds, label }),
  );
  const findings = mapProject(project);
  const left = findings.leftOut.length > 0 ? `Left out:\n${renderLeftOut(findings)}` : undefined;
  if (findings.resources.length === 0) {
    if (left) tell(left);
    throw new CommandError("there is nothing to import: the project, or what was selected of it, is empty");
  }
  const file = importFile(findings.resources, readVersions().hcloud);
  write(output, `${JSON.stringify(file, undefined, 2)}\n`, force);
  print(renderTable(findings, file));
  print(`\n${renderCounts(findings)}; written to ${output}`);
  if (left) print(`\n${left}`);
  print(`\n${renderNext(findings, output)}`);
}

function write(file: string, text: string, force: boolean): void {
  try {
    writeFileSync(file, text, { flag: force ? "w" : "wx" });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST")
      throw new CommandError(`${file} exists already: give --output another name, or --force to overwrite it`, 2);
    throw new CommandError(`${file} cannot be written: ${code}`, 2);
  }
}
