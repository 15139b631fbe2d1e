/** Measurements under load, kept beside the docs. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type LoadRun, type Measurements, measurementsSchema, merge } from "../../lab/load/result.ts";
import { CommandError } from "../output.ts";

/** @throws CommandError when the file holds something else */
export function readMeasurements(file: string): Measurements {
  if (!existsSync(file)) return [];
  try {
    return measurementsSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    throw new CommandError(`${file} does not hold measurements of "sovereign load": choose another file for --save`, 2);
  }
}

export function saveRun(file: string, fresh: LoadRun): void {
  writeFileSync(file, `${JSON.stringify(merge(readMeasurements(file), fresh), undefined, 2)}\n`);
}
