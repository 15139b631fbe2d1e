import { expect, test } from "vitest";
import { deviceNumbers, volumeBytes } from "./volumes.ts";

test("a volume really has what was asked for, up to the lab's limit, in whole pages", () => {
  expect(volumeBytes({ size: 10 }, 2)).toBe(2 * 1024 ** 3);
  expect(volumeBytes({ size: 10 }, 20)).toBe(10 * 1024 ** 3);
  expect(volumeBytes({ size: 10 }, 0.1) % 4096).toBe(0);
});

test("numbers of devices are unpacked as Linux packs them", () => {
  expect(deviceNumbers(0x0703)).toEqual({ major: 7, minor: 3 });
  expect(deviceNumbers(0x100701)).toEqual({ major: 7, minor: 257 });
});
