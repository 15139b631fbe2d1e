import { Command } from "commander";
import { ensureToolchain } from "../../toolchain/ensure.ts";
import { labVariables, renderExports, type Shell } from "../environment.ts";
import { withExamples } from "../examples.ts";
import { hint, print } from "../output.ts";
import { requireLab } from "../require-lab.ts";
import { labNameOption, shellOption } from "./options.ts";

export function labEnvCommand(): Command {
  const command = new Command("env")
    .description("Print what a shell has to set so that plain Pulumi works on a lab")
    .addOption(labNameOption())
    .addOption(shellOption())
    .option("--json", "as JSON, for programs")
    .action(async ({ name, shell, json = false }: { name: string; shell: Shell; json?: boolean }) => {
      const lab = await requireLab(name);
      const toolchain = await ensureToolchain({ onProgress: hint });
      const variables = labVariables(lab, toolchain);
      print(json ? JSON.stringify(variables, undefined, 2) : renderExports(variables, shell));
      if (process.stdout.isTTY && !json)
        hint(
          `# to set them: ${shell === "fish" ? "npx sovereign lab env --shell fish | source" : 'eval "$(npx sovereign lab env)"'}`,
        );
    });
  return withExamples(command, [
    ['eval "$(npx sovereign lab env)"', "in sh, bash or zsh; then: npx pulumi preview -s single-region"],
    ["npx sovereign lab env --shell fish | source", "in fish"],
  ]);
}
