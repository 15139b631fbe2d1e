/** The file that `pulumi import --file` reads. */
import type { Importable, ResourceType } from "./resources.ts";

/** One resource of the file, as Pulumi documents it. */
export interface ImportEntry {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  /** Of the provider's plugin: the one that this project is tested with, so that no other one is looked for. */
  readonly version: string;
  /** Filled in where the provider's import gives no value. */
  readonly inputs?: Readonly<Record<string, string>>;
}

export interface ImportFile {
  readonly resources: readonly ImportEntry[];
}

const MAX_NAME = 100;

/**
 * Gives each resource a valid name of its own, in the order given: its own name if that is free, else with its type,
 * else with its id too. Names are told apart without regard to upper and lower case, and over all types: the file
 * refers to resources by name alone.
 */
export function importFile(resources: readonly Importable[], version: string): ImportFile {
  const taken = new Set<string>();
  return {
    resources: resources.map(({ type, id, name, inputs }) => {
      const own = validName(name);
      const [chosen] = [own, join(own, kebab(type)), join(own, `${kebab(type)}-${validName(id)}`)].filter(
        (candidate) => candidate !== "" && !taken.has(candidate.toLowerCase()),
      );
      const unique = chosen ?? numbered(join(own, kebab(type)), taken);
      taken.add(unique.toLowerCase());
      return { type: token(type), name: unique, id, version, ...(inputs && { inputs }) };
    }),
  };
}

/** `hcloud:index/sshKey:SshKey` */
export function token(type: ResourceType): string {
  return `hcloud:index/${type[0]!.toLowerCase()}${type.slice(1)}:${type}`;
}

/** Letters, digits, `.`, `_` and `-`, beginning with a letter or a digit; empty if nothing is left of it. */
export function validName(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/-{2,}/g, "-")
    .slice(0, MAX_NAME)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
}

function join(name: string, more: string): string {
  return name === "" ? more : `${name.slice(0, MAX_NAME - 1 - more.length)}-${more}`;
}

function numbered(name: string, taken: ReadonlySet<string>): string {
  for (let count = 2; ; count++) {
    const candidate = join(name, String(count));
    if (!taken.has(candidate.toLowerCase())) return candidate;
  }
}

const kebab = (type: string): string => type.replace(/(?<!^)([A-Z])/g, "-$1").toLowerCase();
