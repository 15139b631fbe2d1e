/** Where a lab lives: one folder per lab below the project's `.sovereign/labs`. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWholeFile } from "./whole-file.ts";

/** What a user may do about it stands in the message. */
export class LabError extends Error {}

/** @default name of a lab */
export const DEFAULT_LAB = "default";

/** Port that a lab takes when none is asked for and nothing else listens there. */
export const DEFAULT_PORT = 4570;

/** What a command needs to mean a lab: nothing for the default one. */
export const nameFlag = (name: string): string => (name === DEFAULT_LAB ? "" : ` --name ${name}`);

export interface LabFiles {
  readonly folder: string;
  /** Store of the API. */
  readonly data: string;
  /** State of Pulumi stacks, as the file backend keeps it. */
  readonly state: string;
  readonly secrets: string;
  /** Which process serves the lab, and on which port. */
  readonly process: string;
  readonly log: string;
  /** Disks of machines, their volumes and what serves them; only in labs that have had machines. */
  readonly machines: string;
}

export function labsFolder(project: string): string {
  return join(project, ".sovereign", "labs");
}

export const isLabName = (name: string): boolean => /^[a-z0-9][a-z0-9-]{0,30}$/.test(name);

/** @throws LabError when the name cannot be one of a folder */
export function labFiles(project: string, name: string): LabFiles {
  if (!isLabName(name)) {
    throw new LabError(
      `${JSON.stringify(name)} is not a name for a lab: use up to 31 of a-z, 0-9 and -, such as "trial"`,
    );
  }
  const folder = join(labsFolder(project), name);
  return {
    folder,
    data: join(folder, "api"),
    state: join(folder, "pulumi"),
    secrets: join(folder, "secrets.json"),
    process: join(folder, "process.json"),
    log: join(folder, "lab.log"),
    machines: join(folder, "machines"),
  };
}

/** The content of a JSON file; undefined when it is missing or damaged. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** Writes a file that nobody else may read; readers see the old content or the new one, never a part. */
export const writeJson = (file: string, value: unknown): void =>
  writeWholeFile(file, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 });

/** Creates the folders of a lab, closed to other users. */
export function makeFolders(files: LabFiles): void {
  for (const folder of [files.folder, files.data, files.state]) mkdirSync(folder, { recursive: true, mode: 0o700 });
}
