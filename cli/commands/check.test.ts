import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkCommand } from "./check.ts";

let folder: string;
let program: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "check-command-"));
  program = join(folder, "Pulumi.yaml");
  writeFileSync(
    program,
    "name: shop\nruntime: yaml\nresources:\n  web: {type: hcloud:Server, properties: {location: fsn1}}\n",
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  [() => ["--output", join(folder, "none", "report.txt")], /^--output .*report\.txt: cannot be written \(ENOENT\)$/],
  [() => ["--output", folder], /cannot be written \(EISDIR\)$/],
  [() => ["--today", "2026-02-30"], /^--today 2026-02-30: expected a day that exists/],
  [() => ["--state", program], /^one source at a time, not --state and --program$/],
])("what is asked for wrongly is no refusal and no bug: exit code 2 (%#)", async (options, message) => {
  const parsed = checkCommand().parseAsync(["--program", program, ...options()], { from: "user" });
  await expect(parsed).rejects.toMatchObject({ exitCode: 2, message: expect.stringMatching(message) });
});
