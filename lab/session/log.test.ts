import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { boundedLog } from "./log.ts";

it("keeps a log and the one before it, and no more", () => {
  const folder = mkdtempSync(join(tmpdir(), "lab-log-"));
  try {
    const file = join(folder, "lab.log");
    const log = boundedLog(file, 1000);
    for (let i = 0; i < 200; i++) log(`line ${i} ä`);
    expect(readdirSync(folder).sort()).toEqual(["lab.log", "lab.log.1"]);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(1000);
    expect(readFileSync(file, "utf8")).toContain("line 199 ä\n");
    boundedLog(file, 1000)("after a restart");
    expect(readFileSync(file, "utf8")).toMatch(/line 199 ä\n.*after a restart\n$/s);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
