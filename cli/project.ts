import { join, relative } from "node:path";
import { projectRoot } from "../toolchain/versions.ts";

export { projectRoot };

/** The folder of the stacks' configuration files. */
export const configFolder = join(projectRoot, "stacks", "config");

export function stackConfigFile(stack: string): string {
  return join(configFolder, `Pulumi.${stack}.yaml`);
}

/** A file as people see it from where they stand. */
export function shownPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") ? file : path;
}
