import { Command } from "commander";
export function configCommand(): Command {
  return new Command("config").description("Check and describe the configuration of stacks");
}
