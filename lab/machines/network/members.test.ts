import { expect, test } from "vitest";
import { nextSlots } from "./members.ts";

const slots = (...entries: readonly (readonly [number, number])[]) => new Map(entries);

test("interfaces are numbered in order of attachment", () => {
  expect(nextSlots(new Map(), [30, 10, 20])).toEqual(slots([10, 0], [20, 1], [30, 2]));
});

test("what stays attached keeps its interface, and what is new takes the lowest free one", () => {
  const two = nextSlots(new Map(), [10, 20]);
  expect(nextSlots(two, [20])).toEqual(slots([20, 1]));
  expect(nextSlots(nextSlots(two, [20]), [20, 30, 40])).toEqual(slots([20, 1], [30, 0], [40, 2]));
});
