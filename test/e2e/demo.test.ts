/** The demo as a user runs it: stopped in the middle, gone on with, run again, used with plain Pulumi, taken down twice. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa, type Options, type ResultPromise } from "execa";
import { afterAll, describe, expect, it } from "vitest";
import { projectRoot, stackConfigFile } from "../../cli/project.ts";
import { stopLab } from "../../lab/session/session.ts";
import { LONG } from "./harness.ts";

const NAME = "e2e-demo";
const STACK = "single-region";
const folder = join(projectRoot, ".sovereign", "labs", NAME);
const configBefore = readFileSync(stackConfigFile(STACK), "utf8");

const options = { cwd: projectRoot, reject: false, all: true } satisfies Options;
const demo = (...args: string[]) =>
  execa(process.execPath, ["cli/sovereign.mjs", "demo", "--name", NAME, ...args], options);

afterAll(() => stopLab({ project: projectRoot, name: NAME }, true), LONG);

/** Waits until a process has said something that fits. */
function said(run: ResultPromise<typeof options>, what: RegExp): Promise<void> {
  let text = "";
  return new Promise((resolve, reject) => {
    run.all.on("data", (chunk: Buffer) => {
      text += chunk;
      if (what.test(text)) resolve();
    });
    run.finally(() => reject(new Error(`ended without ${what}:\n${text}`)));
  });
}

describe("sovereign demo", { timeout: LONG }, () => {
  it("Ctrl-C in the middle ends it in order, and leaves no lock", async () => {
    const run = demo();
    await said(run, /creating (volume|server) /);
    run.kill("SIGINT");
    const { exitCode, all } = await run;
    expect(all).toContain("stopped; what exists is recorded, the next run goes on from there");
    expect(exitCode).toBe(130);
    const locks = await execa("find", [join(folder, "pulumi", ".pulumi", "locks"), "-name", "*.json"]);
    expect(locks.stdout).toBe("");
  });

  it("goes on from there, and says what there is and what it costs", async () => {
    const { exitCode, stdout, stderr } = await demo();
    expect(stderr).not.toMatch(/error/i);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/single-region is up/);
    expect(stdout).toMatch(/server +\d/);
    expect(stdout).toMatch(/single-region-postgres-fsn1-1 +10\.0\./);
    expect(stdout).toMatch(/\d+\.\d\d EUR a month/);
    expect(readFileSync(stackConfigFile(STACK), "utf8")).toBe(configBefore);
  });

  it("changes nothing when run again, and tells programs so", async () => {
    const { exitCode, stdout } = await demo("--json");
    expect(exitCode).toBe(0);
    const { resources } = JSON.parse(stdout) as { resources: Record<string, Record<string, number>> };
    expect(resources.server).toEqual({ unchanged: 10 });
    expect(new Set(Object.values(resources).flatMap(Object.keys))).toEqual(new Set(["unchanged"]));
  });

  it("plain Pulumi works in a shell that has evaluated lab env", async () => {
    const script = `eval "$(npx sovereign lab env --name ${NAME})" && npx pulumi stack output url -s ${STACK}`;
    const { stdout, exitCode } = await execa("bash", ["-c", script], options);
    expect(stdout).toBe("https://shop.example.eu");
    expect(exitCode).toBe(0);
  });

  it("is taken down with all that is protected, and again without complaint", async () => {
    const down = await demo("--down");
    expect(down.all).toMatch(/everything is removed: \d+ resources, the lab and its state/);
    expect(down.all).not.toContain("not made by the stack");
    expect(down.exitCode).toBe(0);
    expect(existsSync(folder)).toBe(false);
    expect(readFileSync(stackConfigFile(STACK), "utf8")).toBe(configBefore);
    const again = await demo("--down");
    expect(again.all).toContain("nothing to remove");
    expect(again.exitCode).toBe(0);
  });
});
