import { Command } from "commander";
import { labEnvCommand } from "./lab-env.ts";
import { labFaultCommand } from "./lab-fault.ts";
import { labPageCommand } from "./lab-page.ts";
import { labStartCommand } from "./lab-start.ts";
import { labStatusCommand } from "./lab-status.ts";
import { labStopCommand } from "./lab-stop.ts";

export function labCommand(): Command {
  return new Command("lab")
    .description("A local Hetzner Cloud API: start, stop, use, break")
    .addCommand(labStartCommand())
    .addCommand(labStopCommand())
    .addCommand(labStatusCommand())
    .addCommand(labPageCommand())
    .addCommand(labEnvCommand())
    .addCommand(labFaultCommand());
}
