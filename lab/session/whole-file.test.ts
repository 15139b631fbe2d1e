import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { writeWholeFile } from "./whole-file.ts";

let folder: string;
let file: string;
const modeOf = (path: string) => statSync(path).mode & 0o777;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sovereign-whole-"));
  file = join(folder, "file");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("makes a file for the owner alone where that is asked for, also in the place of one that others may read", () => {
  writeWholeFile(file, "new", { mode: 0o600 });
  expect([readFileSync(file, "utf8"), modeOf(file)]).toEqual(["new", 0o600]);
  chmodSync(file, 0o644);
  writeWholeFile(file, "newer", { mode: 0o600 });
  expect([readFileSync(file, "utf8"), modeOf(file)]).toEqual(["newer", 0o600]);
  expect(readdirSync(folder)).toEqual(["file"]);
});

it("keeps who may read a file, and a link to it", () => {
  const link = join(folder, "link");
  writeFileSync(file, "old");
  chmodSync(file, 0o640);
  symlinkSync("file", link);
  writeWholeFile(link, "new");
  expect([readFileSync(file, "utf8"), modeOf(file)]).toEqual(["new", 0o640]);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readdirSync(folder)).toEqual(["file", "link"]);
});

it("takes nobody's place where it may not, not even that of a link to nowhere", () => {
  symlinkSync("nowhere", file);
  expect(() => writeWholeFile(file, "new", { mayReplace: false })).toThrow(/EEXIST/);
  expect(lstatSync(file).isSymbolicLink()).toBe(true);
  expect(readdirSync(folder)).toEqual(["file"]);
});

it("makes a file like any other in the place of a link to nowhere", () => {
  symlinkSync("nowhere", file);
  const other = join(folder, "other");
  writeWholeFile(file, "new");
  writeWholeFile(other, "new");
  expect([lstatSync(file).isFile(), modeOf(file)]).toEqual([true, modeOf(other)]);
  expect(modeOf(file) & 0o111).toBe(0);
});

it("is not stopped by what a killed process left", () => {
  writeFileSync(`${file}.${process.pid}.tmp`, "half");
  writeWholeFile(file, "whole");
  expect(readFileSync(file, "utf8")).toBe("whole");
  expect(readdirSync(folder)).toEqual(["file"]);
});

it("leaves nothing behind when it fails", () => {
  mkdirSync(join(file, "in the way"), { recursive: true });
  expect(() => writeWholeFile(file, "new")).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  expect(readdirSync(folder)).toEqual(["file"]);
});
