import { Command } from "commander";
import pc from "picocolors";
import type { FaultSpec } from "../../lab/api/core/faults.ts";
import type { Delay } from "../../lab/machines/network/plan.ts";
import { DEFAULT_PORT, nameFlag } from "../../lab/session/files.ts";
import { startLab } from "../../lab/session/session.ts";
import { withExamples } from "../examples.ts";
import { mendLab } from "../lab/mend.ts";
import { requireMachines } from "../machines/require.ts";
import { CommandError, hint, tell } from "../output.ts";
import { projectRoot } from "../project.ts";
import { collectDelay, collectFault, labNameOption, wholeNumber } from "./options.ts";

interface Options {
  name: string;
  port?: number;
  actionDuration?: number;
  fault?: FaultSpec[];
  machines?: boolean;
  volumeGb?: number;
  delay?: Delay[];
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
    .option("--machines", "real machines behind the servers: Linux and root; without it servers are records only")
    .option("--volume-gb <number>", "most GB that a machine's volume really has (default: 12)", wholeNumber(1, 1000))
    .option(
      "--delay <spec>",
      "ms between two locations and back, such as fsn1-hel1=24; can be given several times",
      collectDelay,
    )
    .action(async (options: Options) => {
      const { name, port, actionDuration, fault } = options;
      const machines = machinesOf(options);
      const settings = { project: projectRoot, name, port, actionDuration, faults: fault };
      const { lab, started } = await startLab({ ...settings, ...(machines ? { machines } : {}) });
      if (machines) {
        await requireMachines(lab);
        await mendLab(lab);
      }
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
    ["sudo npx sovereign lab start --machines", "servers are real Debian machines"],
    ["npx sovereign lab start --action-duration 2000", "actions take 2 s, as in a busy cloud"],
    ["npx sovereign lab start --fault rate_limit:count=3", "the first three requests meet a 429"],
  ]);
}

function machinesOf({ machines, volumeGb, delay }: Options) {
  if (machines) return { volumeGb, delays: delay, onProgress: hint };
  if (volumeGb === undefined && delay === undefined) return undefined;
  throw new CommandError("--volume-gb and --delay are about machines: give --machines too", 2);
}
