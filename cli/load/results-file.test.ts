import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runWith, stepWith } from "../../lab/load/testing.ts";
import { createProgram } from "../program.ts";
import { readMeasurements, saveRun } from "./results-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "load-results-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("keeps runs, and reads what it has written", () => {
  const file = join(folder, "load.json");
  expect(readMeasurements(file)).toEqual([]);
  const runs = [runWith(1, [stepWith()]), runWith(2, [stepWith({ errors: { timeout: 1 } })])];
  for (const run of runs) saveRun(file, run);
  expect(readMeasurements(file)).toEqual([{ note: "", runs }]);
});

it("refuses a file of something else before anything is measured", () => {
  const file = join(folder, "drills.json");
  writeFileSync(file, "{}");
  expect(() => readMeasurements(file)).toThrow('does not hold measurements of "sovereign load"');
});

it.each([
  ["--users", "0"],
  ["--users", "10,5"],
  ["--servers", "99"],
  ["--step", "14"],
  ["--cpu", "app=0"],
  ["--cpu", "everything=1"],
  ["--address", "192.0.2.1"],
  ["--name", "../other"],
])("refuses %s %s as a usage error", async (...args) => {
  const program = createProgram();
  const load = program.commands.find((command) => command.name() === "load")!;
  load.configureOutput({ writeErr: () => undefined }).exitOverride();
  await expect(program.parseAsync(["load", ...args], { from: "user" })).rejects.toMatchObject({
    code: expect.stringMatching(/^commander\.(invalidArgument|unknownOption)$/),
  });
});
