import { Command } from "commander";
import { labEnvCommand } from "./lab-env.ts";
import { labFaultCommand } from "./lab-fault.ts";
import { labLogsCommand, labShellCommand } from "./lab-machine.ts";
import { labPageCommand } from "./lab-page.ts";
import { labStartCommand } from "./lab-start.ts";
import { labStatusCommand } from "./lab-status.ts";
import { labStopCommand } from "./lab-stop.ts";
import { labUpCommand } from "./lab-up.ts";

export function labCommand(): Command {
  return new Command("lab")
    .description("A local Hetzner Cloud API, with real machines behind it if wanted: start, stop, use, break")
    .addCommand(labUpCommand())
    .addCommand(labStartCommand())
    .addCommand(labStopCommand())
    .addCommand(labStatusCommand())
    .addCommand(labPageCommand())
    .addCommand(labEnvCommand())
    .addCommand(labFaultCommand())
    .addCommand(labShellCommand())
    .addCommand(labLogsCommand());
}
