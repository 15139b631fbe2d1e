/** What the checks have to be told of a configuration, since its owner alone can say it: `policy-settings.yaml`. */
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { parse } from "yaml";
import { writeWholeFile } from "../../lab/session/whole-file.ts";
import { isBelow } from "../../policies/rules/reach.ts";
import { CommandError } from "../output.ts";
import type { Recommendation } from "./recommend.ts";

/** Lists by key of the settings. */
export type CheckSettings = Readonly<Record<string, readonly string[]>>;

/** What became of the file. */
export type SettingsFile =
  | { readonly kind: "none" | "written" | "enough"; readonly file: string }
  | {
      readonly kind: "lacks";
      readonly file: string;
      readonly missing: CheckSettings;
      /** Keys of those that the file has, with other values. */
      readonly present: readonly string[];
    };

/** Settings without which the checks refuse a recommended stack, or cannot judge it; none for most stacks in one location. */
export function settingsFor({ dns, config }: Pick<Recommendation, "dns" | "config">): CheckSettings {
  const { sites = [] } = (config.edge ?? {}) as { sites?: readonly { classes: readonly string[] }[] };
  const outside = [...new Set(sites.flatMap(({ classes }) => classes))];
  return {
    // Name servers of the stack's own hold the zone: nobody else can say whose it is.
    ...(dns === "own" ? { ownDomains: [String(config.domain)] } : {}),
    ...(outside.length > 0 ? { flexibleClasses: outside } : {}),
  };
}

const comments: Readonly<Record<string, string>> = {
  ownDomains: "the stack's own name servers answer for it: that it is yours is what nobody can look up",
  flexibleClasses: "may stand outside the EU, where what holds them is noted; all other classes are refused there",
};

export function renderSettings(settings: CheckSettings): string {
  const lines = Object.entries(settings).map(
    // Domains and classes: words that YAML takes as they are.
    ([key, values]) => `${key}: [${values.join(", ")}] # ${comments[key]}\n`,
  );
  return `# What the checks take for right: docs/checks.md\n${lines.join("")}`;
}

/** What a text has at its keys; nothing for one that is no YAML: the checks say what is wrong with it. */
function contentOf(text: string): Record<string, unknown> {
  try {
    return (parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Whether the checks take a value for one that is named: a domain also for what is below it. */
const isNamed = (key: string, value: string, named: unknown): boolean =>
  value === named || (key === "ownDomains" && typeof named === "string" && isBelow(value, named.toLowerCase()));

/** What a settings file lacks. */
export function missingSettings(text: string, wanted: CheckSettings): CheckSettings {
  const present = contentOf(text);
  const lists = Object.entries(wanted).map(([key, values]): [string, readonly string[]] => {
    const has = Array.isArray(present[key]) ? (present[key] as unknown[]) : [];
    return [key, values.filter((value) => !has.some((named) => isNamed(key, value, named)))];
  });
  return Object.fromEntries(lists.filter(([, values]) => values.length > 0));
}

/**
 * Writes the settings where there are none yet. What somebody else has written stays: it is for them to add to it.
 * @throws CommandError when it cannot be read or written
 */
export function writeSettings(file: string, settings: CheckSettings): SettingsFile {
  if (Object.keys(settings).length === 0) return { kind: "none", file };
  const isThere = existsSync(file);
  try {
    if (isThere) return settingsIn(file, readFileSync(file, "utf8"), settings);
    writeWholeFile(file, renderSettings(settings), { mayReplace: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(`${file} cannot be ${isThere ? "read" : "written"}: ${code}`, 2);
  }
  return { kind: "written", file };
}

function settingsIn(file: string, text: string, wanted: CheckSettings): SettingsFile {
  const missing = missingSettings(text, wanted);
  const keys = Object.keys(missing);
  if (keys.length === 0) return { kind: "enough", file };
  const content = contentOf(text);
  return { kind: "lacks", file, missing, present: keys.filter((key) => key in Object(content)) };
}

/** What is left to do about it, for people; none where nothing is. */
export function settingsStep(outcome: SettingsFile): string[] {
  const name = basename(outcome.file);
  if (outcome.kind === "written")
    return [`Read ${name}: it tells the checks what they cannot know. Keep it with the configuration.`];
  if (outcome.kind !== "lacks") return [];
  // A key that is there must not come a second time.
  const { missing, present } = outcome;
  const others = Object.fromEntries(Object.entries(missing).filter(([key]) => !present.includes(key)));
  const lines = [
    ...present.map((key) => `to the list ${key}: ${missing[key]!.join(", ")}`),
    ...renderSettings(others).trim().split("\n").slice(1),
  ];
  return [`Add to ${name}, without which the checks refuse this stack:`, ...lines.map((line) => `     ${line}`)];
}
