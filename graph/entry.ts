/** One resource of an event stream or a preview, put together from the steps that the engine announced for it. */

import {
  type Change,
  COMPUTED,
  ENGINE_PROTECTIONS,
  type EngineProtection,
  type Operation,
  type Properties,
  type PropertyChange,
  type Resource,
  type Step,
} from "./model.ts";
import { parseUrn, providerUrn } from "./urn.ts";
import type { Place } from "./values.ts";
import { share, shareTexts, toProperties, toValue, withoutBookkeeping } from "./values.ts";

type Raw = Record<string, unknown>;

/** A resource's state as the engine writes it, with the fields that all its forms have. */
export interface RawState {
  readonly urn?: unknown;
  readonly type?: unknown;
  readonly custom?: unknown;
  readonly delete?: unknown;
  readonly external?: unknown;
  readonly retainOnDelete?: unknown;
  readonly protect?: unknown;
  readonly id?: unknown;
  readonly parent?: unknown;
  readonly provider?: unknown;
  readonly inputs?: Raw | null;
  readonly outputs?: Raw | null;
  readonly dependencies?: unknown;
  readonly propertyDependencies?: unknown;
  readonly aliases?: unknown;
}

/** What a step tells, its shape checked. */
export interface RawStep {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly before: RawState | undefined;
  readonly after: RawState | undefined;
  readonly replaceKeys: readonly string[];
  readonly diffKeys: readonly string[];
  readonly detailedDiff: Readonly<Record<string, { kind: string; inputDiff: boolean }>> | undefined;
  readonly line: number;
}

const OPERATIONS: Readonly<Record<string, Operation | undefined>> = Object.assign(Object.create(null), {
  same: "same",
  create: "create",
  update: "update",
  delete: "delete",
  replace: "replace",
  "create-replacement": "create-replacement",
  "delete-replaced": "delete-replaced",
  read: "read",
  "read-replacement": "create-replacement",
  refresh: "refresh",
  import: "import",
  "import-replacement": "create-replacement",
  discard: "discard",
  "discard-replaced": "delete-replaced",
  "remove-pending-replace": "discard",
} satisfies Record<string, Operation>);

export function operation(op: string): Operation {
  return OPERATIONS[op] ?? "other";
}

/** Collects the steps of one URN. */
export class Entry {
  readonly urn: string;
  readonly origin: string;
  private readonly steps: Step[] = [];
  private main: RawStep | undefined;
  private outputs: Raw | undefined;
  private outputsId: unknown;
  private diff: RawStep | undefined;

  constructor(step: RawStep, origin: string) {
    this.urn = step.urn;
    this.origin = origin;
  }

  /** A step that the engine announces, before it takes it. */
  announce(step: RawStep): void {
    const op = operation(step.op);
    this.steps.push({ op, line: step.line });
    if (step.detailedDiff || step.replaceKeys.length || step.diffKeys.length) this.diff = step;
    if (!this.main || rank(op, step) >= rank(operation(this.main.op), this.main)) this.main = step;
  }

  /** A step that was taken (in a preview: thought through), with what the provider said. */
  complete(step: RawStep): void {
    if (!step.after?.outputs) return;
    this.outputs = step.after.outputs;
    shareTexts(this.outputs, this.main?.after?.inputs);
    this.outputsId = step.after.id;
  }

  resource(source: string): Resource {
    const step = this.main!;
    const place: Place = { source, line: step.line };
    const announced = operation(step.op);
    const op = announced === "create-replacement" ? "replace" : announced;
    const gone = step.after === undefined;
    const before = step.before && toProperties(step.before.inputs, place);
    const outputsBefore = step.before && outputsOf(step.before.outputs, place, before);
    const inputs = gone ? {} : (share(toProperties(step.after.inputs, place), before) as Properties);
    const outputs = this.outputs && !gone ? outputsOf(this.outputs, place, outputsBefore ?? inputs, inputs) : undefined;
    const lifted = liftedOf(step);
    const change: Change = {
      op,
      ...(before && { before }),
      ...(outputsBefore && { outputsBefore }),
      diff: propertyChanges(this.diff),
      replaceKeys: this.diff?.replaceKeys ?? [],
      ...(lifted.length > 0 && { lifted }),
      ...(step.before?.retainOnDelete === true && { retained: true }),
      steps: this.steps,
    };
    const state = step.after ?? step.before ?? {};
    return {
      ...describe(this.urn, step.type, state, this.origin),
      inputs,
      ...(outputs && { outputs }),
      ...identity(this.outputsId, step.after?.id, step.before?.id),
      aliases: aliases(this.urn, step.before, state),
      change,
    };
  }
}

