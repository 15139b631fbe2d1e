/** `sovereign init`: from answers to a configuration file. */
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { POLICY_FILES } from "../../policies/files.ts";
import { readFigures } from "../drill/figures-file.ts";
import { createDisplay } from "../lab/display.ts";
import { CommandError, print, ReportedError, tell } from "../output.ts";
import { projectRoot, shownPath, stackConfigFile } from "../project.ts";
import { type Answers, answerProblems, answersSchema, flagOf, missingAnswers, type RawAnswers } from "./answers.ts";
import { keptIn, renderFile, requireFree, requireRight, writeWhole } from "./file.ts";
import { askMissing, askToWrite, Cancelled } from "./prompts.ts";
import { pricedOptions, type Recommendation, recommend } from "./recommend.ts";
import { type SettingsFile, settingsFor, settingsStep, writeSettings } from "./settings.ts";
import { renderNext, renderRecommendation } from "./text.ts";

const INTERRUPTED = 130;

export interface InitOptions {
  readonly given: RawAnswers;
  /** @default the project's file for the stack */
  readonly output?: string | undefined;
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly force: boolean;
}

const isTerminal = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** @throws ReportedError with everything that is wrong with the answers, and all that are missing */
function requireAnswers(raw: RawAnswers): Answers {
  const problems = answerProblems(raw).map(([name, problem]) => `  ${flagOf(name)}: ${problem}`);
  const missing = missingAnswers(raw).map(flagOf);
  const lines = [
    ...(problems.length > 0 ? ["These answers are wrong:", ...problems] : []),
    ...(missing.length > 0
      ? [
          `Without a terminal to ask in, these have to be given: ${missing.join(", ")}`,
          "`npx sovereign init --help` says what each takes.",
        ]
      : []),
  ];
  if (lines.length > 0) throw new ReportedError(lines.join("\n"), 2);
  return answersSchema.parse(raw);
}

/** What is wrong so far is said before the first question. */
function requireRightSoFar(raw: RawAnswers): void {
  const problems = answerProblems(raw);
  if (problems.length > 0)
    throw new ReportedError(
      ["These answers are wrong:", ...problems.map(([name, problem]) => `  ${flagOf(name)}: ${problem}`)].join("\n"),
      2,
    );
}

async function recommendFor(answers: Answers) {
  // Loads the components; no question waits for it.
  const { planStack } = await import("../../stacks/cost.ts");
  const display = createDisplay();
  const options = await display.during(
    () => "planning each topology",
    () => pricedOptions(answers, planStack),
  );
  return recommend(answers, options, readFigures(join(projectRoot, "docs/drills.json")));
}

/** Where the checks look for it: in the project, or beside a configuration that is written elsewhere. */
const settingsFile = (output: string | undefined): string =>
  join(output === undefined ? projectRoot : dirname(output), POLICY_FILES.settings);

/** Both files, or none: the next run takes a configuration that is there for somebody else's. */
function writeBoth(
  file: string,
  text: string,
  recommendation: Recommendation,
  { output, force }: Pick<InitOptions, "output" | "force">,
): SettingsFile {
  const settings = writeSettings(settingsFile(output), settingsFor(recommendation));
  try {
    writeWhole(file, text, force);
  } catch (error) {
    if (settings.kind === "written") rmSync(settings.file, { force: true });
    throw error;
  }
  return settings;
}

/** @returns the exit code */
export async function runInit({ given, output, json, dryRun, force }: InitOptions): Promise<number> {
  const fileOf = (stack: string): string => output ?? stackConfigFile(stack);
  const stackProblem = (stack: string): string | undefined => {
    if (dryRun) return undefined;
    try {
      requireFree(fileOf(stack), force);
      return undefined;
    } catch (error) {
      return (error as CommandError).message;
    }
  };
  if (typeof given.stack === "string") {
    const problem = stackProblem(given.stack);
    if (problem) throw new CommandError(problem, 2);
  }
  const asks = isTerminal() && missingAnswers(given).length > 0;
  try {
    if (asks) requireRightSoFar(given);
    const answers = requireAnswers(asks ? await askMissing(given, stackProblem) : given);
    const file = fileOf(answers.stack);
    const recommendation = await recommendFor(answers);
    const kept = keptIn(file);
    const text = renderFile(recommendation, kept);
    requireRight(text);
    const said = renderRecommendation(recommendation);
    const isWritten = !dryRun && (!asks || (await askToWrite(said, shownPath(file))));
    const settings = isWritten ? writeBoth(file, text, recommendation, { output, force }) : undefined;
    const written = {
      file: isWritten ? shownPath(file) : null,
      settings: settings?.kind === "written" ? shownPath(settings.file) : null,
    };
    // Of a settings file that was there before.
    const settingsMissing = settings?.kind === "lacks" ? settings.missing : {};
    if (json) print(JSON.stringify({ ...recommendation, ...written, settingsMissing }, undefined, 2));
    else {
      if (!asks || dryRun) print(said);
      print(
        isWritten
          ? `\nWritten: ${[written.file, written.settings].filter(Boolean).join(", ")}\n\n${renderNext(recommendation, shownPath(file), kept, settings && settingsStep(settings))}`
          : "\nNothing is written.",
      );
    }
    return 0;
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    tell("Nothing is written.");
    return INTERRUPTED;
  }
}
