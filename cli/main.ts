import { type Command, CommanderError } from "commander";
import pc from "picocolors";
import { LabError } from "../lab/session/files.ts";
import { ToolchainCancelled, ToolchainError } from "../toolchain/errors.ts";
import { CommandError, ReportedError, tell } from "./output.ts";
import { programOf } from "./shell.ts";

const OK = 0;
const FAILED = 1;
const COULD_NOT_RUN = 2;
const INTERRUPTED = 130;

/** What runs in pipelines loads its own modules only: all commands' take as long to load as a review of a thousand resources takes. */
async function programFor(name: string | undefined): Promise<Command> {
  if (name === "review") return programOf([(await import("./commands/review.ts")).reviewCommand()]);
  if (name === "check") return programOf([(await import("./commands/check.ts")).checkCommand()]);
  return (await import("./program.ts")).createProgram();
}

/** Runs one command and says how it ended. Messages for people are on stderr by then. */
async function run(args: readonly string[]): Promise<number> {
  try {
    const program = await programFor(args[0]);
    await program.parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? OK);
  } catch (error) {
    // Help and version end like this too, with code 0; what was wrong has been said.
    if (error instanceof CommanderError) return error.exitCode === 0 ? OK : COULD_NOT_RUN;
    if (error instanceof ToolchainCancelled) {
      tell(error.message);
      return INTERRUPTED;
    }
    if (error instanceof CommandError || error instanceof LabError || error instanceof ToolchainError) {
      tell(error instanceof ReportedError ? error.message : `${pc.red("error:")} ${error.message}`);
      return error instanceof CommandError ? error.exitCode : FAILED;
    }
    tell(`${pc.red("error:")} a bug in sovereign: ${error instanceof Error ? error.stack : String(error)}`);
    return FAILED;
  }
}

// Who reads no further (`| head`) ends the output, not the command, whose exit code still says what it found.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
process.exitCode = await run(process.argv.slice(2));
