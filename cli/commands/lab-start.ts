import { Command } from "commander";
import pc from "picocolors";
import type { FaultSpec } from "../../lab/api/core/faults.ts";
import { DEFAULT_PORT, nameFlag } from "../../lab/session/files.ts";
import { startLab } from "../../lab/session/session.ts";
import { withExamples } from "../examples.ts";
import { hint, tell } from "../output.ts";
import { projectRoot } from "../project.ts";
import { collectFault, labNameOption, wholeNumber } from "./options.ts";

interface Options {
  name: string;
  port?: number;
  actionDuration?: number;
  fault?: FaultSpec[];
}

export function labStartCommand(): Command {
  const command = new Command("start")
    .description("Start a lab in the background; one that runs is left as it is")
    .addOption(labNameOption())
    .option(
      "--port <port>",
      `port on 127.0.0.1; without it the lab's last one, at first ${DEFAULT_PORT}, or a free one where that is taken`,
      wholeNumber(1, 65_535),
    )
    .option("--action-duration <ms>", "how long each action of the API takes (default: 20)", wholeNumber(0, 3_600_000))
    .option(
      "--fault <spec>",
      "a fault from the start, such as latency:ms=200; can be given several times",
      collectFault,
    )
    .action(async (options: Options) => {
      const { name, port, actionDuration, fault } = options;
      const { lab, started } = await startLab({ project: projectRoot, name, port, actionDuration, faults: fault });
      tell(`lab ${name} ${started ? pc.green("started") : "runs already"}: ${lab.endpoint}`);
      if (!started && (actionDuration !== undefined || fault)) {
        hint("--action-duration and --fault apply to a start only; use: sovereign lab fault");
      }
      hint(`use it: eval "$(npx sovereign lab env${nameFlag(name)})"`);
      hint(`look at it in a browser: npx sovereign lab page${nameFlag(name)}`);
    });
  return withExamples(command, [
    ["npx sovereign lab start", "a lab on the default port"],
    ["npx sovereign lab start --name trial --port 4600", "a second one beside it"],
    ["npx sovereign lab start --action-duration 2000", "actions take 2 s, as in a busy cloud"],
    ["npx sovereign lab start --fault rate_limit:count=3", "the first three requests meet a 429"],
  ]);
}
