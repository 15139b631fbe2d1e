import { Command } from "commander";
import { withExamples } from "../examples.ts";
import { addBringUpOptions, type BringUpOptions, bringUp } from "./bring-up.ts";
import { stackName } from "./options.ts";

interface Options extends BringUpOptions {
  readonly stack: string;
}

export function demoCommand(): Command {
  const command = new Command("demo")
    .description("Bring an example stack up on a local cloud: toolchain, lab, pulumi up, summary")
    .option("--stack <name>", "which of stacks/config/Pulumi.<name>.yaml", stackName, "single-region");
  addBringUpOptions(command).action(({ stack, ...options }: Options) =>
    bringUp({ stack, name: options.name }, options),
  );
  return withExamples(command, [
    ["npx sovereign demo", "everything up; again: nothing changes"],
    ["npx sovereign demo --down", "everything away"],
  ]);
}
