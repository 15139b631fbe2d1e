import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ToolchainCancelled, ToolchainError } from "./errors.ts";
import { withLock } from "./lock.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const silent = { onProgress: () => undefined };

test("a second run waits, says so, and works after the first", async () => {
  const order: string[] = [];
  const lines: string[] = [];
  let finish: () => void = () => undefined;
  const first = withLock(path.join(folder, "cache"), silent, async () => {
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    order.push("first");
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const onProgress = (line: string) => {
    lines.push(line);
    finish();
  };
  await Promise.all([first, withLock(path.join(folder, "cache"), { onProgress }, async () => order.push("second"))]);
  expect(order).toEqual(["first", "second"]);
  expect(lines[0]).toBe("another run is preparing the toolchain; waiting for it (0 s)");
});

test("waiting ends with the signal", async () => {
  await withLock(folder, silent, async () => {
    const stop = new AbortController();
    const waiting = withLock(folder, { onProgress: () => stop.abort(), signal: stop.signal }, async () => "in");
    await expect(waiting).rejects.toBeInstanceOf(ToolchainCancelled);
  });
});

test("a holder that died is noticed", async () => {
  mkdirSync(`${folder}.lock`);
  const long = new Date(Date.now() - 60_000);
  utimesSync(`${folder}.lock`, long, long);
  await expect(withLock(folder, silent, async () => "in")).resolves.toBe("in");
});

test("the lock is given back when the work fails", async () => {
  await expect(withLock(folder, silent, async () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  await expect(withLock(folder, silent, async () => "in")).resolves.toBe("in");
});

test("a cache folder that cannot be made says what to do", async () => {
  writeFileSync(path.join(folder, "file"), "");
  const inFile = withLock(path.join(folder, "file", "cache"), silent, async () => "in");
  await expect(inFile).rejects.toBeInstanceOf(ToolchainError);
  await expect(inFile).rejects.toThrow("set XDG_CACHE_HOME to another folder");
});
