// `npm test`: type check, lint and tests, each to its end, so that one run shows everything there is to mend.
import { run, runScript } from "./pinned-node.mjs";

/** The checks by name; the toolchain comes before the tests so that building it is no test's time. */
function steps(args) {
  const report = process.env.SOVEREIGN_TEST_REPORT;
  const reporters = report ? ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`] : [];
  return {
    "type check": () => run("tsc", ["--noEmit"]),
    lint: () => run("biome", ["check", "."]),
    toolchain: () => runScript("toolchain/prepare.ts", []),
    tests: () => run("vitest", ["run", ...reporters, ...args]),
  };
}

/** Runs them all; gives 0 when all succeeded. */
export async function runTests(args) {
  const failed = [];
  for (const [name, step] of Object.entries(steps(args))) {
    console.log(`\n== ${name}`);
    const code = await step();
    if (code >= 128) return code;
    if (code !== 0) failed.push(name);
  }
  if (failed.length > 0) console.error(`\nFailed: ${failed.join(", ")}`);
  return failed.length > 0 ? 1 : 0;
}
