import { expect, test } from "vitest";
import { settingsOf } from "./files.ts";

test("a severity for a rule that does not exist is refused, and the nearest rule is named", () => {
  expect(settingsOf({ severities: { "operations/images": "refuse" } }).severities).toEqual({
    "operations/images": "refuse",
  });
  expect(() => settingsOf({ severities: { "operations/imagez": "refuse", "sovereignty/owners": "warn" } })).toThrow(
    "severities.operations/imagez: there is no such rule; did you mean operations/images?; " +
      "severities.sovereignty/owners: there is no such rule; did you mean sovereignty/owner?",
  );
});
