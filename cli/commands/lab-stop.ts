import { Command } from "commander";
import { stopLab } from "../../lab/session/session.ts";
import { withExamples } from "../examples.ts";
import { tell } from "../output.ts";
import { projectRoot } from "../project.ts";
import { labNameOption } from "./options.ts";

export function labStopCommand(): Command {
  const command = new Command("stop")
    .description("Stop a lab; its records stay and are there at the next start")
    .addOption(labNameOption())
    .option("--purge", "remove it too: its records, its token and the Pulumi state of its stacks")
    .action(async ({ name, purge = false }: { name: string; purge?: boolean }) => {
      const ran = await stopLab({ project: projectRoot, name }, purge);
      tell(`lab ${name} ${ran ? "stopped" : "was not running"}${purge ? " and removed" : ""}`);
    });
  return withExamples(command, [
    ["npx sovereign lab stop", "stop the default lab"],
    ["npx sovereign lab stop --name trial --purge", "stop another one and forget it"],
  ]);
}
