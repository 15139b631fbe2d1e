/** Brings the example up on a lab of this machine. */
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { createDisplay, type Display, progressLine } from "../lab/display.ts";
import { type EngineContext, type EngineResult, runEngine } from "../lab/engine.ts";
import { ProgressCollector } from "../lab/progress.ts";
import { renderDiagnostics } from "./summary.ts";

export interface RunReport {
  readonly result: EngineResult;
  readonly progress: ProgressCollector;
  readonly elapsedMs: number;
}

/**
 * Runs a Pulumi command that changes a stack, and shows how far it is.
 * @param beside what else there is to say on that line
 * @param onEvent told of everything that the engine says, too
 */
export async function runShown(
  context: EngineContext,
  args: readonly string[],
  display: Display = createDisplay(),
  beside: () => string = () => "",
  onEvent: (event: EngineEvent) => void = () => {},
): Promise<RunReport> {
  const progress = new ProgressCollector();
  const since = Date.now();
  const line = () =>
    context.interruption.signal.aborted
      ? "stopping: what is under way ends first; Ctrl-C again to insist"
      : [progressLine(progress, Date.now() - since), beside()].filter(Boolean).join(" · ");
  const result = await display.during(line, () =>
    runEngine(context, [...args, "--json"], {
      onEvent: (event) => {
        progress.add(event);
        onEvent(event);
      },
    }),
  );
  return { result, progress, elapsedMs: Date.now() - since };
}

/** Why a run failed, for people: what the engine found, or its last words when it found nothing. */
export function renderFailure({ result, progress }: RunReport): string {
  const lines = renderDiagnostics(progress.diagnostics);
  if (lines.length > 0) return lines.join("\n");
  return result.stderr.trim() || result.stdout.trim() || `the engine ended with code ${result.exitCode}`;
}
