import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ancestors, dependencies, pinnedNode, requiredPackages } from "./packages.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "packages-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function install(folder: string, manifest: object): void {
  mkdirSync(path.join(root, folder), { recursive: true });
  writeFileSync(path.join(root, folder, "package.json"), JSON.stringify(manifest));
}

test("plugins are found in every node_modules above the program, the nearest version first", () => {
  install("node_modules/@pulumi/hcloud", { name: "@pulumi/hcloud", version: "1.0.0", pulumi: { resource: true } });
  install("node_modules/@pulumi/random", {
    name: "@pulumi/random",
    version: "4.0.0",
    pulumi: { resource: true, name: "random", version: "4.21.1", server: "https://plugins.example" },
  });
  install("node_modules/plain", { name: "plain", version: "1.0.0" });
  install("node_modules/policy", { name: "policy", version: "1.0.0", pulumi: { resource: false } });
  install("stacks/node_modules/@pulumi/hcloud", {
    name: "@pulumi/hcloud",
    version: "2.0.0",
    pulumi: { resource: true },
  });
  expect(requiredPackages(path.join(root, "stacks"))).toEqual([
    { name: "hcloud", version: "2.0.0", server: "" },
    { name: "random", version: "4.21.1", server: "https://plugins.example" },
  ]);
});

test("a broken manifest is no plugin", () => {
  install("node_modules/broken", {});
  writeFileSync(path.join(root, "node_modules", "broken", "package.json"), "{");
  expect(requiredPackages(root)).toEqual([]);
});

test("dependencies are those of the program's manifest, with the installed version where there is one", () => {
  install(".", { dependencies: { zod: "^4.0.0", gone: "1.2.3" }, devDependencies: { vitest: "4.0.0" } });
  install("node_modules/zod", { version: "4.6.7" });
  mkdirSync(path.join(root, "stacks"));
  expect(dependencies(path.join(root, "stacks"))).toEqual([
    { name: "zod", version: "4.6.7" },
    { name: "gone", version: "1.2.3" },
    { name: "vitest", version: "4.0.0" },
  ]);
});

test("the pinned Node is the nearest one, else the one that runs", () => {
  expect(pinnedNode(root)).toBe(process.execPath);
  mkdirSync(path.join(root, "node_modules", ".bin"), { recursive: true });
  symlinkSync(process.execPath, path.join(root, "node_modules", ".bin", "node"));
  expect(pinnedNode(path.join(root, "a", "b"))).toBe(path.join(root, "node_modules", ".bin", "node"));
});

test("ancestors end at the root", () => {
  expect(ancestors("/a/b")).toEqual(["/a/b", "/a", "/"]);
});
