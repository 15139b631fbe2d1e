import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { alone, runningDrill } from "./exclusive.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "alone-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Another process that runs a drill until it is killed. */
async function another(drill: string) {
  const program = `const { alone } = await import(${JSON.stringify(new URL("exclusive.ts", import.meta.url).href)});
await alone(${JSON.stringify(folder)}, ${JSON.stringify(drill)}, async () => { console.log("ready"); await new Promise((done) => setTimeout(done, 60_000)); });`;
  const child = spawn(process.execPath, ["--no-warnings", "--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout!, "data");
  return child;
}

it("a second drill is refused with the name of the first one and its process, and goes on when that was killed", async () => {
  const child = await another("postgres-host-kill");
  await expect(alone(folder, "redis-return", async () => undefined)).rejects.toThrow(
    `the drill postgres-host-kill runs on this lab already (process ${child.pid})`,
  );
  expect(runningDrill(folder)).toEqual({ pid: child.pid, drill: "postgres-host-kill" });
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(runningDrill(folder)).toBeUndefined();
  expect(await alone(folder, "redis-return", async () => "done")).toBe("done");
}, 30_000);

it("what runs is told drill by drill, and nothing is left when all are through", async () => {
  await alone(folder, "a", async (next) => {
    expect(runningDrill(folder)?.drill).toBe("a");
    next("b");
    expect(runningDrill(folder)).toEqual({ pid: process.pid, drill: "b" });
  });
  expect(existsSync(join(folder, "running.json"))).toBe(false);
  await expect(alone(folder, "a", () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(runningDrill(folder)).toBeUndefined();
});
