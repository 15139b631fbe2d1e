/** The lab's own way into its machines. Root only. */
import { enterArgv, insideEnvironment } from "../../lab/machines/enter.ts";
import { LabError } from "../../lab/session/files.ts";
import { listMachines } from "../../lab/session/machines.ts";
import type { RunningLab } from "../../lab/session/session.ts";
import type { HostState } from "./state.ts";
import { type Ran, type RunOptions, toItsEnd, UNREACHABLE, type Way } from "./way.ts";

export function labWay(lab: RunningLab): Way {
  return {
    isNew: () => undefined,
    async run(host: HostState, argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
      const known = await listMachines(lab).catch((error: unknown) => {
        if (error instanceof LabError || error instanceof TypeError) return error.message;
        throw error;
      });
      if (typeof known === "string") return { code: UNREACHABLE, stdout: "", stderr: known };
      const machine = known.find(({ name }) => name === host.name);
      if (!machine || machine.leader === null)
        return { code: UNREACHABLE, stdout: "", stderr: `it is ${machine?.status ?? "not there"}` };
      const [file, ...args] = enterArgv(lab.process.pid, machine.leader, argv);
      return toItsEnd(file!, args, options, { ...insideEnvironment });
    },
  };
}
