/** Options that several commands share, and how their values are read. */
import { InvalidArgumentError, Option } from "commander";
import type { FaultSpec } from "../../lab/api/core/faults.ts";
import type { Delay } from "../../lab/machines/network/plan.ts";
import { parseFault } from "../../lab/session/fault-spec.ts";
import { DEFAULT_LAB, labFiles } from "../../lab/session/files.ts";
import { projectRoot } from "../project.ts";

/** Turns what a parser throws into a complaint about the argument. */
function asArgument<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}

export function labNameOption(): Option {
  return new Option("--name <name>", "which lab; each has its own records, token and Pulumi state")
    .default(DEFAULT_LAB)
    .argParser((name) => asArgument(() => labFiles(projectRoot, name) && name));
}

export function collectFault(text: string, before: readonly FaultSpec[] | undefined): FaultSpec[] {
  return [...(before ?? []), asArgument(() => parseFault(text))];
}

/** `fsn1-hel1=24`: ms from one location to the other and back. */
export function collectDelay(text: string, before: readonly Delay[] | undefined): Delay[] {
  const [, one, other, ms] = /^([a-z]{3}\d?)-([a-z]{3}\d?)=(\d{1,4})$/.exec(text) ?? [];
  if (!one || !other || !ms || one === other) throw new InvalidArgumentError("Expected something like fsn1-hel1=24.");
  return [...(before ?? []), { between: [one, other], roundTripMs: Number(ms) }];
}

/** Name of a stack as it becomes part of a file's name. */
export function stackName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(text)) return text;
  throw new InvalidArgumentError("Expected the name of a stack: letters, digits, '.', '_' and '-'.");
}

export const shellOption = (): Option =>
  new Option("--shell <shell>", "whose syntax").choices(["sh", "fish"]).default("sh", "sh, bash, zsh");
