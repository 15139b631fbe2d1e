import { Command } from "commander";

/** The command line around commands: its settings, which they get too, and its help. */
export function programOf(commands: readonly Command[]): Command {
  const program = new Command("sovereign")
    .description("EU-sovereign deployments on Hetzner Cloud, and a local cloud to try them on")
    .configureHelp({ helpWidth: 100, showGlobalOptions: false })
    .showSuggestionAfterError()
    .showHelpAfterError("(--help says more)")
    .exitOverride()
    .helpCommand(false);
  for (const command of commands) program.addCommand(command);
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
