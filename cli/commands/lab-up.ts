import { Command } from "commander";
import { runDemo, runDown } from "../demo/demo.ts";
import { withExamples } from "../examples.ts";
import { labNameOption, stackName } from "./options.ts";

interface Options {
  readonly name: string;
  readonly down?: boolean;
  readonly json?: boolean;
}

export function labUpCommand(): Command {
  const command = new Command("up")
    .description("Bring a stack up on real machines: lab, pulumi up, and waiting until all of them do their work")
    .argument("[stack]", "which of stacks/config/Pulumi.<stack>.yaml", stackName, "single-region")
    .addOption(labNameOption())
    .option("--down", "destroy the stack, protected resources too, and remove the lab")
    .option("--json", "the summary as JSON on stdout")
    .action(async (stack: string, { name, down = false, json = false }: Options) => {
      const lab = { stack, name, machines: true };
      process.exitCode = await (down ? runDown(lab) : runDemo(lab, json));
    });
  return withExamples(command, [
    ["sudo npx sovereign lab up single-region", "ten machines, from nothing to healthy"],
    ["sudo npx sovereign lab up single-region --down", "everything away"],
  ]);
}
