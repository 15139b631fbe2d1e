import { beforeAll, beforeEach, describe } from "vitest";
import type { DebianTree } from "../debian/run.ts";
import { prepareMachines } from "./requirements.ts";

/** With this environment variable set, tests that cannot have machines fail instead of being skipped. */
export const requireVariable = "SOVEREIGN_REQUIRE_MACHINES";

/** What the tests of {@link describeWithMachines} use; only inside of tests and hooks. */
export interface MachinesUnderTest {
  /** What machines start from. */
  tree(): DebianTree;
}

const buildTimeoutMs = 20 * 60_000;
const testTimeoutMs = 180_000;

/**
 * A `describe` whose tests need what machines need: namespaces, mounts, real boots. Where that cannot be had, the tests are reported as
 * skipped, and the reason is printed; with {@link requireVariable} set they fail.
 */
export function describeWithMachines(name: string, define: (machines: MachinesUnderTest) => void): void {
  const print = (line: string) => process.stderr.write(`${line}\n`);
  let found: DebianTree | { readonly unavailable: string } | undefined;
  const tree = (): DebianTree => {
    if (found === undefined) throw new Error("Machines are there only inside of tests and hooks");
    if ("unavailable" in found) throw new Error(`No machines: ${found.unavailable}`);
    return found;
  };
  describe(name, { timeout: testTimeoutMs }, () => {
    beforeAll(async () => {
      found = await prepareMachines({ onProgress: print });
      if ("unavailable" in found) print(`${name}: skipped, no machines: ${found.unavailable}`);
    }, buildTimeoutMs);
    beforeEach((context) => {
      if (found !== undefined && "unavailable" in found && !process.env[requireVariable]) {
        context.skip(`no machines: ${found.unavailable}`);
      }
    });
    define({ tree });
  });
}
