import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { parseEntry, RecordFile, readRecord } from "./record.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "record-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("what was appended is on disk at once, and is never written over", () => {
  const path = join(folder, "new", "a.jsonl");
  const file = new RecordFile(path);
  file.append([{ id: "a", at: 1, took: 2 }]);
  expect(readRecord(path)).toEqual([{ id: "a", at: 1, took: 2 }]);
  file.append([{ id: "b", at: 3, took: 4, error: "closed" }]);
  expect(readRecord(path).map((entry) => entry.id)).toEqual(["a", "b"]);
  file.close();
  file.close();
  expect(() => new RecordFile(path)).toThrow("EEXIST");
});

it.each(["", "{", '{"id":1}', '{"id":"a","at":"x","took":1}', "Traceback"])("%j is no entry", (line) => {
  expect(parseEntry(line)).toBeUndefined();
});
