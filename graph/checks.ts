/** Checks of shapes in what JSON.parse gave: by hand, as a stream of a hundred thousand resources goes through them. */
import type { RawState, RawStep } from "./entry.ts";
import { InputError } from "./errors.ts";
import { parseUrn } from "./urn.ts";
import type { Place } from "./values.ts";

export type RawObject = Record<string, unknown>;

export function isObject(value: unknown): value is RawObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(place: Place, what: string): never {
  throw new InputError(place.source, what, place.line);
}

export function objectAt(value: unknown, name: string, place: Place): RawObject {
  return isObject(value) ? value : wrong(place, `${name} must be an object`);
}

export function textAt(value: unknown, name: string, place: Place): string {
  return typeof value === "string" && value !== "" ? value : wrong(place, `${name} must be a text`);
}

export function listAt(value: unknown, name: string, place: Place): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : wrong(place, `${name} must be a list`);
}

function textsAt(value: unknown, name: string, place: Place): readonly string[] {
  const list = listAt(value, name, place);
  return list.every((item) => typeof item === "string") ? (list as string[]) : wrong(place, `${name} must hold texts`);
}

export function urnAt(value: unknown, name: string, place: Place): string {
  const urn = textAt(value, name, place);
  return parseUrn(urn) ? urn : wrong(place, `${name} must be a URN (urn:pulumi:stack::project::type::name)`);
}

/** A resource's state; undefined where there is none. */
export function stateAt(value: unknown, name: string, place: Place): RawState | undefined {
  if (value === undefined || value === null) return undefined;
  const state = objectAt(value, name, place);
  for (const part of ["inputs", "outputs"]) {
    const properties = state[part];
    if (properties !== undefined && properties !== null) objectAt(properties, `${name}.${part}`, place);
  }
  return state as RawState;
}

/** How the event stream and the plain preview name the same things. */
export interface StepNames {
  readonly before: string;
  readonly after: string;
  readonly replaceKeys: string;
  readonly diffKeys: string;
  readonly kind: string;
}

/** @param name what the step is called in errors. */
export function stepAt(value: unknown, name: string, names: StepNames, place: Place): RawStep {
  const step = objectAt(value, name, place);
  const before = stateAt(step[names.before], `${name}.${names.before}`, place);
  const after = stateAt(step[names.after], `${name}.${names.after}`, place);
  return {
    op: textAt(step.op, `${name}.op`, place),
    urn: urnAt(step.urn, `${name}.urn`, place),
    type: textAt(step.type ?? after?.type ?? before?.type, `${name}.type`, place),
    before,
    after,
    replaceKeys: textsAt(step[names.replaceKeys], `${name}.${names.replaceKeys}`, place),
    diffKeys: textsAt(step[names.diffKeys], `${name}.${names.diffKeys}`, place),
    detailedDiff: detailedDiff(step.detailedDiff, `${name}.detailedDiff`, names.kind, place),
    line: place.line ?? 0,
  };
}

function detailedDiff(value: unknown, name: string, kindName: string, place: Place): RawStep["detailedDiff"] {
  if (value === undefined || value === null) return undefined;
  const entries = Object.entries(objectAt(value, name, place)).map(([path, difference]) => {
    const kind = isObject(difference) ? difference[kindName] : undefined;
    if (typeof kind !== "string") wrong(place, `${name} must tell each property's ${kindName}`);
    return [path, { kind: kind as string, inputDiff: (difference as RawObject).inputDiff === true }] as const;
  });
  return entries.length ? Object.fromEntries(entries) : undefined;
}
