import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import pc from "picocolors";
import { checkStackFile } from "../../stacks/config/file.ts";
import { withExamples } from "../examples.ts";
import { print, tell } from "../output.ts";
import { configFolder, shownPath, stackConfigFile } from "../project.ts";
import { stackName } from "./options.ts";

export function configCheckCommand(): Command {
  const command = new Command("check")
    .description("Report every problem of stack configurations at once, without the engine or a cloud")
    .argument("[files...]", "files to check; without any, all of stacks/config/Pulumi.*.yaml")
    .option("--stack <name>", "check stacks/config/Pulumi.<name>.yaml", stackName)
    .action((files: string[], { stack }: { stack?: string }) => {
      const chosen = [...files, ...(stack ? [stackConfigFile(stack)] : [])];
      process.exitCode = Math.max(0, ...(chosen.length > 0 ? chosen : allConfigs()).map(check));
    })
    .addHelpText("after", "\nExit codes: 0 nothing wrong, 1 problems, 2 a file that cannot be read or is no YAML");
  return withExamples(command, [
    ["npx sovereign config check", "every stack of this project"],
    ["npx sovereign config check --stack production", "one of them"],
    ["npx sovereign config check /tmp/Pulumi.draft.yaml", "a file anywhere"],
  ]);
}

function allConfigs(): string[] {
  return readdirSync(configFolder)
    .filter((name) => /^Pulumi\..+\.ya?ml$/.test(name))
    .map((name) => join(configFolder, name));
}

/** @returns the exit code for this file */
function check(file: string): number {
  const where = shownPath(file);
  let text: string;
  try {
    if (!statSync(file).isFile()) {
      tell(`${where}: ${pc.red("cannot be read")}: not a file`);
      return 2;
    }
    text = readFileSync(file, "utf8");
  } catch (error) {
    tell(`${where}: ${pc.red("cannot be read")}: ${(error as NodeJS.ErrnoException).code}`);
    return 2;
  }
  const result = checkStackFile(text);
  if (result.kind === "unreadable") {
    tell(`${where}:${result.line}:${result.column}: ${pc.red("not a stack's configuration")}: ${result.message}`);
    return 2;
  }
  const { problems, encrypted } = result;
  for (const problem of problems) print(`${where}: ${problem}`);
  if (problems.length > 0) {
    tell(
      `${where}: ${pc.red(problems.length === 1 ? "a problem" : `${problems.length} problems`)}; every key: docs/config.md`,
    );
    return 1;
  }
  const aside = encrypted.length > 0 ? ` (encrypted, not looked into: ${encrypted.join(", ")})` : "";
  print(`${where}: ${pc.green("nothing wrong")}${aside}`);
  return 0;
}
