// `npm test`: type check, lint and tests, each to its end, so that one run shows everything there is to mend.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { run, runScript } from "./pinned-node.mjs";

/** Where .ci/run wants the results as files, if it does. */
const report = process.env.SOVEREIGN_TEST_REPORT;

/** The checks by name; the toolchain comes before the tests so that building it is no test's time. */
function steps(args) {
  const reporters = report
    ? ["--reporter=default", "--reporter=json", `--outputFile.json=${path.join(report, "tests.json")}`]
    : [];
  return {
    "type check": () => run("tsc", ["--noEmit"]),
    lint: () => run("biome", ["check", "."]),
    toolchain: () => runScript("toolchain/prepare.ts", []),
    tests: () => run("vitest", ["run", ...reporters, ...args]),
  };
}

/** Runs them all; gives 0 when all succeeded. */
export async function runTests(args) {
  const codes = {};
  for (const [name, step] of Object.entries(steps(args))) {
    console.log(`\n== ${name}`);
    codes[name] = await step();
    if (report) writeFileSync(path.join(report, "checks.json"), JSON.stringify(codes));
    // Ended by a signal: somebody wants it to stop.
    if (codes[name] >= 128) return codes[name];
  }
  const failed = Object.keys(codes).filter((name) => codes[name] !== 0);
  if (failed.length > 0) console.error(`\nFailed: ${failed.join(", ")}`);
  return failed.length > 0 ? 1 : 0;
}
