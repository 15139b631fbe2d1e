/** From the text of the catalogue's files to checked data. No I/O. */
import { createHash } from "node:crypto";
import { parse, YAMLParseError } from "yaml";
import type { z } from "zod";
import { brokenReferences, duplicates, type Problem } from "./check.ts";
import { extendProvider, mergeData } from "./merge.ts";
import {
  type Additions,
  additionsSchema,
  addressFileSchema,
  providerFileSchema,
  providerSchema,
  vendorFileSchema,
} from "./schema.ts";
import type { CatalogueData, Provider } from "./types.ts";

/** A file by its name as people know it: `vendors/cdn.yaml`. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

/** Everything that is wrong with files of the catalogue: `FILE: ENTRY: PATH: what`. */
export class CatalogueError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(["The catalogue cannot be used:", ...problems.map((problem) => `  ${problem}`)].join("\n"));
    this.name = "CatalogueError";
    this.problems = problems;
  }
}

/** Which files the data was made of. */
export function digestOf(files: readonly SourceFile[]): string {
  const hash = createHash("sha256");
  for (const { name, text } of files) hash.update(`${name}\0${text}\0`);
  return hash.digest("hex");
}

/**
 * Reads the catalogue's own files.
 *
 * @throws CatalogueError with every problem of every file
 */
export function parseFiles(files: readonly SourceFile[]): CatalogueData {
  const reader = new Reader();
  const of = <T>(folder: string, schema: z.ZodType<T[]>): T[] =>
    files.filter(({ name }) => name.startsWith(folder)).flatMap((file) => reader.read(file, schema) ?? []);
  const data: CatalogueData = {
    vendors: of("vendors/", vendorFileSchema),
    providers: of("providers/", providerFileSchema),
    addresses: of("addresses.yaml", addressFileSchema),
  };
  reader.finish();
  reader.report([...duplicates(data), ...brokenReferences(data, data)]);
  reader.finish();
  return data;
}

/**
 * Puts a file of one's own over the data.
 *
 * @throws CatalogueError with every problem of the file
 */
export function addFile(base: CatalogueData, file: SourceFile): CatalogueData {
  const reader = new Reader();
  const additions = reader.read(file, additionsSchema);
  reader.finish();
  const added: CatalogueData = {
    vendors: additions!.vendors,
    providers: additions!.providers.flatMap((provider, index) => reader.provider(file, index, provider, base)),
    addresses: additions!.addresses,
  };
  reader.finish();
  for (const entry of Object.values(added).flat()) reader.origins.set(entry, file.name);
  const all = mergeData(base, added);
  reader.report([...duplicates(added), ...brokenReferences(added, all)]);
  reader.finish();
  return all;
}

/** Collects problems over files, so that people see all at once. */
class Reader {
  readonly origins = new Map<object, string>();
  private readonly problems: string[] = [];

  read<S extends z.ZodType>(file: SourceFile, schema: S): z.output<S> | undefined {
    let content: unknown;
    try {
      content = parse(file.text, { logLevel: "error" });
    } catch (error) {
      const line = error instanceof YAMLParseError ? error.linePos?.[0].line : undefined;
      this.problems.push(`${file.name}${line ? `:${line}` : ""}: no YAML: ${(error as Error).message.split("\n")[0]}`);
      return undefined;
    }
    const result = schema.safeParse(content);
    if (!result.success) {
      for (const issue of result.error.issues) this.issue(file.name, content, issue.path, issue.message);
      return undefined;
    }
    if (Array.isArray(result.data)) for (const entry of result.data) this.origins.set(entry, file.name);
    return result.data;
  }

  /** A provider of an added file: on top of the one that is listed, or whole. */
  provider(file: SourceFile, index: number, addition: Additions["providers"][number], base: CatalogueData): Provider[] {
    const listed = base.providers.find((provider) => provider.package === addition.package);
    if (listed) return [extendProvider(listed, addition)];
    const whole = providerSchema.safeParse(addition);
    if (whole.success) return [whole.data];
    for (const { path, message } of whole.error.issues) {
      this.issue(file.name, { providers: { [index]: addition } }, ["providers", index, ...path], message);
    }
    return [];
  }

  report(problems: Iterable<Problem>): void {
    for (const { entry, path, message } of problems) {
      this.problems.push([this.origins.get(entry) ?? "the catalogue", nameOf(entry), path, message].join(": "));
    }
  }

  finish(): void {
    if (this.problems.length > 0) throw new CatalogueError(this.problems);
  }

  private issue(file: string, content: unknown, path: readonly PropertyKey[], message: string): void {
    const at = path.findIndex((key) => typeof key === "number");
    const entry = at < 0 ? undefined : path.slice(0, at + 1).reduce(child, content);
    const where = at < 0 ? [] : [nameOf(entry) ?? `entry ${Number(path[at]) + 1}`];
    const rest = renderPath(at < 0 ? path : path.slice(at + 1));
    this.problems.push([file, ...where, ...(rest ? [rest] : []), message].join(": "));
  }
}

function child(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;
}

/** What people call an entry: its id, package or network. */
function nameOf(entry: unknown): string | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  const { id, package: name, cidr } = entry as Record<string, unknown>;
  const known = [id, name, cidr].find((value) => typeof value === "string");
  return known === undefined ? undefined : String(known).slice(0, 100);
}

function renderPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key)),
    "",
  );
}

/** The data as the JSON file that is read in place of the YAML files: an entry a line. */
export function renderCompiled(files: readonly SourceFile[]): string {
  const data = parseFiles(files);
  const list = (name: keyof CatalogueData) =>
    `"${name}": [\n${data[name].map((entry) => JSON.stringify(entry)).join(",\n")}\n]`;
  return `{\n"digest": "${digestOf(files)}",\n${list("vendors")},\n${list("providers")},\n${list("addresses")}\n}\n`;
}
