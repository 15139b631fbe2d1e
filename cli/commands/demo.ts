import { Command } from "commander";
import { runDemo, runDown } from "../demo/demo.ts";
import { withExamples } from "../examples.ts";
import { labNameOption, stackName } from "./options.ts";

interface Options {
  stack: string;
  name: string;
  down?: boolean;
  json?: boolean;
}

export function demoCommand(): Command {
  const command = new Command("demo")
    .description("Bring an example stack up on a local cloud: toolchain, lab, pulumi up, summary")
    .option("--stack <name>", "which of stacks/config/Pulumi.<name>.yaml", stackName, "single-region")
    .addOption(labNameOption())
    .option("--down", "destroy the stack, protected resources too, and remove the lab")
    .option("--json", "the summary as JSON on stdout")
    .action(async ({ stack, name, down = false, json = false }: Options) => {
      process.exitCode = await (down ? runDown({ stack, name }) : runDemo({ stack, name }, json));
    });
  return withExamples(command, [
    ["npx sovereign demo", "everything up; again: nothing changes"],
    ["npx sovereign demo --down", "everything away"],
  ]);
}
