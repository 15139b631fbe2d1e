import { describe, expect, it } from "vitest";
import { compareWithNodes } from "./compare.ts";
import type { Drill } from "./drill.ts";
import type { Entry } from "./record.ts";
import { renderDetails, renderTable } from "./report.ts";
import { conclude, type DrillResult, type Findings, judgeSeries } from "./result.ts";

const drill: Drill = {
  name: "d",
  family: "postgres",
  title: "",
  proves: "",
  writer: "sql",
  limits: { outage: 30, medianOutage: 23 },
  break: async () => undefined,
};
const entries: Entry[] = [
  { id: "a", at: 900, took: 1 },
  { id: "b", at: 1500, took: 1, error: "closed" },
  { id: "c", at: 21_000, took: 1 },
];
const found = (own: Partial<Findings> = {}): Findings => ({
  startedAt: 0,
  endedAt: 60_000,
  brokenAt: 1000,
  entries,
  comparisons: [compareWithNodes(entries, new Map([["n", ["a", "c"]]]))],
  figures: [],
  checks: [],
  ...own,
});

describe("what a run comes to", () => {
  it("passes", () => {
    expect(conclude(drill, found())).toMatchObject({
      violations: [],
      outageSeconds: 20,
      acknowledged: 2,
      errors: 1,
      lost: 0,
      seconds: 60,
    });
  });

  it.each<[string, Partial<Findings>, Partial<Drill>]>([
    ["20.0 s without a write, at most 5 s", {}, { limits: { outage: 5 } }],
    ["clients saw 1 errors, at most 0", {}, { limits: { errors: 0 } }],
    ["no write was acknowledged after the break", { entries: entries.slice(0, 2), comparisons: [] }, {}],
    ["1 acknowledged writes are lost: c", { comparisons: [compareWithNodes(entries, new Map([["n", ["a"]]]))] }, {}],
    [
      "nodes disagree: m",
      {
        comparisons: [
          compareWithNodes(
            [],
            new Map([
              ["n", []],
              ["o", []],
              ["m", ["b"]],
            ]),
          ),
        ],
      },
      { writer: undefined as never },
    ],
    [
      "1 writes are there twice: a",
      { comparisons: [compareWithNodes(entries, new Map([["n", ["a", "a", "c"]]]))] },
      {},
    ],
    [
      "1 rows that nobody wrote: z",
      { comparisons: [compareWithNodes(entries, new Map([["n", ["a", "c", "z"]]]))] },
      {},
    ],
    ["seconds of x: 7, at most 6", { figures: [{ name: "seconds of x", value: 7, limit: 6 }] }, {}],
    ["no reads: 3 were served", { checks: [{ what: "no reads", problem: "3 were served" }, { what: "fine" }] }, {}],
  ])("%s", (violation, findings, own) => {
    expect(conclude({ ...drill, ...own }, found(findings)).violations).toContain(violation);
  });

  it("replication that does not wait may lose the last moment before the break, and nothing older", () => {
    const lossy = (...rows: string[]) => found({ comparisons: [compareWithNodes(entries, new Map([["n", rows]]))] });
    const of = (lossWindowMs: number) => ({ ...drill, limits: { lossWindowMs } });
    expect(conclude(of(200), lossy("c"))).toMatchObject({ lost: 1, lostBeyondLimit: 0, violations: [] });
    expect(conclude(of(50), lossy("c")).lostBeyondLimit).toBe(1);
  });

  it("what a former master took after the break is a loss, whatever the window", () => {
    const lossy = found({ comparisons: [compareWithNodes(entries, new Map([["n", ["a"]]]))] });
    const of = (firstBreak: Findings["firstBreak"]) =>
      conclude({ ...drill, limits: { lossWindowMs: 1000 } }, { ...lossy, firstBreak }).violations;
    expect(of({ begin: 1000, end: 1200 })).toEqual(["1 acknowledged writes are lost: c"]);
    expect(of({ begin: 1000, end: 21_000 })).toEqual([]);
    expect(of(undefined)).toEqual(["1 acknowledged writes are lost: c"]);
  });
});

describe("a series", () => {
  const run = (outageSeconds: number): DrillResult => ({ ...conclude(drill, found()), outageSeconds });

  it("has a median and a worst, and a limit for the median from three runs on", () => {
    expect(judgeSeries(drill, [run(25), run(24), run(10)])).toMatchObject({
      medianOutageSeconds: 24,
      worstOutageSeconds: 25,
      violations: ["median of 3 runs: 24 s without a write, at most 23 s"],
    });
    expect(judgeSeries(drill, [run(25), run(24)]).violations).toEqual([]);
  });

  it("is a line of the table", () => {
    const lost = conclude(drill, found({ comparisons: [compareWithNodes(entries, new Map([["n", ["a"]]]))] }));
    const series = judgeSeries(drill, [run(20), lost]);
    expect(renderTable([series])).toBe(
      "drill  runs  no write, s  worst  errors  acked  lost  twice  differ\nd         2         20.0   20.0       1      4     1      0       0  FAILED",
    );
    expect(renderDetails(series)).toEqual(["  run 2: 1 acknowledged writes are lost: c"]);
  });
});
