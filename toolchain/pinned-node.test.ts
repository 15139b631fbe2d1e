import { execa } from "execa";
import { expect, test } from "vitest";
import { pinnedNode, run } from "./pinned-node.mjs";

test("the pinned Node can show an error whose stack ends in a package: releases of 20 and 22 loop for ever", async () => {
  const script = `
    const error = new Error("shown");
    error.stack = "Error: shown\\n    at run (/project/node_modules/@pulumi/resource.ts:1:1)";
    console.log(require("node:util").inspect(error, { colors: true }));
  `;
  const { stdout } = await execa(pinnedNode(), ["-e", script], { timeout: 20_000 });
  expect(stdout).toContain("shown");
}, 30_000);

test("a command's exit code is handed on, its end by a signal as the shells say it", async () => {
  await expect(run(process.execPath, ["-e", "process.exit(7)"])).resolves.toBe(7);
  await expect(run(process.execPath, ["-e", "process.kill(process.pid, 'SIGTERM')"])).resolves.toBe(143);
  await expect(run("no-such-command", [])).rejects.toThrow("cannot start no-such-command");
});
