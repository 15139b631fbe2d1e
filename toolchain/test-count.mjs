// Counts what a test run reported (.ci/run): test-count.mjs <report folder> <exit code of the run>.
import { readFileSync } from "node:fs";
import path from "node:path";

/**
 * The tests by result. A test file that could not be loaded and a check that failed count as one failure each: they
 * have no tests to count, and must not look like success.
 */
export function count(tests, checks) {
  const files = tests?.testResults ?? [];
  const unloaded = files.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  );
  const failedChecks = Object.entries(checks ?? {}).filter(([name, code]) => name !== "tests" && code !== 0);
  return {
    passed: tests?.numPassedTests ?? 0,
    failed: (tests?.numFailedTests ?? 0) + unloaded.length + failedChecks.length,
    skipped: (tests?.numPendingTests ?? 0) + (tests?.numTodoTests ?? 0),
  };
}

/** The exit code: that of the run when it failed; 1 when something failed all the same or no test ran. */
export function verdict({ passed, failed }, code) {
  if (code !== 0) return code;
  return failed > 0 || passed === 0 ? 1 : 0;
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

if (process.argv[1] && import.meta.url.endsWith(`/${path.basename(process.argv[1])}`)) {
  const [folder, code] = process.argv.slice(2);
  const counted = count(readJson(path.join(folder, "tests.json")), readJson(path.join(folder, "checks.json")));
  // A run that failed before it could say of what is still one failure.
  if (Number(code) !== 0 && counted.failed === 0) counted.failed = 1;
  console.log(`${counted.passed} passed, ${counted.failed} failed, ${counted.skipped} skipped`);
  process.exitCode = verdict(counted, Number(code));
}
