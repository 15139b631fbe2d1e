/** `npm run generate`: writes what is made from the code into the files that people and editors read. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { renderStackFileSchema } from "../stacks/config/json-schema.ts";
import { renderReference } from "../stacks/config/reference.ts";
import { createProgram } from "./program.ts";
import { projectRoot } from "./project.ts";

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

/** Every generated file, by its path in the project. */
export function generatedFiles(): Record<string, string> {
  return {
    "stacks/config/schema.json": renderStackFileSchema(),
    "docs/config.md": renderReference(),
    "docs/cli.md": renderCliReference(),
  };
}

/** Files that are not what the code makes of them. */
export function outdatedFiles(): string[] {
  return Object.entries(generatedFiles())
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
  for (const path of outdatedFiles()) {
    writeFileSync(join(projectRoot, path), generatedFiles()[path]!);
    console.log(`wrote ${path}`);
  }
}
