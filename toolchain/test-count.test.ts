import { expect, test } from "vitest";
import { count, verdict } from "./test-count.mjs";

const report = (extra: object = {}) => ({
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: [],
  ...extra,
});

test("tests are counted as the runner reported them", () => {
  expect(count(report(), { lint: 0, tests: 0 })).toEqual({ passed: 5, failed: 0, skipped: 2 });
});

test("a file that could not be loaded is a failure, once", () => {
  const unloaded = { status: "failed", assertionResults: [] };
  const failing = { status: "failed", assertionResults: [{ status: "failed" }] };
  expect(count(report({ numFailedTests: 1, testResults: [unloaded, failing] }), {}).failed).toBe(2);
});

test("a check that failed is a failure, the tests' own exit code is not counted twice", () => {
  expect(count(report(), { "type check": 2, lint: 1, tests: 1 }).failed).toBe(2);
});

test("a run passes when it ended well, nothing failed and something passed", () => {
  expect(verdict({ passed: 1, failed: 0, skipped: 0 }, 0)).toBe(0);
  expect(verdict({ passed: 1, failed: 0, skipped: 0 }, 3)).toBe(3);
  expect(verdict({ passed: 1, failed: 1, skipped: 0 }, 0)).toBe(1);
  expect(verdict({ passed: 0, failed: 0, skipped: 7 }, 0)).toBe(1);
  expect(verdict(count(undefined, undefined), 0)).toBe(1);
});
