/** What the commands share that bring a stack up on a lab and take it away. */
import { type Command, Option } from "commander";
import { type DemoOptions, runDemo, runDown } from "../demo/demo.ts";
import { labNameOption } from "./options.ts";

export interface BringUpOptions {
  readonly name: string;
  readonly down?: boolean;
  readonly json?: boolean;
}

export function addBringUpOptions(command: Command): Command {
  return command
    .addOption(labNameOption())
    .addOption(new Option("--down", "destroy the stack, protected resources too, and remove the lab"))
    .addOption(new Option("--json", "the summary as JSON on stdout"));
}

export async function bringUp(stack: DemoOptions, { down = false, json = false }: BringUpOptions): Promise<void> {
  process.exitCode = await (down ? runDown(stack) : runDemo(stack, json));
}
