/** What commands that hold a deployment against the policies have in common: options, the preview that they run, where a report goes. */
import { writeFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { InputError } from "../../graph/errors.ts";
import type { EventStream } from "../../graph/events.ts";
import { CatalogueError } from "../../policies/catalogue/files.ts";
import { day } from "../../register/dates.ts";
import { createDisplay } from "../lab/display.ts";
import { CommandError } from "../output.ts";
import { previewStream, runSettings } from "../preview/stream.ts";

/** The user's own files, and entries for the catalogue. */
export function withPolicyFiles(command: Command): Command {
  return command
    .option("--settings <file>", "settings of the checks (default: policy-settings.yaml, if there is one)")
    .option("--register <file>", "approved services (default: approved-services.yaml, if there is one)")
    .option("--exemptions <file>", "exemptions (default: exemptions.yaml, if there is one)")
    .option("--catalogue <files...>", "catalogue entries of your own", []);
}

/** @param what is measured against the day */
export function todayOption(what: string): Option {
  return new Option("--today <date>", `measure ${what} against this day`).argParser((text: string) => {
    if (day.safeParse(text).success) return text;
    throw new CommandError(`--today ${text}: expected a day that exists, as YYYY-MM-DD`, 2);
  });
}

/** Runs the preview of a stack of the project in this folder and shows how far it is; with what its stream does not say of the run. */
export async function shownPreview<T>(
  stack: string,
  beside: Promise<T>,
  policyPacks: readonly string[] = [],
): Promise<{ readonly events: EventStream; readonly beside: T }> {
  const cwd = process.cwd();
  let seen = 0;
  const onProgress = (resources: number) => {
    seen = resources;
  };
  const [stream, other] = await createDisplay().during(
    () => `preview of ${stack}: ${seen} resources`,
    () => Promise.all([previewStream({ stack, cwd, onProgress, policyPacks }), beside]),
  );
  const settings = { ...stream.graph.settings, ...(await runSettings(stack, cwd)) };
  return { events: { ...stream, graph: { ...stream.graph, settings } }, beside: other };
}

/** @throws CommandError with exit code 2 if the file cannot be written: that is no refusal */
export function writeReport(output: string, text: string): void {
  try {
    writeFileSync(output, text);
  } catch (error) {
    throw new CommandError(`--output ${output}: cannot be written (${(error as NodeJS.ErrnoException).code})`, 2);
  }
}

/** Whatever cannot be read is no refusal and no verdict: exit code 2. */
export async function asUsage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InputError || error instanceof CatalogueError) throw new CommandError(error.message, 2);
    throw error;
  }
}
