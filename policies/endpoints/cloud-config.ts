import { type Part, partOf, withOtherNumbers } from "./alike.ts";
import { ANYWHERE, type Texts } from "./budget.ts";
import { Collector, NOTHING, type Reading, recall, remember } from "./collector.ts";
import { json, withoutPem, yamlDocuments } from "./documents.ts";
import { isFiles, type Rest, recallRest, rememberFile, rememberRest, restOf, splitFiles } from "./files.ts";
import { limits } from "./limits.ts";
import { readLines } from "./plain-text.ts";
import { changesSetting, PLAIN, type Setting, statesStorage, type Visitor, walk, walkEntry } from "./tree.ts";

const isNothing = (reading: Reading | Rest): boolean =>
  "before" in reading ? reading.before === NOTHING && reading.after === NOTHING : reading === NOTHING;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

export function readCloudConfig(texts: Texts, out: Collector, text: string, depth: number) {
  if (/^\s*##\s*template:/.test(text)) {
    const second = text.trimStart().replace(/^[^\n]*\n/, "");
    if (!second.startsWith("#cloud-config")) return out.merge([], texts.read(second, ANYWHERE, depth + 1));
  }
  const setting: Setting = { ...PLAIN, cloudConfig: true };
  const body = text.slice(text.indexOf("#cloud-config"));
  const rest = body.slice(body.indexOf("\n") + 1);
  if (!body.includes("\n")) return;
  if (/^\s*[[{]/.test(rest)) {
    if (readFiles(texts, out, rest, setting, depth)) return;
    const value = json(rest);
    if (value !== undefined) return texts.tree(out, value, setting, depth);
  }
  const documents = yamlDocuments(rest);
  if (documents === "too-big" || documents === undefined) {
    out.fail(
      [],
      documents === "too-big" ? "too-big" : "broken",
      `cloud-config that ${documents === "too-big" ? "is too large to parse" : "is no YAML"}`,
    );
    return readLines(texts, out, withoutPem(text), depth);
  }
  for (const document of documents) texts.tree(out, document, setting, depth);
  implied(out, documents[0]);
}

/** @returns whether it was a cloud-config in JSON whose files could be looked at one by one */
function readFiles(texts: Texts, out: Collector, text: string, setting: Setting, depth: number): boolean {
  const split = splitFiles(partOf(text));
  if (!split) return false;
  const readings: Reading[] = [];
  for (const [i, entry] of split.entries.entries()) {
    const found = "known" in entry ? entry.known : readFile(texts, entry, i, setting, depth);
    if (!found) return false;
    readings.push(found);
  }
  const rest = recallRest(split) ?? readRest(texts, split.rest, setting, depth);
  if (!rest) return false;
  out.merge([], rest.before);
  for (const reading of readings) out.merge([], reading);
  out.merge([], rest.after);
  return true;
}

/** @returns nothing where a file cannot be parsed alone, or says something of the others */
function readFile(texts: Texts, part: Part, index: number, setting: Setting, depth: number): Reading | undefined {
  return readAlike<Reading>(
    texts,
    part,
    `file ${index}`,
    (raw) => {
      const value = json(raw);
      if (value === undefined || statesStorage(value)) return undefined;
      const out = new Collector();
      walkEntry(value, "write_files", index, setting, texts.visitor(out, depth));
      return out.reading();
    },
    (reading, plain) => rememberFile(index, part, reading, plain),
  );
}

/** A cloud-config but for its files. @returns nothing where it says something of them, or is not the whole of it */
function readRest(texts: Texts, part: Part, setting: Setting, depth: number): Rest | undefined {
  return readAlike<Rest>(
    texts,
    part,
    "rest",
    (raw) => {
      const config = restOf(raw);
      if (!config || changesSetting(config, setting)) return undefined;
      const before = new Collector();
      const after = new Collector();
      const visitors = [texts.visitor(before, depth), texts.visitor(after, depth)] as const;
      let [visitor] = visitors as readonly Visitor[];
      walk(config, setting, {
        text: (found) => {
          if (isFiles(found.text, found.path)) visitor = visitors[1];
          else visitor!.text(found);
        },
        unseen: () => undefined,
        tooDeep: (path, secret) => visitor!.tooDeep(path, secret),
      });
      return { before: before.reading(), after: after.reading() };
    },
    (reading, plain) => rememberRest(part, reading, plain),
  );
}

/**
 * Reads a part of a cloud-config, unless a part was read that differs from it in nothing that matters.
 * @param read gives nothing for what has to be read otherwise
 * @param found is told what was found, and whether it holds for all that is alike
 */
function readAlike<R extends Reading | Rest>(
  { budget }: Texts,
  { raw, alike }: Part,
  mark: string,
  read: (raw: string) => R | undefined,
  found: (reading: R, plain: boolean) => void,
): R | undefined {
  const known = recall<R>(alike, `${mark} alike`) ?? recall<R>(raw, mark);
  if (known) {
    found(known.reading, known.plain);
    return known.reading;
  }
  const outer = budget.begin();
  const reading = read(raw);
  if (reading && !budget.limited && raw.length < limits.rememberedCharacters / 16) {
    const plain = budget.plain && (isNothing(reading) || same(reading, read(withOtherNumbers(raw))));
    if (plain) remember(alike, reading, true, `${mark} alike`);
    else remember(raw, reading, false, mark);
    found(reading, plain);
  }
  budget.end(outer);
  return reading;
}

/** Settings of cloud-init that reach a service which they do not name. */
function implied(out: Collector, config: unknown): void {
  if (typeof config !== "object" || config === null) return;
  const settings = config as Record<string, unknown>;
  if (settings.ubuntu_pro || settings.ubuntu_advantage)
    out.lead([settings.ubuntu_pro ? "ubuntu_pro" : "ubuntu_advantage"], {
      host: "contracts.canonical.com",
      kind: "name",
      form: "package-source",
    });
}
