import { Command } from "commander";
import { withExamples } from "../examples.ts";
import { addBringUpOptions, type BringUpOptions, bringUp } from "./bring-up.ts";
import { stackName } from "./options.ts";

export function labUpCommand(): Command {
  const command = new Command("up")
    .description("Bring a stack up on real machines: lab, pulumi up, and waiting until all of them do their work")
    .argument("[stack]", "which of stacks/config/Pulumi.<stack>.yaml", stackName, "single-region");
  addBringUpOptions(command).action((stack: string, options: BringUpOptions) =>
    bringUp({ stack, name: options.name, machines: true }, options),
  );
  return withExamples(command, [
    ["sudo npx sovereign lab up single-region", "ten machines, from nothing to healthy"],
    ["sudo npx sovereign lab up single-region --down", "everything away"],
  ]);
}
