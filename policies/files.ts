/** Reads what a deployment's owners wrote down for its checks: settings, register, exemptions, catalogue entries of their own. */
import { readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { closest } from "fastest-levenshtein";
import { InputError } from "../graph/errors.ts";
import { parseYaml } from "../graph/yaml.ts";
import { emptyRegister, parseRegister, type Register } from "../register/register.ts";
import { loadCatalogue } from "./catalogue/load.ts";
import type { Catalogue } from "./catalogue/types.ts";
import { type Exemptions, noExemptions, parseExemptions } from "./core/exemptions.ts";
import { defaultSettings, parseSettings, type Settings } from "./core/settings.ts";
import { packs } from "./rules/index.ts";

/** Names that are looked for in the project's folder where no file is named. */
export const POLICY_FILES = {
  settings: "policy-settings.yaml",
  register: "approved-services.yaml",
  exemptions: "exemptions.yaml",
} as const;

/** Paths; absent: the file of the usual name in the folder, if there is one. */
export interface PolicyFileNames {
  readonly settings?: string;
  readonly register?: string;
  readonly exemptions?: string;
  /** Files with catalogue entries of one's own. */
  readonly catalogue?: readonly string[];
}

export interface PolicyInputs {
  readonly catalogue: Catalogue;
  readonly settings: Settings;
  readonly register: Register;
  readonly exemptions: Exemptions;
  /** The files that were read, for people. */
  readonly read: readonly string[];
}

/**
 * @param folder where files of the usual names are looked for
 * @throws InputError, CatalogueError for a file that is named and missing, or that says something wrong
 */
export function loadPolicyInputs(folder: string, names: PolicyFileNames, today: string): PolicyInputs {
  const read: string[] = [];
  const content = (kind: keyof typeof POLICY_FILES): { path: string; value: unknown } | undefined => {
    const path = names[kind] ?? join(folder, POLICY_FILES[kind]);
    const value = readYaml(path, names[kind] !== undefined);
    if (value === undefined) return undefined;
    read.push(path);
    return { path, value: value.content };
  };
  const settings = content("settings");
  const register = content("register");
  const exemptions = content("exemptions");
  const additions = names.catalogue ?? [];
  return {
    catalogue: loadCatalogue({ additions, today }),
    settings: settings ? explained(settings.path, () => settingsOf(settings.value)) : defaultSettings,
    register: register ? explained(register.path, () => wholeRegister(register.value)) : emptyRegister,
    exemptions: exemptions
      ? explained(exemptions.path, () => parseExemptions(exemptions.value, basename(exemptions.path)))
      : noExemptions,
    read: [...read, ...additions],
  };
}

/** @throws Error with everything that is wrong; a severity for a rule that does not exist would weigh nothing, and nobody would notice */
export function settingsOf(content: unknown): Settings {
  const settings = parseSettings(content);
  const ids: readonly string[] = Object.values(packs).flatMap((rules) => rules.map(({ id }) => id));
  const unknown = Object.keys(settings.severities).filter((id) => !ids.includes(id));
  if (unknown.length > 0)
    throw new Error(
      unknown.map((id) => `severities.${id}: there is no such rule; did you mean ${closest(id, ids)}?`).join("; "),
    );
  return settings;
}

/** An entry that cannot be read approves nothing; that it was meant to has to be known before anything is checked. */
function wholeRegister(content: unknown): Register {
  const { register, problems } = parseRegister(content);
  if (problems.length > 0)
    throw new Error(problems.map(({ index, message }) => `services[${index}]: ${message}`).join("\n  "));
  return register;
}

/** Files for people to read are not longer. */
const MOST_BYTES = 4_000_000;

function readYaml(path: string, isNamed: boolean): { readonly content: unknown } | undefined {
  let text: string;
  try {
    if (statSync(path).size > MOST_BYTES) throw new InputError(path, `longer than ${MOST_BYTES / 1e6} MB`);
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && !isNamed) return undefined;
    if (error instanceof InputError) throw error;
    throw new InputError(path, `cannot be read (${code})`);
  }
  const documents = parseYaml(text, path);
  if (documents.length > 1) throw new InputError(path, "more than one YAML document");
  return { content: documents[0]?.value };
}

/**
 * A file that users write, read by its parser.
 *
 * @param isNamed whether somebody named it: only then has it to be there
 * @returns undefined where it is not there and nobody named it
 * @throws InputError for what cannot be read or says something wrong
 */
export function readUserFile<T>(path: string, isNamed: boolean, parse: (content: unknown) => T): T | undefined {
  const value = readYaml(path, isNamed);
  return value && explained(path, () => parse(value.content));
}

function explained<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new InputError(path, (error as Error).message);
  }
}
