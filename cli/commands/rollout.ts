import { Argument, Command, Option } from "commander";
import { DEFAULT_LAB, labFiles } from "../../lab/session/files.ts";
import { withExamples } from "../examples.ts";
import { CommandError } from "../output.ts";
import { projectRoot } from "../project.ts";
import { runRollout } from "../rollout/run.ts";
import { ROLES, type RolloutRole } from "../rollout/state.ts";
import { stackName, wholeNumber } from "./options.ts";

interface Options {
  readonly stack: string;
  readonly lab?: string | true;
  readonly configFile?: string;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly patience: number;
  readonly backupAge: number;
  readonly anyBackup: boolean;
  readonly acceptNewHostKeys: boolean;
  readonly identity?: string;
}

function labName(name: string): string {
  try {
    labFiles(projectRoot, name);
    return name;
  } catch (error) {
    throw new CommandError(`--lab: ${(error as Error).message}`, 2);
  }
}

export function rolloutCommand(): Command {
  const command = new Command("rollout")
    .description(
      "Replace machines with data one after another, with today's configuration: replicas first, the primary last",
    )
    .addArgument(new Argument("<role>", "whose machines").choices(ROLES))
    .addOption(new Option("--stack <name>", "which stack").argParser(stackName).default("single-region"))
    .addOption(
      new Option("--lab [name]", "the stack is in a lab of this machine (default: as HCLOUD_ENDPOINT says)").argParser(
        labName,
      ),
    )
    .option("--config-file <file>", "the stack's configuration (default: stacks/config/Pulumi.<stack>.yaml)")
    .option("--dry-run", "say what would be done, and what each step costs", false)
    .option("-y, --yes", "do it without asking", false)
    .option(
      "--patience <minutes>",
      "how long machines get to work again after one was made anew",
      wholeNumber(1, 1440),
      15,
    )
    .option("--backup-age <hours>", "how old the latest backup of Postgres may be", wholeNumber(1, 8760), 26)
    .option("--any-backup", "begin whatever backups there are", false)
    .option(
      "--accept-new-host-keys",
      "SSH: take keys of machines that were never met; one that has changed is refused all the same",
      false,
    )
    .option("--identity <file>", "SSH: private key of an administrator")
    .action(async (role: RolloutRole, options: Options) => {
      const { backupAge, anyBackup, lab, ...rest } = options;
      process.exitCode = await runRollout({
        ...rest,
        role,
        lab: lab === true ? DEFAULT_LAB : lab,
        maxBackupHours: anyBackup ? undefined : backupAge,
        again: commandLine(role, options),
      });
    })
    .addHelpText(
      "after",
      `
Reads the same environment as pulumi up. Machines are entered as root over SSH, from the ranges in admin.cidrs; in a lab
by its own way, which needs root. protection.except and generations in the configuration file are changed on the way:
commit what it leaves there.

Ctrl-C stops it in order; run again, it goes on from where it stands. More: docs/rollout.md

Exit codes:
  0    every machine is as configured
  1    stopped: the message says why, and where it stands
  2    could not run as asked
  130  ended by Ctrl-C`,
    );
  return withExamples(command, [
    ["npx sovereign rollout postgres --stack production --dry-run", "what would be done, and what it costs"],
    ["npx sovereign rollout postgres --stack production", "asks, then does it"],
    ["sudo npx sovereign rollout redis --lab --yes", "the example in a lab with machines"],
  ]);
}

/** What to type to go on. */
function commandLine(role: string, options: Options): string {
  const { stack, lab, configFile, patience, backupAge, anyBackup, acceptNewHostKeys, identity } = options;
  return [
    lab === undefined ? "npx sovereign rollout" : "sudo npx sovereign rollout",
    role,
    `--stack ${stack}`,
    ...(lab === undefined ? [] : [lab === true ? "--lab" : `--lab ${lab}`]),
    ...(configFile === undefined ? [] : [`--config-file ${configFile}`]),
    ...(patience === 15 ? [] : [`--patience ${patience}`]),
    ...(backupAge === 26 ? [] : [`--backup-age ${backupAge}`]),
    ...(anyBackup ? ["--any-backup"] : []),
    ...(acceptNewHostKeys ? ["--accept-new-host-keys"] : []),
    ...(identity === undefined ? [] : [`--identity ${identity}`]),
  ].join(" ");
}
