import { hasMachines } from "../../lab/session/admin.ts";
import { nameFlag } from "../../lab/session/files.ts";
import type { RunningLab } from "../../lab/session/session.ts";
import { CommandError } from "../output.ts";

/** @throws CommandError when a lab keeps records only */
export async function requireMachines(lab: RunningLab): Promise<void> {
  if (await hasMachines(lab)) return;
  const flag = nameFlag(lab.name);
  throw new CommandError(
    `the lab ${lab.name} runs without machines: stop it (npx sovereign lab stop${flag}), then: sudo npx sovereign lab start --machines${flag}`,
  );
}
