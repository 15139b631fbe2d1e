import { Command, InvalidArgumentError } from "commander";
import { LoadError } from "../../lab/load/errors.ts";
import { bounds, defaults, parseCpu, parseServers, parseUsers } from "../../lab/load/plan.ts";
import { withExamples } from "../examples.ts";
import { runLoad } from "../load/load.ts";
import { labNameOption, stackName, wholeNumber } from "./options.ts";

interface Options {
  readonly name: string;
  readonly stack: string;
  readonly servers: readonly number[];
  readonly users: readonly number[];
  readonly step: number;
  readonly cpu?: Readonly<Record<string, number>>;
  readonly json?: boolean;
  readonly keep?: boolean;
  readonly save?: string;
}

function argument<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw error instanceof LoadError ? new InvalidArgumentError(error.message) : error;
    }
  };
}

const list = (values: readonly number[]): string => values.join(",");
const shares = (cpu: Readonly<Record<string, number>>): string =>
  Object.entries(cpu)
    .map(([role, cores]) => `${role}=${cores}`)
    .join(" and ");

/** `none` takes all bounds away; anything else adds one. */
function collectCpu(text: string, before: Readonly<Record<string, number>> | undefined): Record<string, number> {
  if (text === "none") return {};
  return Object.fromEntries([...Object.entries(before ?? {}), argument(parseCpu)(text)]);
}

export function loadCommand(): Command {
  const { stepSeconds } = bounds;
  const command = new Command("load")
    .description("Measure the example shop on a lab's machines under load, behind few and behind more app servers")
    .addOption(labNameOption())
    .option("--stack <name>", "which stack of the lab", stackName, "single-region")
    .option(
      "--servers <numbers>",
      `app servers, one measurement each (default: ${list(defaults.servers)})`,
      argument(parseServers),
    )
    .option(
      "--users <numbers>",
      `users at the same time, growing (default: ${list(defaults.users)})`,
      argument(parseUsers),
    )
    .option(
      "--step <seconds>",
      "how long each number of users counts",
      wholeNumber(stepSeconds.least, stepSeconds.most),
      defaults.stepSeconds,
    )
    .option(
      "--cpu <role=cores>",
      `processor time that each machine of a role may take, or none for no bounds; may be repeated (default: ${shares(defaults.cpu)})`,
      collectCpu,
    )
    .option("--keep", "leave the lab running if it was started for this")
    .option("--json", "results as JSON on stdout")
    .option("--save <file>", "put the results into a file of measurements, such as docs/load.json")
    .action(async ({ name, stack, step, servers, users, cpu, json = false, keep = false, save }: Options) => {
      process.exitCode = await runLoad({
        ...{ name, stack, json, keep, save },
        servers: servers ?? defaults.servers,
        users: users ?? defaults.users,
        stepSeconds: step,
        cpu: cpu ?? defaults.cpu,
      });
    })
    .addHelpText(
      "after",
      `
Load goes to the lab alone: there is no option for another address, and k6 runs in the lab's own network.
A measurement ends early after two steps in a row that users notice. What docs/load.md says is made of docs/load.json.`,
    );
  return withExamples(command, [
    ["sudo npx sovereign load", "a lab of its own: 1, 2 and 4 app servers, about 20 minutes"],
    ["sudo npx sovereign load --servers 2 --users 50,100,200 --step 60", "one measurement, slower"],
    ["sudo npx sovereign load --cpu app=0.3 --cpu postgres=0.3 --save docs/load.json", "with other bounds, and kept"],
  ]);
}
