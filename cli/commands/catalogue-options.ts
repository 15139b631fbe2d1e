import { Option } from "commander";
import { CatalogueError } from "../../policies/catalogue/files.ts";
import { loadCatalogue } from "../../policies/catalogue/load.ts";
import type { Catalogue } from "../../policies/catalogue/types.ts";
import { todayUtc } from "../../policies/index.ts";
import { CommandError } from "../output.ts";

export const catalogueFilesOption = (): Option =>
  new Option("--catalogue <files...>", "catalogue entries of your own").default([], "none");

/** @throws CommandError (exit code 2) with every problem of the files */
export function openCatalogue(additions: readonly string[]): Catalogue {
  try {
    return loadCatalogue({ additions, today: todayUtc() });
  } catch (error) {
    if (error instanceof CatalogueError) throw new CommandError(error.message, 2);
    throw error;
  }
}
