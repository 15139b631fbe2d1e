import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { deviceNumbers, Volumes, volumeBytes } from "./volumes.ts";

test("a volume really has what was asked for, up to the lab's limit, in whole pages", () => {
  expect(volumeBytes({ size: 10 }, 2)).toBe(2 * 1024 ** 3);
  expect(volumeBytes({ size: 10 }, 20)).toBe(10 * 1024 ** 3);
  expect(volumeBytes({ size: 10 }, 0.1) % 4096).toBe(0);
});

test("numbers of devices are unpacked as Linux packs them", () => {
  expect(deviceNumbers(0x0703)).toEqual({ major: 7, minor: 3 });
  expect(deviceNumbers(0x100701)).toEqual({ major: 7, minor: 257 });
});

test("images of volumes that are no more are gone when the first machine boots, and others stay", () => {
  const folder = mkdtempSync(join(tmpdir(), "volumes-"));
  try {
    for (const name of ["1.img", "2.img", "3.img.new"]) writeFileSync(join(folder, name), "");
    const done: unknown = new Volumes(folder, 1, () => Promise.reject(new Error("nothing is run"))).keepOnly(
      new Set([2]),
    );
    // Nothing that somebody could forget to wait for.
    expect(done).toBeUndefined();
    expect(readdirSync(folder)).toEqual(["2.img"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
