import { Command } from "commander";
import pc from "picocolors";
import { countResources, listFaults } from "../../lab/session/admin.ts";
import { renderFault } from "../../lab/session/fault-spec.ts";
import { nameFlag } from "../../lab/session/files.ts";
import { findLab, listLabs } from "../../lab/session/session.ts";
import { withExamples } from "../examples.ts";
import { hint, print } from "../output.ts";
import { projectRoot } from "../project.ts";

export function labStatusCommand(): Command {
  const command = new Command("status")
    .description("Which labs there are, whether they run, and what they hold")
    .option("--json", "as JSON")
    .action(async ({ json = false }: { json?: boolean }) => {
      const labs = await Promise.all(listLabs(projectRoot).map(statusOf));
      if (json) return print(JSON.stringify(labs, undefined, 2));
      if (labs.length === 0) hint("no lab yet: npx sovereign lab start");
      for (const lab of labs) print(renderStatus(lab));
    });
  return withExamples(command, [
    ["npx sovereign lab status", "all labs of this project"],
    ["npx sovereign lab status --json", "for programs"],
  ]);
}

type Status = Awaited<ReturnType<typeof statusOf>>;

async function statusOf(name: string) {
  const lab = await findLab({ project: projectRoot, name });
  if (!lab) return { name, running: false as const };
  const [resources, faults] = await Promise.all([countResources(lab), listFaults(lab)]);
  const { pid, started } = lab.process;
  return { name, running: true as const, endpoint: lab.endpoint, pid, started, resources, faults, log: lab.files.log };
}

function renderStatus(status: Status): string {
  if (!status.running) return `${status.name}: ${pc.yellow("stopped")}`;
  const held = Object.entries(status.resources).map(([kind, count]) => `${count} ${kind.replaceAll("_", " ")}`);
  return [
    `${status.name}: ${pc.green("runs")} at ${status.endpoint} (process ${status.pid})`,
    `  holds   ${held.join(", ") || "nothing"}`,
    ...status.faults.map((fault) => `  fault   ${fault.id}  ${renderFault(fault)}  (${fault.hits} hits)`),
    `  page    npx sovereign lab page${nameFlag(status.name)}`,
    `  log     ${status.log}`,
  ].join("\n");
}
