/** Makes good what a drill that was killed has left on a lab with machines. */
import { join } from "node:path";
import { runningDrill } from "../../lab/drills/exclusive.ts";
import { labWorld } from "../../lab/drills/lab-world.ts";
import { pendingFile, readPending, repairPending } from "../../lab/drills/pending.ts";
import type { RunningLab } from "../../lab/session/session.ts";
import { hint } from "../output.ts";

/** What needs `pulumi up` is left to the next drill, and said. Nothing where a drill runs: it makes good itself what it breaks. */
export async function mendLab(lab: RunningLab): Promise<void> {
  const folder = join(lab.files.folder, "drills");
  const pending = readPending(pendingFile(folder));
  if (!pending || runningDrill(folder)) return;
  await repairPending(pendingFile(folder), { world: labWorld(lab, pending.stack), say: hint });
}
