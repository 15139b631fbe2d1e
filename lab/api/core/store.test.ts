import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DataFolderInUseError } from "./sqlite.ts";
import { type Change, collection, Store } from "./store.ts";

interface Thing {
  id: number;
  name: string;
  parent?: number;
}
const THINGS = collection<Thing>("things", {
  name: (thing) => [thing.name],
  parent: (thing) => (thing.parent === undefined ? [] : [thing.parent]),
});

let dir: string;
let store: Store;
const open = () => new Store(dir, [THINGS] as never[]);
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "store-test-"));
  store = open();
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true });
});

test("what a transaction wrote is there after reopening, with indexes, counters and blobs", () => {
  const id = store.transaction(() => {
    store.putBlob("b", "text");
    return store.insert(THINGS, { id: store.nextId(), name: "a", parent: 7 }).id;
  });
  store.close();
  store = open();
  expect(store.get(THINGS, id)).toEqual({ id, name: "a", parent: 7 });
  expect(store.by(THINGS, "name", "a").map((thing) => thing.id)).toEqual([id]);
  expect(store.blob("b")).toBe("text");
  expect(store.transaction(() => store.nextId())).toBe(id + 1);
});

test("a transaction that throws leaves nothing behind: records, indexes, counters, blobs", () => {
  const kept = store.transaction(() => store.insert(THINGS, { id: store.nextId(), name: "kept" }));
  const changes: Change[] = [];
  store.onCommit((told) => changes.push(...told));
  const attempt = () =>
    store.transaction(() => {
      store.insert(THINGS, { id: store.nextId(), name: "lost" });
      store.update(THINGS, kept.id, { name: "changed" });
      store.delete(THINGS, kept.id);
      store.putBlob("b", "lost");
      throw new Error("no");
    });
  expect(attempt).toThrow("no");
  expect(store.all(THINGS)).toEqual([kept]);
  expect(store.by(THINGS, "name", "kept")).toEqual([kept]);
  expect(store.by(THINGS, "name", "lost")).toEqual([]);
  expect(store.blob("b")).toBeUndefined();
  expect(changes).toEqual([]);
  expect(store.transaction(() => store.nextId())).toBe(kept.id + 1);
});

test("a commit tells each change once, with before and after", () => {
  const changes: Change[] = [];
  store.onCommit((told) => changes.push(...told));
  const { id } = store.transaction(() => {
    const thing = store.insert(THINGS, { id: store.nextId(), name: "a" });
    return store.update(THINGS, thing.id, { name: "b" });
  });
  store.transaction(() => store.delete(THINGS, id));
  expect(changes).toEqual([
    { kind: "things", id, before: undefined, after: { id, name: "b" } },
    { kind: "things", id, before: { id, name: "b" }, after: undefined },
  ]);
});

test("writing outside of a transaction is refused", () => {
  expect(() => store.insert(THINGS, { id: 1, name: "a" })).toThrow(/transaction/);
});

test("a folder that is in use is refused, naming the process", () => {
  expect(open).toThrow(DataFolderInUseError);
  expect(open).toThrow(`pid ${process.pid}`);
});

test("folder and files are for their owner only", () => {
  expect(statSync(join(dir, "lab.db")).mode & 0o077).toBe(0);
});
