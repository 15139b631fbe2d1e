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

/**
 * What is remembered over resources: machines differ in little. Two generations: what is asked for again survives, what was
 * read once and never again is dropped with the older one.
 */
let young = new Map<string, Reading>();
let old = new Map<string, Reading>();
let remembered = 0;

export function recall(key: string): Reading | undefined {
  const known = young.get(key);
  if (known) return known;
  const older = old.get(key);
  if (older) remember(key, older);
  return older;
}

export function remember(key: string, reading: Reading): void {
  if (remembered + key.length > limits.rememberedCharacters / 2) {
    old = young;
    young = new Map();
    remembered = 0;
  }
  young.set(key, reading);
  remembered += key.length;
}

/** Collects while one text is read; nested texts are read by the same budget. */
export class Collector {
  readonly leads: { place: readonly string[]; lead: Lead }[] = [];
  readonly blind: { place: readonly string[]; why: Blind["why"]; detail: string }[] = [];
  readonly #seen = new Set<string>();

  lead(place: readonly string[], lead: Lead): void {
    if (this.leads.length > limits.endpoints) return;
    const key = `${place.join("\n")}\0${lead.host}\0${lead.port ?? ""}`;
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

  merge(prefix: readonly string[], reading: Reading): void {
    for (const { place, lead } of reading.leads) this.lead([...prefix, ...place], lead);
    for (const { place, why, detail } of reading.blind) this.fail([...prefix, ...place], why, detail);
  }
}

export const memoryKey = (text: string, { role, weak, containers }: Position): string =>
  role === "plain" && !weak && !containers ? text : `${role}${weak ? "~" : ""}${containers ? "+" : ""}\0${text}`;
