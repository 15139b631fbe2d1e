import { expect, it } from "vitest";
import { acknowledgedBetween, countErrors, firstWriteAfter, longestOutage, median, percentile } from "./figures.ts";
import type { Entry } from "./record.ts";

const at = (...times: number[]): Entry[] => times.map((time) => ({ id: String(time), at: time, took: time / 10 }));
const error = (time: number): Entry => ({ id: String(time), at: time, took: 5, error: "closed" });

it("counts an outage from the break, not from the last write before it", () => {
  expect(longestOutage(at(0, 900, 4000), 1000)).toEqual({ seconds: 3, resumedAt: 4000 });
});

it("finds an outage that begins after the break", () => {
  expect(longestOutage(at(1100, 1200, 9200, 9300), 1000)).toEqual({ seconds: 8, resumedAt: 9200 });
});

it("errors end no outage, and the order of the record does not matter", () => {
  expect(longestOutage([...at(9000, 1100), error(5000)], 1000)?.seconds).toBe(7.9);
});

it("knows no outage that never ended", () => {
  expect(longestOutage([...at(500), error(2000)], 1000)).toBeUndefined();
  expect(firstWriteAfter(at(500), 1000)).toBeUndefined();
});

it("gives the plain figures", () => {
  expect(firstWriteAfter(at(500, 3000, 1500), 1000)).toBe(0.5);
  expect(acknowledgedBetween([...at(100, 200, 300), error(200)], 150, 300)).toBe(2);
  expect(countErrors([...at(1), error(2), error(3)])).toBe(2);
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 3, undefined]);
  expect(percentile(at(10, 20, 30, 40), 0.5)).toBe(3);
  expect(percentile([], 0.5)).toBeUndefined();
});
