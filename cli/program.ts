import { Command } from "commander";
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

/** The whole command line: what `sovereign --help` and docs/cli.md describe. */
export function createProgram(): Command {
  const program = new Command("sovereign")
    .description("EU-sovereign deployments on Hetzner Cloud, and a local cloud to try them on")
    .configureHelp({ helpWidth: 100, showGlobalOptions: false })
    .showSuggestionAfterError()
    .showHelpAfterError("(--help says more)")
    .exitOverride()
    .addCommand(demoCommand())
    .addCommand(initCommand())
    .addCommand(labCommand())
    .addCommand(drillCommand())
    .addCommand(loadCommand())
    .addCommand(rolloutCommand())
    .addCommand(checkCommand())
    .addCommand(reviewCommand())
    .addCommand(configCommand())
    .addCommand(adoptCommand())
    .addCommand(catalogueCommand())
    .addCommand(toolchainCommand())
    .helpCommand(false);
  program.addHelpText(
    "after",
    `
Exit codes:
  0    done
  1    refused or failed; the message says what and why
  2    could not run as asked: a wrong option, a configuration that cannot be read
  130  ended by Ctrl-C

Examples:
  $ npx sovereign demo                      the example stack on a local cloud
  $ eval "$(npx sovereign lab env)"         then plain Pulumi works: npx pulumi preview -s single-region
  $ npx sovereign config check              every problem of the stacks' configuration at once`,
  );
  inherit(program);
  return program;
}

/** Settings that commander does not hand down to commands made apart from their parent. */
function inherit(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent).helpCommand(false);
    inherit(command);
  }
}
