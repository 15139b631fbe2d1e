import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { keptOf, requireRight, writeWhole } from "./file.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sovereign-init-"));
  file = join(folder, "Pulumi.production.yaml");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("takes nobody's place, not even that of a file which came in between", () => {
  writeFileSync(file, "mine");
  expect(() => writeWhole(file, "theirs", false)).toThrow(/exists already/);
  expect(readFileSync(file, "utf8")).toBe("mine");
  expect(readdirSync(folder)).toHaveLength(1);
});

it("overwrites as a whole, and who may read it stays", () => {
  writeFileSync(file, "before", { mode: 0o600 });
  writeWhole(file, "after", true);
  expect(readFileSync(file, "utf8")).toBe("after");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toHaveLength(1);
});

it("says where it cannot write", () => {
  expect(() => writeWhole(join(folder, "none", "file.yaml"), "", false)).toThrow(
    /file\.yaml cannot be written: ENOENT/,
  );
});

it("writes nothing that the stack's program would refuse", () => {
  expect(() => requireRight("config:\n  sovereign:topology: everywhere\n")).toThrow(/topology: .*everywhere/);
  expect(() => requireRight("config: [")).toThrow(/is refused/);
});

it.each(["", "[1]", "a: [", "config: null", "config: 3"])("finds nothing to keep in %j", (text) => {
  expect(keptOf(text)).toMatchObject({ config: {}, lost: [] });
});
