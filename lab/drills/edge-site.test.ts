import { expect, it } from "vitest";
import { copiesProblem } from "./edge-site.ts";

const machine = (name: string, personal: number, all: number) => ({ name, personal, all });

it("one machine of a site has the copies that its visitors ask for, and none may have a visitor's own", () => {
  expect(copiesProblem([machine("a", 0, 3), machine("b", 0, 0)])).toBeUndefined();
  expect(copiesProblem([machine("a", 0, 3), machine("b", 1, 2)])).toBe("1 of 2 copies on b");
  expect(copiesProblem([machine("a", 0, 0), machine("b", 0, 0)])).toBe("no machine has copies at all");
});
