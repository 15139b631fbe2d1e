import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { projectFolder, within } from "./folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sovereign-folder-"));
  mkdirSync(join(folder, "infra", "web"), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

test("the project is found from a folder below it, as the engine finds it", () => {
  writeFileSync(join(folder, "infra", "Pulumi.yaml"), "name: web\nruntime: yaml\n");
  expect(projectFolder({ PWD: join(folder, "infra", "web") })).toBe(join(folder, "infra"));
});

test("without a project it is where the engine was started", () => {
  expect(projectFolder({ PWD: join(folder, "infra") })).toBe(join(folder, "infra"));
});

test("relative paths are those of the project, whatever folder the pack runs in", () => {
  expect(
    within("/project", { register: "register.yaml", exemptions: "/etc/exemptions.yaml", catalogue: ["a/b.yaml"] }),
  ).toEqual({
    register: "/project/register.yaml",
    exemptions: "/etc/exemptions.yaml",
    catalogue: ["/project/a/b.yaml"],
  });
});
