import { CommanderError } from "commander";
import pc from "picocolors";
import { LabError } from "../lab/session/files.ts";
import { ToolchainCancelled, ToolchainError } from "../toolchain/errors.ts";
import { CommandError, ReportedError, tell } from "./output.ts";
import { createProgram } from "./program.ts";

const OK = 0;
const FAILED = 1;
const COULD_NOT_RUN = 2;
const INTERRUPTED = 130;

/** Runs one command and says how it ended. Messages for people are on stderr by then. */
async function run(args: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(args, { from: "user" });
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

process.exitCode = await run(process.argv.slice(2));
