import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import { execa } from "execa";
import { expect, test } from "vitest";
import { pageDocument } from "./document.ts";

const script = /<script type="module">([\s\S]*)<\/script>/.exec(pageDocument().html)?.[1] ?? "";

test("the modules make one script: nothing is imported, nothing is named twice", () => {
  expect(script).not.toMatch(/^\s*(import|export)\b/m);
  expect(() => new Script(`(async () => {${script}\n})`)).not.toThrow();
  expect(script).toContain("new Connection(");
});

test("the page puts no markup together from text", () => {
  expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function/);
});

test("the client fits what the API sends: its types are checked against the view's", async () => {
  const config = fileURLToPath(new URL("client/tsconfig.json", import.meta.url));
  const { stdout, exitCode } = await execa("tsc", ["--noEmit", "--project", config], {
    reject: false,
    preferLocal: true,
  });
  expect(stdout).toBe("");
  expect(exitCode).toBe(0);
});