function liftedOf({ before, after }: RawStep): EngineProtection[] {
  if (!before || !after) return [];
  return ENGINE_PROTECTIONS.filter((option) => before[option] === true && after[option] !== true);
}

/** Which of a URN's steps tells what becomes of it: its deletion only where nothing else is said, as leftovers are deleted too. */
function rank(op: Operation, step: RawStep): number {
  if (op === "replace") return 5;
  if (op === "create-replacement") return 4;
  if (op === "delete-replaced" || (op === "delete" && step.before?.delete === true)) return 0;
  if (op === "refresh") return 1;
  return op === "same" ? 2 : 3;
}

/** What every form of a state tells of a resource but its properties. */
export function describe(urn: string, type: string, state: RawState, origin: string) {
  const provider = providerUrn(state.provider);
  return {
    urn,
    type,
    name: parseUrn(urn)?.name ?? urn,
    custom: state.custom === true,
    ...(typeof state.parent === "string" && state.parent && { parent: state.parent }),
    ...(provider && { provider }),
    dependencies: texts(state.dependencies).sort(),
    propertyDependencies: propertyDependencies(state.propertyDependencies),
    protect: state.protect === true,
    ...(state.external === true && { external: true }),
    ...(state.retainOnDelete === true && { retainOnDelete: true }),
    origin,
  };
}

const NO_DEPENDENCIES: Readonly<Record<string, readonly string[]>> = Object.freeze({});

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function propertyDependencies(value: unknown): Readonly<Record<string, readonly string[]>> {
  if (typeof value !== "object" || value === null) return NO_DEPENDENCIES;
  const entries = Object.entries(value).map(([name, urns]) => [name, texts(urns).sort()] as const);
  return Object.fromEntries(entries.filter(([, urns]) => urns.length));
}

/** Outputs, whose texts are mostly those of the inputs or of the outputs before. */
export function outputsOf(raw: unknown, place: Place, ...like: (Properties | undefined)[]): Properties {
  if (raw === null || raw === undefined) return {};
  let outputs = toProperties(withoutBookkeeping(raw as Raw), place);
  for (const other of like) outputs = share(outputs, other) as Properties;
  return outputs;
}

/** The id that the provider gave; none while it is unknown. */
export function identity(...ids: unknown[]): { id?: string } {
  const id = ids.find((candidate) => typeof candidate === "string" && candidate !== "");
  return typeof id !== "string" || toValue(id, { source: "" }) === COMPUTED ? {} : { id };
}

export function aliases(urn: string, before: RawState | undefined, state: RawState): string[] {
  const old = before?.urn;
  if (old === undefined && state.aliases === undefined) return [];
  const all = [...(typeof old === "string" && old !== urn ? [old] : []), ...texts(state.aliases)];
  return [...new Set(all)];
}

function propertyChanges(step: RawStep | undefined): PropertyChange[] {
  if (!step) return [];
  if (step.detailedDiff) {
    return Object.entries(step.detailedDiff).map(([path, { kind, inputDiff }]) => ({
      path,
      kind: kind.startsWith("add") ? "add" : kind.startsWith("delete") ? "delete" : "update",
      forcesReplacement: kind.endsWith("-replace"),
      inputDiff,
    }));
  }
  return [...new Set([...step.diffKeys, ...step.replaceKeys])].map((path) => ({
    path,
    kind: "update",
    forcesReplacement: step.replaceKeys.includes(path),
    inputDiff: true,
  }));
}
