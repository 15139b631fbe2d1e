import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { expect, test } from "vitest";

const sdk = createRequire(import.meta.resolve("@pulumi/pulumi"));
const program = `
require(${JSON.stringify(sdk.resolve("source-map-support/register"))});
const rendered = Error.prepareStackTrace !== undefined;
import(${JSON.stringify(import.meta.resolve("./stack-traces.ts"))}).then(({ useNativeStackTraces }) => {
  useNativeStackTraces();
  try { useNativeStackTraces.call.apply(null); } catch (error) { console.log(JSON.stringify({ rendered, after: Error.prepareStackTrace === undefined, stack: error.stack })); }
});`;

test("traces are V8's own again, with the positions of the source", () => {
  const out = execFileSync(process.execPath, ["--no-warnings", "-e", program], { encoding: "utf8" });
  const { rendered, after, stack } = JSON.parse(out);
  expect(rendered).toBe(true);
  expect(after).toBe(true);
  expect(stack).toMatch(/\n {4}at .*\[eval\]:6:/);
});
