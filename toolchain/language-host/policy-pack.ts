/**
 * Runs a policy pack as the SDK's own entry point does, without ts-node: TypeScript's types are stripped by Node. ts-node takes most of a
 * second at every start, and refuses imports that end in `.ts`.
 */
import { createRequire } from "node:module";
import path from "node:path";
import { onEngineGone } from "./orphan.ts";

/** The exit code by which a pack says that it has told the user what went wrong. */
const ALREADY_REPORTED = 32;

const [, pack] = process.argv.slice(2);
if (!pack) throw new Error("usage: policy-pack.ts <engine-address> <folder>");

const require = createRequire(path.join(pack, "pack.js"));
const { run } = require("@pulumi/pulumi/cmd/run-policy-pack/run") as {
  run(options: {
    argv: { _: readonly string[] };
    programStarted(): void;
    reportLoggedError(error: unknown): void;
    typeScript: boolean;
  }): Promise<unknown>;
};

onEngineGone(() => process.exit(0));
run({
  argv: { _: [pack] },
  programStarted: () => {},
  // Whatever was reported, the engine must not take the pack for one that found nothing.
  reportLoggedError: () => {
    process.exitCode = ALREADY_REPORTED;
  },
  typeScript: false,
});
