import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { completed, missingOptional, withIntegrity } from "./complete-lock.mjs";
import { projectRoot } from "./versions.ts";

test('the committed lock file is complete: else "npm ci" refuses it; mend it with "npm run lock"', () => {
  const lock = JSON.parse(readFileSync(path.join(projectRoot, "package-lock.json"), "utf8"));
  expect(missingOptional(lock)).toEqual([]);
});

const LOCK = {
  packages: {
    "": {},
    "node_modules/tool": {
      version: "1.2.3",
      dev: true,
      optionalDependencies: {
        "@tool/cli-linux-arm64-musl": "1.2.3",
        "tool-win32-x64": "1.2.3",
        "tool-linux-x64": "1.2.3",
      },
    },
    "node_modules/tool-linux-x64": { version: "1.2.3", optional: true },
  },
};

test("packages for other platforms are added with the platform that their name says", () => {
  const lock = completed(LOCK);
  expect(lock.packages).toMatchObject({
    "node_modules/@tool/cli-linux-arm64-musl": {
      version: "1.2.3",
      os: ["linux"],
      cpu: ["arm64"],
      libc: ["musl"],
      dev: true,
      optional: true,
    },
    "node_modules/tool-win32-x64": { version: "1.2.3", os: ["win32"], cpu: ["x64"], dev: true, optional: true },
  });
  expect(missingOptional(lock)).toEqual([]);
  expect(completed(lock)).toEqual(lock);
});

test("a package that would be wanted on every platform is not made up", () => {
  const lock = { packages: { "node_modules/a": { optionalDependencies: { fast: "1.0.0" } } } };
  expect(() => completed(lock)).toThrow("package-lock.json lacks fast@1.0.0");
});

test("integrity is filled in where it is known, and never changed", () => {
  const lock = {
    packages: {
      "": { version: "1.0.0" },
      "node_modules/a": { version: "1.0.0", integrity: "sha512-old" },
      "node_modules/a/node_modules/@b/c": { version: "2.0.0" },
      "node_modules/d": { version: "3.0.0" },
    },
  };
  const asked: string[] = [];
  const after = withIntegrity(lock, (spec) => {
    asked.push(spec);
    return spec === "@b/c@2.0.0" ? "sha512-new" : undefined;
  });
  expect(asked).toEqual(["@b/c@2.0.0", "d@3.0.0"]);
  expect(after.packages).toEqual({
    ...lock.packages,
    "node_modules/a/node_modules/@b/c": { version: "2.0.0", integrity: "sha512-new" },
  });
});
