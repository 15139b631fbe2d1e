import { Command } from "commander";
import { runDemo, runDown } from "../demo/demo.ts";
import { withExamples } from "../examples.ts";
import { stackName } from "./options.ts";

interface Options {
  stack: string;
  down?: boolean;
  json?: boolean;
}

export function demoCommand(): Command {
  const command = new Command("demo")
    .description("Bring an example stack up on a local cloud: toolchain, lab, pulumi up, summary")
    .option("--stack <name>", "which of stacks/config/Pulumi.<name>.yaml", stackName, "single-region")
    .option("--down", "destroy the stack, protected resources too, and remove the lab")
    .option("--json", "the summary as JSON on stdout")
    .action(async ({ stack, down = false, json = false }: Options) => {
      process.exitCode = await (down ? runDown(stack) : runDemo(stack, json));
    });
  return withExamples(command, [
    ["npx sovereign demo", "everything up; again: nothing changes"],
    ["npx sovereign demo --down", "everything away"],
  ]);
}
