/**
 * Reads the catalogue. Its facts stand in YAML files for people; programs read `compiled.json`, made of them by
 * `npm run generate`, since parsing the YAML takes longer than a whole check of a deployment. Where the files have changed
 * since, they are read themselves: slower, and never outdated.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { addFile, CatalogueError, digestOf, parseFiles, type SourceFile } from "./files.ts";
import { createCatalogue } from "./lookup.ts";
import type { Catalogue, CatalogueData } from "./types.ts";

const folder = import.meta.dirname;

/** Files of one's own are lists of companies, not databases. */
const MOST_BYTES = 5_000_000;

export interface LoadOptions {
  /** Files of one's own, in order; a later one wins. Form: docs/catalogue.md. */
  readonly additions?: readonly string[];
  /** YYYY-MM-DD, for adequacy decisions with an end. @default all are taken to hold */
  readonly today?: string;
}

/** @throws CatalogueError if a file cannot be read or says something wrong: with file, entry and path */
export function loadCatalogue({ additions = [], today }: LoadOptions = {}): Catalogue {
  const data = additions.map(readAddition).reduce(addFile, builtIn());
  return createCatalogue(data, { today });
}

/** The YAML files beside this one, sorted by name. */
export function sourceFiles(): SourceFile[] {
  const names = ["vendors", "providers"].flatMap((kind) =>
    readdirSync(join(folder, kind))
      .filter((name) => name.endsWith(".yaml"))
      .sort()
      .map((name) => `${kind}/${name}`),
  );
  return [...names, "addresses.yaml"].map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
}

function builtIn(): CatalogueData {
  const sources = sourceFiles();
  const compiled = readCompiled();
  return compiled?.digest === digestOf(sources) ? compiled : parseFiles(sources);
}

function readCompiled(): (CatalogueData & { readonly digest: string }) | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "compiled.json"), "utf8"));
  } catch {
    return undefined;
  }
}

function readAddition(path: string): SourceFile {
  try {
    const { size } = statSync(path);
    if (size > MOST_BYTES) throw new CatalogueError([`${path}: ${size} bytes; at most ${MOST_BYTES} are read`]);
    return { name: path, text: readFileSync(path, "utf8") };
  } catch (error) {
    if (error instanceof CatalogueError) throw error;
    throw new CatalogueError([`${path}: cannot be read: ${(error as NodeJS.ErrnoException).code}`]);
  }
}
