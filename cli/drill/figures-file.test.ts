import { expect, it } from "vitest";
import type { Series } from "../../lab/drills/result.ts";
import { mergeFigures } from "./figures-file.ts";

it("figures take the place of those of the same drill, others stay", () => {
  const run = {
    drill: "a",
    startedAt: "2026-11-22T17:00:00.000Z",
    seconds: 60,
    outageSeconds: 3,
    acknowledged: 10,
    errors: 2,
    medianMs: 1,
    lost: 0,
    lostBeyondLimit: 0,
    duplicates: 0,
    unconfirmed: 0,
    invented: 0,
    disagreeing: [],
    figures: [{ name: "seconds of x", value: 4 }],
    checks: [],
    violations: [],
  };
  const series = (drill: string, runs: number): Series => ({
    drill,
    runs: Array(runs).fill(run),
    medianOutageSeconds: 3,
    worstOutageSeconds: 3,
    violations: [],
  });
  const first = mergeFigures([], [series("b", 1), series("a", 1)], "a machine");
  const second = mergeFigures(first, [series("a", 2), series("c", 0)], "a machine");
  expect(second.map(({ drill, runs }) => [drill, runs])).toEqual([
    ["a", 2],
    ["b", 1],
  ]);
  expect(second[0]).toMatchObject({ date: "2026-11-22", acknowledged: 20, figures: { "seconds of x": [4, 4] } });
});
