import { Command } from "commander";
import { allDrills } from "../../lab/drills/all.ts";
import { renderList } from "../../lab/drills/report.ts";
import { runDrills } from "../drill/drill.ts";
import { withExamples } from "../examples.ts";
import { print } from "../output.ts";
import { labNameOption, stackName, wholeNumber } from "./options.ts";

interface Options {
  readonly name: string;
  readonly stack: string;
  readonly repeat: number;
  readonly json?: boolean;
  readonly save?: string;
}

export function drillCommand(): Command {
  const command = new Command("drill")
    .description(
      "Break a stack on a lab's machines on purpose, and compare what was confirmed with what every node has",
    )
    .argument("<names...>", "drills, families of them, or all; list shows them")
    .addOption(labNameOption())
    .option("--stack <name>", "which stack of the lab", stackName, "single-region")
    .option("--repeat <number>", "how often each drill is run", wholeNumber(1, 1000), 1)
    .option("--json", "results as JSON on stdout")
    .option("--save <file>", "put the figures into a file of figures, such as docs/drills.json")
    .action(async (names: string[], { json = false, ...options }: Options) => {
      if (names.includes("list"))
        print(json ? JSON.stringify(allDrills.map(describe), undefined, 2) : renderList(allDrills));
      else process.exitCode = await runDrills(names, { ...options, json });
    })
    .addHelpText(
      "after",
      `
Ctrl-C ends a drill after what it broke is made good: links healed, machines powered on.
Exit codes: 0 all passed; 1 a loss, a duplicate, nodes that differ or a limit exceeded; 2 could not run as asked`,
    );
  return withExamples(command, [
    ["npx sovereign drill list", "what there is"],
    ["sudo npx sovereign drill postgres-host-kill --repeat 5", "the primary's machine is lost, five times"],
    ["sudo npx sovereign drill redis app", "all drills of two families"],
    ["sudo npx sovereign drill all --json > drills.json", "everything, for programs"],
  ]);
}

const describe = ({ name, family, title, proves, limits }: (typeof allDrills)[number]) => ({
  name,
  family,
  title,
  proves,
  limits,
});
