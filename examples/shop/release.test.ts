import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { execa } from "execa";
import { expect, test } from "vitest";
import { buildRelease, withRelease } from "./release.ts";
import { storedGzip, tar } from "./tar.ts";

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test("the same sources give the same archive, whenever and wherever it is built", async () => {
  const [first, second] = [await buildRelease(), await buildRelease()];
  expect(second.sha256).toBe(first.sha256);
  expect(digest(first.archive)).toBe(first.sha256);
  expect(first.name).toBe(`shop-${first.sha256.slice(0, 12)}.tar.gz`);
  const text = gunzipSync(first.archive).toString("latin1");
  // Where packages lie on this machine is not part of what they are.
  expect(text.includes(import.meta.dirname)).toBe(false);
  expect(text.match(/.{0,40}node_modules\/(pg|hono|zod|ioredis)\//)).toBeNull();
});

test("licences of all that is bundled come with it", async () => {
  const text = gunzipSync((await buildRelease()).archive).toString("latin1");
  const names = [
    ...text.matchAll(/(?:^|\0)([\w@/.-]+) \d+\.\d+\.\d+ \((?:MIT|ISC|Apache-2\.0|BSD-\d-Clause)\)$/gm),
  ].map(([, name]) => name);
  expect(names).toEqual(expect.arrayContaining(["pg", "ioredis", "hono", "zod", "@hono/node-server"]));
});

test("tar reads what was written, in order, owned by root, without dates", async () => {
  const large = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 31) % 251));
  const archive = storedGzip(
    tar([
      { path: "b/large", content: large },
      { path: "a", content: Buffer.from("text") },
      { path: "empty", content: Buffer.alloc(0) },
    ]),
  );
  const folder = mkdtempSync(join(tmpdir(), "shop-release-"));
  try {
    writeFileSync(join(folder, "x.tar.gz"), archive);
    const { stdout } = await execa("tar", ["--utc", "-tvzf", "x.tar.gz", "--numeric-owner"], { cwd: folder });
    expect(stdout.split("\n").map((line) => line.replaceAll(/ +/g, " "))).toEqual([
      "-rw-r--r-- 0/0 4 1970-01-01 00:00 a",
      "-rw-r--r-- 0/0 200000 1970-01-01 00:00 b/large",
      "-rw-r--r-- 0/0 0 1970-01-01 00:00 empty",
    ]);
    await execa("tar", ["-xzf", "x.tar.gz"], { cwd: folder });
    expect(readFileSync(join(folder, "b/large")).equals(large)).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each(["/a", "../a", "a/./b", "a//b", "", "x".repeat(101)])("a path such as %j is refused", (path) => {
  expect(() => tar([{ path, content: Buffer.alloc(0) }])).toThrow("is not a relative path");
});

test("gzip of any length is gzip", () => {
  for (const length of [0, 1, 65_534, 65_535, 65_536, 131_070, 131_071]) {
    const content = Buffer.alloc(length, "x");
    expect(gunzipSync(storedGzip(content)).equals(content), String(length)).toBe(true);
  }
});

test("only the shop's own archive is replaced in a configuration", () => {
  const config = (name: string, sha: string) => `      archive:
        url: https://store.example.eu/shop-releases/${name}
        sha256: ${sha}
        country: DE
`;
  const release = { name: "shop-aaaaaaaaaaaa.tar.gz", sha256: "a".repeat(64) };
  const other = config("web-bbbbbbbbbbbb.tar.gz", "b".repeat(64));
  const before = config("shop-bbbbbbbbbbbb.tar.gz", "b".repeat(64));
  expect(withRelease(before + other, release)).toBe(config(release.name, release.sha256) + other);
});
