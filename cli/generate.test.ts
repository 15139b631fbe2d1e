import { expect, it } from "vitest";
import { generatedFiles, outdatedFiles } from "./generate.ts";

it("the files made from the code are up to date: npm run generate", async () => {
  expect(await outdatedFiles()).toEqual([]);
});

it("the reference of the command line has every command with its examples", async () => {
  const text = (await generatedFiles())["docs/cli.md"]!;
  for (const command of ["sovereign demo", "sovereign lab start", "sovereign lab env", "sovereign config check"]) {
    expect(text).toContain(` ${command}\n`);
  }
  expect(text).toContain("Exit codes:");
  expect(text).not.toContain("\u001b");
});
