import { expect, it } from "vitest";
import { watcherLimit } from "./watcher.ts";

it("two rounds, and as many more as have to fail", () => {
  expect(watcherLimit({ intervalSeconds: 15, checks: [{ failures: 8 }, { failures: 4 }] })).toBe(75);
  expect(watcherLimit({ intervalSeconds: 10, checks: [{ failures: 1 }] })).toBe(20);
});
