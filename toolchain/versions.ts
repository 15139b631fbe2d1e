import { readFileSync } from "node:fs";
import path from "node:path";

/** The folder this project stands in. */
export const projectRoot = path.dirname(import.meta.dirname);

/** The versions of the engine and the plugins, as package.json pins them. */
export interface Versions {
  pulumi: string;
  hcloud: string;
  random: string;
}

/**
 * Reads the pinned versions: package.json is where they are written down, for npm and for the builds alike.
 * @throws when one of them is missing or not exact.
 */
export function readVersions(root: string = projectRoot): Versions {
  const { dependencies } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const exact = (name: string): string => {
    const version: unknown = dependencies?.[name];
    if (typeof version === "string" && /^\d+\.\d+\.\d+$/.test(version)) return version;
    throw new Error(`package.json: dependencies.${name} is ${JSON.stringify(version)}, expected an exact version`);
  };
  return { pulumi: exact("pulumi"), hcloud: exact("@pulumi/hcloud"), random: exact("@pulumi/random") };
}
