import { ownCopy, type Reading } from "./collector.ts";

/** Stands for `write_files` in a cloud-config whose files are looked at one by one. */
export const FILES = "\uE001write_files";

/** A cloud-config in JSON, with what it writes taken out. */
export interface Split {
  /** With {@link FILES} where the files were. */
  readonly config: Readonly<Record<string, unknown>>;
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
const CHARACTERS = 4 * 1024 * 1024;

let known: Known[][] = [];
let characters = 0;

/**
 * An address of a private network, where nothing stands beside it that could make it a part of something else. In JSON an end of line is
 * an escape, whose letter stands before.
 */
const PRIVATE =
  /(?<=\/\/|\\n|[\s"'=,:;@({[<>!])(10|192\.168(?=(?:\.\d{1,3}){2}(?![.\d])))((?:\.\d{1,3}){2,3})(?=\\n|[\s"',:;/)}\]<>]|$)/g;

/** A key or certificate as JSON has it. */
const PEM = /-----BEGIN ([A-Z0-9 ]{3,40})-----((?:[A-Za-z0-9+/=]{0,76}\\n)*)-----END \1-----/g;

/**
 * A file without what leads nowhere and makes machines differ: keys and certificates are emptied, and private addresses become one and
 * the same of that length. Files that differ in nothing else need be looked through once.
 */
export function inCommon(raw: string): string {
  const text = raw.includes("-----BEGIN ")
    ? raw.replace(
        PEM,
        (_, name: string, body: string) => `-----BEGIN ${name}-----${emptied(body)}-----END ${name}-----`,
      )
    : raw;
  if (!text.includes("10.") && !text.includes("192.168.")) return text;
  return text.replace(PRIVATE, (_, network: string, host: string) => network + host.replace(/\d/g, "1"));
}

/** Lines keep their numbers. */
const emptied = (body: string): string => "\\n".repeat(body.split("\\n").length - 1);

/** @param common whether the file is as many machines may have it: others only where there is room */
export function rememberFile(index: number, raw: string, reading: Reading, common: boolean): void {
  if (raw.length > CHARACTERS / 16 || index > 1000) return;
  if (characters > CHARACTERS) {
    known = [];
    characters = 0;
  }
  known[index] ??= [];
  const versions = known[index];
  if (!common && versions.length >= VERSIONS) return;
  versions.unshift({ raw: ownCopy(raw), reading });
  characters += raw.length;
  if (versions.length > VERSIONS) characters -= versions.pop()!.raw.length;
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
  try {
    const config = JSON.parse(`${text.slice(0, list)}"write_files":"${FILES}"${text.slice(at + 1)}`);
    // Deeper within, or given twice: then it is another list that counts.
    return config.write_files === FILES ? { config, entries } : undefined;
  } catch {
    return undefined;
  }
}

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
