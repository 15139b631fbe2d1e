import { nameFlag } from "../lab/session/files.ts";
import { findLab, type RunningLab } from "../lab/session/session.ts";
import { CommandError } from "./output.ts";
import { projectRoot } from "./project.ts";

/** @throws CommandError when the lab does not run */
export async function requireLab(name: string): Promise<RunningLab> {
  const lab = await findLab({ project: projectRoot, name });
  if (lab) return lab;
  throw new CommandError(`the lab ${name} does not run: start it with "npx sovereign lab start${nameFlag(name)}"`);
}
