import type { Command } from "commander";
import { adoptCommand } from "./commands/adopt.ts";
import { catalogueCommand } from "./commands/catalogue.ts";
import { checkCommand } from "./commands/check.ts";
import { configCommand } from "./commands/config.ts";
import { demoCommand } from "./commands/demo.ts";
import { drillCommand } from "./commands/drill.ts";
import { initCommand } from "./commands/init.ts";
import { labCommand } from "./commands/lab.ts";
import { loadCommand } from "./commands/load.ts";
import { reviewCommand } from "./commands/review.ts";
import { rolloutCommand } from "./commands/rollout.ts";
import { toolchainCommand } from "./commands/toolchain.ts";
import { programOf } from "./shell.ts";

/** The whole command line: what `sovereign --help` and docs/cli.md describe. */
export function createProgram(): Command {
  return programOf([
    demoCommand(),
    initCommand(),
    labCommand(),
    drillCommand(),
    loadCommand(),
    rolloutCommand(),
    checkCommand(),
    reviewCommand(),
    configCommand(),
    adoptCommand(),
    catalogueCommand(),
    toolchainCommand(),
  ]);
}
