import { Command, InvalidArgumentError, Option } from "commander";
import { dataClasses } from "../../catalogue/data-classes.ts";
import { withExamples } from "../examples.ts";
import { type AnswerName, answerNames, customerKinds, flagOf, type RawAnswers, teamHours } from "../init/answers.ts";
import { parseAnswer, readAnswersFile } from "../init/read.ts";
import { runInit } from "../init/run.ts";

interface Modes {
  readonly answers?: string;
  readonly output?: string;
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly force: boolean;
}

/** What a flag takes, and what it means. */
const flags: Readonly<Record<Exclude<AnswerName, "zoneExists">, readonly [string, string]>> = {
  stack: ["name", "what the stack is called; begins the names of its machines"],
  domain: ["name", "under which it serves"],
  data: ["classes", `which data it handles: ${dataClasses.join(", ")}`],
  customers: ["kinds", `who they are: ${customerKinds.join(", ")}`],
  rpo: ["seconds", "of acknowledged writes that the loss of a machine may take; 0: none"],
  rto: ["minutes", "until writes go on after the loss of a machine"],
  locationRpo: ["seconds", "the same for the loss of a whole location; 604800: anything"],
  locationRto: ["minutes", "the same for the loss of a whole location"],
  traffic: ["shares", "percent of the visitors by country: DE=60,AT=20,US=20"],
  team: ["hours", `when somebody looks after it: ${teamHours.join(", ")}`],
  people: ["number", "who can operate it"],
  budget: ["EUR", "a month, net"],
  admins: ["ranges", "where administrators come from, and in which EU country: 203.0.113.10/32=DE"],
  sshKeys: ["files", "their SSH public keys"],
  backup: ["store", "hetzner (its object storage, in another location), none, or HOST,COUNTRY,REGION,BUCKET"],
  image: ["reference", "container image that the app servers run, by digest (default: the example shop)"],
  edgePaths: ["paths", "what may be served outside the EU, and as what (default: /assets/=static, /public/=public)"],
  edgeSshKeys: ["files", "SSH public keys for machines outside the EU, others than the core's"],
};

function answerOption(name: keyof typeof flags): Option {
  const [takes, what] = flags[name];
  return new Option(`${flagOf(name)} <${takes}>`, what).argParser((text) => {
    try {
      return parseAnswer(name, text);
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message);
    }
  });
}

export function initCommand(): Command {
  const command = new Command("init").description(
    "Recommend a topology for what you need, with reasons and its monthly cost, and write its configuration",
  );
  for (const name of Object.keys(flags) as (keyof typeof flags)[]) command.addOption(answerOption(name));
  command
    .option("--zone-exists", "the domain's zone is in the Hetzner project already")
    .option("--answers <file>", "answers as YAML or JSON, by the names of the flags (locationRpo: 0); flags come first")
    .option("--output <file>", "where the configuration goes (default: stacks/config/Pulumi.<stack>.yaml)")
    .option("--json", "print the recommendation as JSON", false)
    .option("--dry-run", "recommend, and write nothing", false)
    .option("--force", "overwrite the file; its encryption and other projects' keys stay", false)
    .action(async (options: Modes & RawAnswers) => {
      const { answers: file, output, json, dryRun, force } = options;
      const byFlag = Object.fromEntries(
        answerNames.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
      );
      const given: RawAnswers = { ...(file === undefined ? {} : readAnswersFile(file)), ...byFlag };
      process.exitCode = await runInit({ given, output, json, dryRun, force });
    })
    .addHelpText(
      "after",
      `
In a terminal it asks for what is not given, and before it writes. Needs no account, no engine and no network. More: docs/init.md

Exit codes:
  0    recommended, and written unless --dry-run or your answer says otherwise
  2    answers that are wrong or missing, a file that exists already
  130  Ctrl-C; nothing is written`,
    );
  return withExamples(command, [
    ["npx sovereign init", "asks, recommends, writes"],
    ["npx sovereign init --answers needs.yaml --dry-run", "recommends by a file of answers"],
    ["npx sovereign init --answers needs.yaml --budget 400 --json", "what it would be with another budget"],
  ]);
}
