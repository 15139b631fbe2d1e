import { mayBeBase64 } from "./decode.ts";
import { limits } from "./limits.ts";
import type { Role } from "./positions.ts";
import type { Blind } from "./types.ts";
import type { Lead } from "./urls.ts";

/** What a text leads to, with places counted from that text. */
export interface Reading {
  readonly leads: readonly { readonly place: readonly string[]; readonly lead: Lead }[];
  readonly blind: readonly { readonly place: readonly string[]; readonly why: Blind["why"]; readonly detail: string }[];
}

export const NOTHING: Reading = { leads: [], blind: [] };

export interface Position {
  readonly role: Role;
  /** For roles whose bare words may be files. */
  readonly weak: boolean;
  /** Whether a bare `nginx` is a container image here. */
  readonly containers: boolean;
}

/** A text that was read, and what it led to. */
export interface Memory<R = Reading> {
  readonly text: string;
  readonly reading: R;
  /** Whether it is the same whatever numbers stand by themselves in the text. */
  readonly plain: boolean;
}

/**
 * What is remembered over resources: machines differ in little. Two generations: what is asked for again survives, what was
 * read once and never again is dropped with the older one.
 */
let young = new Map<string, Memory<unknown>>();
let old = new Map<string, Memory<unknown>>();
let remembered = 0;

/** @param mark what else the reading depends on, and of what kind it is */
export function recall<R = Reading>(text: string, mark = ""): Memory<R> | undefined {
  const key = memoryKey(text, mark);
  const known = young.get(key);
  if (known) return known.text === text ? (known as Memory<R>) : undefined;
  const older = old.get(key);
  if (older?.text !== text) return undefined;
  store(key, older);
  return older as Memory<R>;
}

export function remember(text: string, reading: unknown, plain: boolean, mark = ""): void {
  const own = ownCopy(text);
  store(memoryKey(own, mark), { text: own, reading, plain });
}

/**
 * Packed texts, the latest first. Mostly each machine has its own, which is never seen again: to keep all of them would cost more than
 * it saves, as what is in them is remembered by itself.
 */
let packed: { readonly mark: string; readonly memory: Memory }[] = [];
const PACKED = 32;

function recallPacked(text: string, mark: string): Memory | undefined {
  for (let i = 0; i < packed.length; i++) {
    const one = packed[i]!;
    if (one.memory.text !== text || one.mark !== mark) continue;
    packed.copyWithin(1, 0, i);
    packed[0] = one;
    return one.memory;
  }
  return undefined;
}

function rememberPacked(text: string, reading: Reading, plain: boolean, mark: string): void {
  packed.unshift({ mark, memory: { text: ownCopy(text), reading, plain } });
  if (packed.length > PACKED) packed.pop();
}

interface Memories {
  recall(text: string, mark: string): Memory | undefined;
  remember(text: string, reading: Reading, plain: boolean, mark: string): void;
}

const EVERYTHING: Memories = { recall, remember };
const PACKED_TEXTS: Memories = { recall: recallPacked, remember: rememberPacked };

/** Where a text of this role is remembered; nowhere if it is faster to read it again, or too long. */
export function memoryFor(text: string, role: Role): Memories | undefined {
  if (text.length <= 40 || text.length >= limits.rememberedCharacters / 4) return undefined;
  return (role === "user-data" || role === "base64") && mayBeBase64(text) ? PACKED_TEXTS : EVERYTHING;
}

/** Forgets everything: what is found must not depend on what was read before. */
export function forget(): void {
  packed = [];
  young.clear();
  old.clear();
  remembered = 0;
}

function store(key: string, memory: Memory<unknown>): void {
  if (remembered + memory.text.length > limits.rememberedCharacters / 2) {
    old = young;
    young = new Map();
    remembered = 0;
  }
  young.set(key, memory);
  remembered += memory.text.length;
}

/** Of long texts, parts: a map would have to go through the whole of each, and for very long ones tells them apart by their length alone. */
function memoryKey(text: string, mark: string): string {
  const { length } = text;
  if (length <= 1000) return mark ? `${mark}\0${text}` : text;
  const third = Math.floor(length / 3);
  return `${mark}\0${length}\0${text.slice(64, 96)}${text.slice(third, third + 32)}${text.slice(2 * third, 2 * third + 32)}${text.slice(-32)}`;
}

/** A part of a text keeps the whole text in memory. */
export const ownCopy = (text: string): string => Buffer.from(text).toString();

/** Collects while one text is read; nested texts are read by the same budget. */
export class Collector {
  readonly leads: { place: readonly string[]; lead: Lead }[] = [];
  readonly blind: { place: readonly string[]; why: Blind["why"]; detail: string }[] = [];
  /** By what they lead to. Most texts lead nowhere. */
  #seen: Set<string> | undefined;

  lead(place: readonly string[], lead: Lead): void {
    if (this.leads.length > limits.endpoints) return;
    const key = `${place.join("\n")}\0${lead.host}\0${lead.port ?? ""}`;
    this.#seen ??= new Set();
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.leads.push({ place, lead });
  }

  all(place: readonly string[], leads: Iterable<Lead>): void {
    for (const lead of leads) this.lead(place, lead);
  }

  fail(place: readonly string[], why: Blind["why"], detail: string): void {
    if (this.blind.length < 1000) this.blind.push({ place, why, detail });
  }

  reading(): Reading {
    return this.leads.length || this.blind.length ? { leads: this.leads, blind: this.blind } : NOTHING;
  }

  merge(prefix: readonly string[], reading: Reading): void {
    for (const { place, lead } of reading.leads) this.lead([...prefix, ...place], lead);
    for (const { place, why, detail } of reading.blind) this.fail([...prefix, ...place], why, detail);
  }
}

export const markOf = ({ role, weak, containers }: Position): string =>
  role === "plain" && !weak && !containers ? "" : `${role}${weak ? "~" : ""}${containers ? "+" : ""}`;
