import { ownCopy, type Reading } from "./collector.ts";
import { json } from "./documents.ts";

/** Stands for `write_files` in a cloud-config whose files are looked at one by one. */
const FILES = "\uE001write_files";

/** A cloud-config in JSON, with what it writes taken out. */
export interface Split {
  /** With a mark where the files were: for {@link restOf}. */
  readonly rest: string;
  /** The files as they are written, each a JSON object. */
  readonly entries: readonly Entry[];
}

export interface Entry {
  readonly raw: string;
  /** What it leads to, where another machine had the same file at the same place. */
  readonly reading?: Reading;
}

/** Machines of one deployment differ in few of their files: the others need be neither parsed nor looked through again. */
interface Known {
  readonly raw: string;
  readonly reading: Reading;
}

/** Versions of one file that are kept, as of machines of different roles. */
const VERSIONS = 8;
/** Characters from which on it is faster to compare than to look for the end. */
const LONG = 1000;
const CHARACTERS = 4 * 1024 * 1024;

let known: Known[][] = [];
let characters = 0;

export function rememberFile(index: number, raw: string, reading: Reading): void {
  if (raw.length < LONG || raw.length > CHARACTERS / 16 || index > 1000) return;
  if (characters > CHARACTERS) forgetFiles();
  known[index] ??= [];
  const versions = known[index];
  versions.unshift({ raw: ownCopy(raw), reading });
  characters += raw.length;
  if (versions.length > VERSIONS) characters -= versions.pop()!.raw.length;
}

export function forgetFiles(): void {
  known = [];
  characters = 0;
}

const LIST = '"write_files":[';

/**
 * Takes the files out of a cloud-config in JSON without parsing them. Undefined where that is not sure to be the same as parsing it whole:
 * then it is to be parsed.
 */
export function splitFiles(text: string): Split | undefined {
  // Within a text its quotes would be escaped.
  const list = text.indexOf(`${LIST}{`);
  if (list < 1 || !"{,".includes(text[list - 1]!)) return undefined;
  const entries: Entry[] = [];
  let at = list + LIST.length;
  for (;;) {
    const entry = recallFile(entries.length, text, at) ?? { raw: text.slice(at, objectEnd(text, at)) };
    if (entry.raw.length === 0) return undefined;
    entries.push(entry);
    at += entry.raw.length;
    const next = text.charCodeAt(at);
    if (next === 0x5d) break;
    if (next !== 0x2c || text.charCodeAt(at + 1) !== 0x7b) return undefined;
    at++;
  }
  return { rest: `${text.slice(0, list)}"write_files":"${FILES}"${text.slice(at + 1)}`, entries };
}

/** The rest parsed; undefined where the files were those of another list, deeper within or given twice, or the whole is no JSON. */
export function restOf(raw: string): Readonly<Record<string, unknown>> | undefined {
  const config = json(raw) as Readonly<Record<string, unknown>> | undefined;
  return config?.write_files === FILES ? config : undefined;
}

/** Whether this text of the rest stands where the files were. */
export const isFiles = (text: string, path: readonly unknown[]): boolean =>
  text === FILES && path.length === 1 && path[0] === "write_files";

function recallFile(index: number, text: string, at: number): Known | undefined {
  const versions = known[index];
  if (!versions) return undefined;
  for (let i = 0; i < versions.length; i++) {
    const version = versions[i]!;
    if (!text.startsWith(version.raw, at)) continue;
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
