import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { buildRelease } from "../../examples/shop/release.ts";
import { stackConfigFile } from "../project.ts";
import { expectedStorage, requireCurrent } from "./storage.ts";

const sha256 = "a".repeat(64);
const config = (archive: object | undefined, backup: unknown) =>
  stringify({ config: { "sovereign:app": { workload: { archive } }, "sovereign:postgres": { backup } } });

test("the example's buckets and its release are what its configuration says", async () => {
  const { backups, release } = expectedStorage(readFileSync(stackConfigFile("single-region"), "utf8"));
  expect(backups).toEqual({ location: "nbg1", name: "shop-backups" });
  expect(release?.bucket).toEqual({ location: "fsn1", name: "shop-releases", isPublic: true });
  expect(() => requireCurrent(release!, { name: "", sha256: "", archive: Buffer.alloc(0) })).toThrow(
    "npm run generate",
  );
  requireCurrent(release!, await buildRelease());
});

test("other people's stores and releases are theirs", () => {
  const elsewhere = { endpoint: "s3.example.eu", bucket: "backups" };
  expect(
    expectedStorage(config({ url: "https://store.example.eu/a/shop-aaaaaaaaaaaa.tar.gz", sha256 }, elsewhere)),
  ).toEqual({});
  expect(
    expectedStorage(config({ url: "https://fsn1.your-objectstorage.com/a/web-1.2.tar.gz", sha256 }, false)),
  ).toEqual({});
  expect(expectedStorage(config(undefined, false))).toEqual({});
  expect(expectedStorage("config: 1")).toEqual({});
});
