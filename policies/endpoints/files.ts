import type { Part } from "./alike.ts";
import { ownCopy, type Reading } from "./collector.ts";
import { json } from "./documents.ts";

/** Stands for `write_files` in a cloud-config whose files are looked at one by one. */
const FILES = "\uE001write_files";

/** What a cloud-config leads to but for its files, before and behind them. */
export interface Rest {
  readonly before: Reading;
  readonly after: Reading;
}

/** A cloud-config in JSON, with what it writes taken out. */
export interface Split {
  /** With a mark where the files were: for {@link restOf}. */
  readonly rest: Part;
  /** The files, each a JSON object, or what it leads to, where another machine had one like it at the same place. */
  readonly entries: readonly (Part | { readonly known: Reading })[];
  readonly whole: Part;
  /** Where the list of files begins and ends in the whole. */
  readonly list: readonly [from: number, to: number];
}

/** Machines of one deployment differ in few of their files: the others need be neither parsed nor looked through again. */
interface Known<R> {
  /** Of a part that leads to the same whatever its numbers are: what is alike. */
  readonly plain: boolean;
  readonly text: string;
  readonly reading: R;
}

/** Versions of one file that are kept, as of machines of different roles. */
const VERSIONS = 8;
const CHARACTERS = 4 * 1024 * 1024;

let files: Known<Reading>[][] = [];
let rests: (Known<Rest> & { readonly tail: string })[] = [];
let characters = 0;

export function rememberFile(index: number, { raw, alike }: Part, reading: Reading, plain: boolean): void {
  if (raw.length > CHARACTERS / 16 || index > 1000) return;
  if (characters > CHARACTERS) forgetFiles();
  files[index] ??= [];
  keep(files[index], { plain, text: ownCopy(plain ? alike : raw), reading });
}

export function rememberRest({ raw, alike }: Part, reading: Rest, plain: boolean): void {
  const text = plain ? alike : raw;
  const at = text.indexOf(FILES_PART);
  if (at < 0 || text.length > CHARACTERS / 16) return;
  if (characters > CHARACTERS) forgetFiles();
  keep(rests, {
    plain,
    text: ownCopy(text.slice(0, at)),
    tail: ownCopy(text.slice(at + FILES_PART.length)),
    reading,
  });
}

function keep<K extends { readonly text: string; readonly tail?: string }>(versions: K[], version: K): void {
  versions.unshift(version);
  characters += lengthOf(version);
  if (versions.length > VERSIONS) characters -= lengthOf(versions.pop()!);
}

const lengthOf = ({ text, tail = "" }: { readonly text: string; readonly tail?: string }): number =>
  text.length + tail.length;

export function forgetFiles(): void {
  files = [];
  rests = [];
  characters = 0;
}

const LIST = '"write_files":[';
const FILES_PART = `"write_files":"${FILES}"`;

/**
 * Takes the files out of a cloud-config in JSON without parsing them. Undefined where that is not sure to be the same as parsing it whole:
 * then it is to be parsed.
 */
export function splitFiles(whole: Part): Split | undefined {
  const { raw, alike } = whole;
  // Within a text its quotes would be escaped.
  const list = raw.indexOf(`${LIST}{`);
  if (list < 1 || !"{,".includes(raw[list - 1]!) || raw.length !== alike.length) return undefined;
  const entries: Split["entries"][number][] = [];
  let at = list + LIST.length;
  for (;;) {
    const known = recallFile(entries.length, whole, at);
    const end = known ? at + known.text.length : objectEnd(raw, at);
    if (end === at) return undefined;
    entries.push(known ? { known: known.reading } : { raw: raw.slice(at, end), alike: alike.slice(at, end) });
    at = end;
    const next = raw.charCodeAt(at);
    if (next === 0x5d) break;
    if (next !== 0x2c || raw.charCodeAt(at + 1) !== 0x7b) return undefined;
    at++;
  }
  const without = (text: string) => `${text.slice(0, list)}${FILES_PART}${text.slice(at + 1)}`;
  return { rest: { raw: without(raw), alike: without(alike) }, entries, whole, list: [list, at + 1] };
}

/** The rest parsed; undefined where the files were those of another list, deeper within or given twice, or the whole is no JSON. */
export function restOf(raw: string): Readonly<Record<string, unknown>> | undefined {
  const config = json(raw) as Readonly<Record<string, unknown>> | undefined;
  return config?.write_files === FILES ? config : undefined;
}

/** Whether this text of the rest stands where the files were. */
export const isFiles = (text: string, path: readonly unknown[]): boolean =>
  text === FILES && path.length === 1 && path[0] === "write_files";

function recallFile(index: number, { raw, alike }: Part, at: number): Known<Reading> | undefined {
  const versions = files[index];
  return versions && latest(versions, ({ plain, text }) => (plain ? alike : raw).startsWith(text, at));
}

/** What the whole but for its files leads to, where another machine had the same there. */
export function recallRest({ whole: { raw, alike }, list: [from, to] }: Split): Rest | undefined {
  return latest(
    rests,
    ({ plain, text, tail }) =>
      text.length === from &&
      tail.length === raw.length - to &&
      (plain ? alike : raw).startsWith(text) &&
      (plain ? alike : raw).endsWith(tail),
  )?.reading;
}

/** The version that fits; it is the first one to be asked the next time. */
function latest<K>(versions: K[], fits: (version: K) => boolean): K | undefined {
  for (let i = 0; i < versions.length; i++) {
    const version = versions[i]!;
    if (!fits(version)) continue;
    if (i > 0) {
      versions.copyWithin(1, 0, i);
      versions[0] = version;
    }
    return version;
  }
  return undefined;
}

/** Behind the bracket that closes the object that begins at `from`; `from` where none does. */
function objectEnd(text: string, from: number): number {
  let open = 0;
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x7b || code === 0x5b) open++;
    else if (code === 0x7d || code === 0x5d) {
      if (--open === 0) return i + 1;
    } else if (code === 0x22) {
      i = textEnd(text, i + 1);
      if (i < 0) return from;
    }
  }
  return from;
}

/** The quote that ends a JSON text, -1 where none does. */
function textEnd(text: string, from: number): number {
  for (let quote = text.indexOf('"', from); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let before = quote - 1;
    while (text.charCodeAt(before) === 0x5c) before--;
    if ((quote - before) % 2 === 1) return quote;
  }
  return -1;
}
