import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { PolicyFileNames } from "../files.ts";

/**
 * The project that the engine was started in. The engine starts packs in their own folder and does not tell them the project's; the
 * shell's `PWD` is handed on, and from there the project is looked for as the engine does: upwards.
 */
export function projectFolder(env: NodeJS.ProcessEnv = process.env): string {
  const started = resolve(env.PWD || ".");
  for (let folder = started; ; folder = dirname(folder)) {
    if (["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"].some((name) => existsSync(join(folder, name)))) return folder;
    if (folder === dirname(folder)) return started;
  }
}

/** Paths as people write them in the pack's configuration: relative to the folder of the other files. */
export function within(
  folder: string,
  { settings, register, exemptions, catalogue }: PolicyFileNames,
): PolicyFileNames {
  return {
    ...(settings !== undefined && { settings: resolve(folder, settings) }),
    ...(register !== undefined && { register: resolve(folder, register) }),
    ...(exemptions !== undefined && { exemptions: resolve(folder, exemptions) }),
    ...(catalogue !== undefined && { catalogue: catalogue.map((file) => resolve(folder, file)) }),
  };
}
