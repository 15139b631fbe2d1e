/** What an event stream comes to beside its graph, and parts of single events. */
import { isObject } from "./checks.ts";
import type { Graph } from "./model.ts";

/** What the engine or a provider said to people. Secrets are masked. Debug messages are counted, not kept: they show secrets. */
export interface Diagnostic {
  readonly severity: "info" | "warning" | "error";
  readonly message: string;
  readonly urn?: string;
  readonly line: number;
}

/** A violation that a policy pack reported while the stream was made. */
export interface PolicyEvent {
  readonly pack: string;
  readonly version?: string;
  readonly policy: string;
  /** `advisory`, `mandatory` or `remediate`. */
  readonly level: string;
  readonly urn?: string;
  readonly message: string;
  readonly line: number;
}

export interface Summary {
  readonly isPreview: boolean;
  /** False also where only a mandatory policy was broken. */
  readonly succeeded: boolean;
  readonly durationSeconds: number;
  /** Number of resources by operation, as the engine counted. */
  readonly changes: Readonly<Record<string, number>>;
  /** Version by name of the policy packs that ran. */
  readonly policyPacks: Readonly<Record<string, string>>;
}

export interface EventStream {
  readonly graph: Graph;
  readonly diagnostics: readonly Diagnostic[];
  readonly policyEvents: readonly PolicyEvent[];
  readonly summary: Summary;
  readonly stack?: { readonly name: string; readonly project: string };
  /** URNs of resources whose operation failed. */
  readonly failed: readonly string[];
  /** Number of events that say nothing to this project, by kind. */
  readonly ignored: Readonly<Record<string, number>>;
}

export function count(counts: Record<string, number>, name: string): void {
  counts[name] = (Object.hasOwn(counts, name) ? counts[name]! : 0) + 1;
}

export function severityOf(severity: unknown): Diagnostic["severity"] | undefined {
  if (severity === "debug") return undefined;
  return severity === "warning" || severity === "error" ? severity : "info";
}

/** The entries of a map whose values are of the type. */
export function only<T extends "number" | "string">(
  value: unknown,
  type: T,
): Record<string, T extends "number" ? number : string> {
  const entries = isObject(value) ? Object.entries(value).filter(([, item]) => typeof item === type) : [];
  return Object.fromEntries(entries) as never;
}

/** A pack from a folder is named `name|local|folder`. */
export function packs(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(only(value, "string")).map(([name, version]) => [name.split("|")[0]!, version]),
  );
}
