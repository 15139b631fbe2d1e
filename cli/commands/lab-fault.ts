import { Command } from "commander";
import type { FaultSpec } from "../../lab/api/core/faults.ts";
import { addFault, clearFaults, listFaults } from "../../lab/session/admin.ts";
import { renderFault } from "../../lab/session/fault-spec.ts";
import { hint, print, tell } from "../output.ts";
import { requireLab } from "../require-lab.ts";
import { collectFault, labNameOption, wholeNumber } from "./options.ts";

interface Options {
  name: string;
  clear?: number | true;
}

export function labFaultCommand(): Command {
  return new Command("fault")
    .description("Set or clear faults of a running lab; without arguments, list them")
    .argument("[spec...]", "TYPE or TYPE:KEY=VALUE,KEY=VALUE", collectFault)
    .addOption(labNameOption())
    .option("--clear [id]", "clear one fault, or all of them", wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .action(async (specs: FaultSpec[] | undefined, { name, clear }: Options) => {
      const lab = await requireLab(name);
      if (clear !== undefined) {
        await clearFaults(lab, clear === true ? undefined : clear);
        tell(clear === true ? "all faults cleared" : `fault ${clear} cleared`);
      }
      for (const spec of specs ?? []) {
        const fault = await addFault(lab, spec);
        tell(`fault ${fault.id} set: ${renderFault(fault)}`);
      }
      if (clear !== undefined || specs?.length) return;
      const faults = await listFaults(lab);
      if (faults.length === 0) hint("no faults");
      for (const fault of faults) print(`${fault.id}  ${renderFault(fault)}  (${fault.hits} hits)`);
    })
    .addHelpText(
      "after",
      `
Types and their keys:
  latency               ms
  rate_limit            answers 429
  server_error          status (500-504)
  timeout               ms; performed=true carries the request out and loses only its answer
  resource_unavailable  server_type, location
  action_duration       ms, command
  action_error          command
  all of them           method, path (* is one segment), count (hits until it ends), probability

Examples:
  $ npx sovereign lab fault latency:ms=300
  $ npx sovereign lab fault server_error:status=503,method=POST,path=/servers,count=2
  $ npx sovereign lab fault resource_unavailable:server_type=cpx32,location=fsn1
  $ npx sovereign lab fault --clear`,
    );
}
