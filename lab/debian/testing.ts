import { beforeAll, beforeEach, describe } from "vitest";

import { type DebianTree, type RunResult, type RunSettings, runInDebian, runScript } from "./run.ts";
import { ensureDebianTree } from "./tree.ts";

/** What the tests of {@link describeWithDebian} use; only inside of tests and hooks, not while tests are being collected. */
export interface DebianUnderTest {
  /** {@link runInDebian} in the lab's tree. */
  run(settings: RunSettings & { readonly argv: readonly [string, ...string[]] }): Promise<RunResult>;
  /** {@link runScript} in the lab's tree. */
  script(settings: RunSettings & { readonly script: string }): Promise<RunResult>;
  tree(): DebianTree;
}

/** With this environment variable set, tests that cannot have the Debian tree fail instead of being skipped. */
export const requireVariable = "SOVEREIGN_REQUIRE_DEBIAN";

/** Milliseconds for a first build on a slow machine or behind another run's build. */
const buildTimeout = 20 * 60_000;
/** Milliseconds for one test: real programs on a busy machine. */
const testTimeout = 60_000;

/**
 * A `describe` whose tests run programs of Debian 13. The tree is built when the first of its tests is about to run. Where it cannot be had,
 * the tests are reported as skipped, and the reason is printed; with {@link requireVariable} set they fail.
 */
export function describeWithDebian(name: string, define: (debian: DebianUnderTest) => void): void {
  let found: DebianTree | { readonly unavailable: string } | undefined;
  const tree = (): DebianTree => {
    if (found === undefined) throw new Error("The Debian tree is there only inside of tests and hooks");
    if ("unavailable" in found) throw new Error(`No Debian tree: ${found.unavailable}`);
    return found;
  };
  const print = (line: string) => process.stderr.write(`${line}\n`);
  describe(name, { timeout: testTimeout }, () => {
    beforeAll(async () => {
      found = await ensureDebianTree({ onProgress: print });
      if ("unavailable" in found) print(`${name}: skipped, no Debian tree: ${found.unavailable}`);
    }, buildTimeout);
    beforeEach((context) => {
      if (found !== undefined && "unavailable" in found && !process.env[requireVariable]) {
        context.skip(`no Debian tree: ${found.unavailable}`);
      }
    });
    define({
      run: (settings) => runInDebian(tree(), settings),
      script: (settings) => runScript(tree(), settings),
      tree,
    });
  });
}
