import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareWithNodes, lostBeyond } from "./compare.ts";
import type { Entry } from "./record.ts";

const acked = (...ids: string[]): Entry[] => ids.map((id, i) => ({ id, at: 1000 + i, took: 1 }));
const failed = (...ids: string[]): Entry[] => ids.map((id) => ({ id, at: 2000, took: 1, error: "closed" }));
const nodes = (rows: Record<string, string[]>) => new Map(Object.entries(rows));

describe("what nodes have against what was acknowledged", () => {
  it("finds nothing where everything is everywhere, in whatever order", () => {
    expect(compareWithNodes(acked("a", "b"), nodes({ n1: ["a", "b"], n2: ["b", "a"] }))).toEqual({
      acknowledged: 2,
      lost: [],
      lostOn: {},
      duplicates: [],
      unconfirmed: 0,
      invented: [],
      disagreeing: [],
    });
  });

  it("a row that is missing on one node alone is lost, and that node differs", () => {
    const found = compareWithNodes(acked("a", "b"), nodes({ n1: ["a", "b"], n2: ["a"], n3: ["a", "b"] }));
    expect(found).toMatchObject({ lost: ["b"], lostOn: { n2: 1 }, disagreeing: ["n2"] });
  });

  it("a row missing everywhere is lost, and nobody differs", () => {
    expect(compareWithNodes(acked("a", "b"), nodes({ n1: ["a"], n2: ["a"] }))).toMatchObject({
      lost: ["b"],
      lostOn: { n1: 1, n2: 1 },
      disagreeing: [],
    });
  });

  it("an error leaves the outcome open, but only for what was tried", () => {
    const record = [...acked("a"), ...failed("b", "c")];
    expect(compareWithNodes(record, nodes({ n1: ["a", "b", "z"], n2: ["a", "b", "z"] }))).toMatchObject({
      lost: [],
      unconfirmed: 1,
      invented: ["z"],
    });
  });

  it("one that was tried again and acknowledged counts as acknowledged", () => {
    const record = [...failed("a"), ...acked("a")];
    expect(compareWithNodes(record, nodes({ n1: [] }))).toMatchObject({ acknowledged: 1, lost: ["a"] });
    expect(compareWithNodes(record, nodes({ n1: ["a"] }))).toMatchObject({ lost: [], unconfirmed: 0 });
  });

  it("rows that are there twice are found, also when all nodes have them twice", () => {
    const found = compareWithNodes(acked("a"), nodes({ n1: ["a", "a"], n2: ["a", "a"] }));
    expect(found).toMatchObject({ duplicates: ["a"], disagreeing: [], lost: [] });
  });

  it("refuses to compare with nobody", () => {
    expect(() => compareWithNodes(acked("a"), new Map())).toThrow("no node");
  });

  it("finds exactly the rows that were taken away, wherever", () => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { maxLength: 30 });
    const property = fc.property(
      ids,
      fc.array(fc.array(fc.nat(29), { maxLength: 5 }), { minLength: 1 }),
      (all, holes) => {
        const rows = holes.map((hole, n) => [`n${n}`, all.filter((_, i) => !hole.includes(i))] as const);
        const expected = all.filter((_, i) => holes.some((hole) => hole.includes(i)));
        expect(compareWithNodes(acked(...all), new Map(rows)).lost.toSorted()).toEqual(expected.toSorted());
      },
    );
    fc.assert(property);
  });
});

it("a loss counts before the window and after the break", () => {
  const record: Entry[] = [
    { id: "old", at: 8000, took: 1 },
    { id: "young", at: 9500, took: 1 },
    { id: "meanwhile", at: 10_100, took: 1 },
    { id: "split", at: 15_000, took: 1 },
  ];
  const during = { begin: 10_000, end: 10_200 };
  expect(lostBeyond(record, ["old", "young", "meanwhile", "split"], during, 1000)).toEqual(["old", "split"]);
  expect(lostBeyond(record, ["young", "meanwhile"], during, 1000)).toEqual([]);
});
