import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readIfThere } from "./leftovers.ts";

test("a device that goes while it is looked at is none, and what cannot be read is told", () => {
  expect(readIfThere(join(tmpdir(), "no-such-device", "backing_file"))).toBeUndefined();
  expect(readIfThere(import.meta.filename)).toContain("goes while it is looked at");
  expect(() => readIfThere(tmpdir())).toThrow("EISDIR");
});
