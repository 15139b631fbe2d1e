import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { programs } from "./requirements.ts";

/** Programs that every Debian has, whatever else is missing: of coreutils, dash, findutils and Node itself. */
const everywhere = new Set(["sh", "env", "chroot", "test", "nproc"]);

test("every program that the lab starts on this host is one that is installed where it is missing", () => {
  const folder = import.meta.dirname;
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !/test/.test(file) && !file.startsWith("services/"),
  );
  const started = files.flatMap((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    return [...text.matchAll(/(?:[rR]un|spawn|spawnSync|execFileSync)\(\[?"([a-z][\w.-]*)"/g)].map(
      (match) => match[1]!,
    );
  });
  expect(started).toEqual(expect.arrayContaining(["ip", "tc", "losetup", "mkfs.xfs", "unshare"]));
  const named = new Set(programs.map(({ program }) => program));
  expect([...new Set(started)].filter((program) => !named.has(program) && !everywhere.has(program))).toEqual([]);
});
