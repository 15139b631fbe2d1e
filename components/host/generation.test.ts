import { expect, it } from "vitest";
import { generationOf } from "./generation.ts";

it("a machine's own generation goes before its part's, which is one for all or one for each", () => {
  const platform = { generationOf: (host: string) => (host === "shop-redis-fsn1-1" ? 4 : undefined) };
  const of = (host: string, ofPart?: number | readonly number[], index?: number) =>
    generationOf(platform, host, ofPart, index);
  expect(of("shop-redis-fsn1-1", [2, 3], 1)).toBe(4);
  expect(of("shop-redis-fsn1-2", [2, 3], 1)).toBe(3);
  expect(of("shop-redis-fsn1-2", 2, 1)).toBe(2);
  expect(of("shop-redis-fsn1-2")).toBe(1);
  expect(generationOf({}, "shop-redis-fsn1-1", undefined)).toBe(1);
});
