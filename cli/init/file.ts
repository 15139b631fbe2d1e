/** The configuration file: written with the reasons in it, checked as a whole, and never half there. */
import { existsSync, readFileSync } from "node:fs";
import { Document, isCollection, isMap, isNode, isScalar, parseDocument, type YAMLMap } from "yaml";
import { writeWholeFile } from "../../lab/session/whole-file.ts";
import { checkStackFile } from "../../stacks/config/file.ts";
import { CommandError } from "../output.ts";
import type { ConfigInput } from "./config.ts";
import type { Recommendation } from "./recommend.ts";
import { eurText } from "./words.ts";

const namespace = "sovereign:";

/** What a file held that a new one keeps: the engine's encryption, and other projects' keys such as the provider's token. */
export interface Kept {
  readonly top: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, unknown>>;
  /** Paths of encrypted values that go with the configuration before. */
  readonly lost: readonly string[];
}

const nothing: Kept = { top: {}, config: {}, lost: [] };

/** What has to be kept of the text of a configuration file that is overwritten. */
export function keptOf(text: string): Kept {
  const document = parseDocument(text);
  const content: unknown = document.errors.length > 0 ? undefined : document.toJS({ maxAliasCount: 0 });
  if (typeof content !== "object" || content === null) return nothing;
  const { config = {}, ...top } = content as { config?: Record<string, unknown> };
  const isOthers = (key: string) => key.includes(":") && !key.startsWith(namespace);
  const checked = checkStackFile(text);
  return {
    top,
    config: Object.fromEntries(Object.entries(config ?? {}).filter(([key]) => isOthers(key))),
    lost: checked.kind === "checked" ? checked.encrypted : [],
  };
}

type Path = readonly (string | number)[];

const commentsFor = ({ topology, locations, durability, dns, config }: Recommendation): [Path, string][] => [
  ...(locations.length > 1 ? [[["locations"], "in order: the primary first"] as [Path, string]] : []),
  [
    ["dns", "zone"],
    dns === "own"
      ? "delegated to the stack's own name servers: the output nameServers is for the registrar"
      : "at the provider",
  ],
  [["dns", "create"], "its name servers are the output nameServers, for the registrar"],
  [
    ["loadBalancer", "certificate", "kind"],
    "in the environment variables ENTRANCE_CERTIFICATE and ENTRANCE_CERTIFICATE_KEY, or here",
  ],
  [["app", "servers"], locations.length > 1 ? "in each location" : "at least two serve on while one is replaced"],
  [
    ["app", "workload", "kind"],
    isExample(config) ? "the example shop: put your own workload here" : "pinned by its digest",
  ],
  [
    ["redis", "nodes"],
    locations.length > 1
      ? "in each location: sessions and cache stay in theirs"
      : "3 fail over by themselves, 1 does not",
  ],
  [
    ["postgres", "durability"],
    durability === "zero-loss"
      ? "a commit is on disk twice before it is acknowledged, where there are two machines"
      : "a commit does not wait for the other location",
  ],
  ...(hasBackup(config) ? [] : [[["postgres", "backup"], "none: what is deleted is gone"] as [Path, string]]),
  [["postgres", "backup", "endpoint"], "another location than the primary's"],
  [["postgres", "backup", "bucket"], "made by hand beforehand"],
  ...(topology === "hybrid"
    ? ([
        [["edge", "admin", "sshKeys"], "keys that open nothing of the core"],
        [
          ["edge", "sites", 0, "certificate", "kind"],
          "in EDGE_CERTIFICATE and EDGE_CERTIFICATE_KEY, or here; for these names and not for the core's",
        ],
        [["edge", "sites", 0, "paths"], "all that is served outside: name what never differs by visitor"],
      ] as [Path, string][])
    : []),
];

const hasBackup = (config: ConfigInput): boolean => (config.postgres as { backup: unknown }).backup !== false;

const isExample = (config: ConfigInput): boolean =>
  (config.app as { workload: { kind: string } }).workload.kind === "service";

/** Puts a comment behind a value, or above a collection. */
function comment(document: Document, path: Path, text: string): void {
  const [key, ...rest] = path;
  const whole = ["config", namespace + String(key), ...rest];
  const node = document.getIn(whole, true);
  if (isScalar(node)) node.comment = ` ${text}`;
  else if (isCollection(node)) {
    const parent = document.getIn(whole.slice(0, -1), true) as YAMLMap | undefined;
    const pair = isMap(parent)
      ? parent.items.find((item) => isScalar(item.key) && item.key.value === whole.at(-1))
      : undefined;
    if (pair && isNode(pair.key)) pair.key.commentBefore = ` ${text}`;
  }
}

/** Lists of words in one line. */
function flatten(document: Document, input: ConfigInput, path: Path = []): void {
  for (const [key, value] of Object.entries(input)) {
    const here = [...path, path.length === 0 ? namespace + key : Array.isArray(input) ? Number(key) : key];
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) {
      const node = document.getIn(["config", ...here], true);
      if (isCollection(node)) node.flow = true;
    } else if (typeof value === "object" && value !== null) flatten(document, value as ConfigInput, here);
  }
}

/** The text of `Pulumi.<stack>.yaml`. */
export function renderFile(recommendation: Recommendation, kept: Kept = nothing): string {
  const { config, title, cost, reasons } = recommendation;
  const named = Object.fromEntries(Object.entries(config).map(([key, value]) => [namespace + key, value]));
  const document = new Document(
    { ...kept.top, config: { ...kept.config, ...named } },
    { aliasDuplicateObjects: false },
  );
  flatten(document, config);
  for (const [path, text] of commentsFor(recommendation)) comment(document, path, text);
  const head = [
    "# yaml-language-server: $schema=./schema.json",
    `# ${title}: ${eurText(cost.monthlyNet)} a month when it was chosen${cost.unpriced.length > 0 ? ", without what has no known price" : ""}. Every key and its default: docs/config.md`,
    "# Why:",
    ...reasons.map(({ text }) => `#   ${text}`),
  ];
  return `${head.join("\n")}\n${document.toString({ lineWidth: 0, flowCollectionPadding: false })}`;
}

/** @throws Error for a text that the stack's program would refuse: a bug */
export function requireRight(text: string): void {
  const checked = checkStackFile(text);
  const problems = checked.kind === "checked" ? checked.problems : [checked.message];
  if (problems.length > 0) throw new Error(`the configuration is refused: ${problems.join("; ")}`);
}

/** @throws CommandError for a file that is there already, unless it may be overwritten */
export function requireFree(file: string, force: boolean): void {
  if (!force && existsSync(file)) throw taken(file);
}

const taken = (file: string) =>
  new CommandError(`${file} exists already: take another name with --stack, or --force to overwrite it`, 2);

/**
 * Writes a file that is whole whenever this process ends.
 * @throws CommandError when it is there already and may not be overwritten, or cannot be written
 */
export function writeWhole(file: string, text: string, force: boolean): void {
  try {
    writeWholeFile(file, text, { mayReplace: force });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === "EEXIST" && !force ? taken(file) : new CommandError(`${file} cannot be written: ${code}`, 2);
  }
}

export const keptIn = (file: string): Kept => (existsSync(file) ? keptOf(readFileSync(file, "utf8")) : nothing);
