/** What the engine's events add up to. */
import type { DiagnosticEvent, EngineEvent, SummaryEvent } from "@pulumi/pulumi/automation/index.js";

/** What happened to a resource, in words of a summary. */
export type Change = "created" | "updated" | "replaced" | "deleted" | "unchanged";

const CHANGES: Readonly<Record<string, Change>> = {
  create: "created",
  update: "updated",
  "create-replacement": "replaced",
  delete: "deleted",
  same: "unchanged",
  read: "unchanged",
  refresh: "unchanged",
  import: "created",
};

const GERUNDS: Readonly<Record<string, string>> = {
  create: "creating",
  update: "updating",
  "create-replacement": "creating anew",
  delete: "deleting",
  "delete-replaced": "deleting the old",
  refresh: "reading",
  read: "reading",
};

export interface Step {
  readonly doing: string;
  readonly kind: string;
  readonly name: string;
}

export interface Diagnostic {
  readonly severity: "warning" | "error";
  readonly message: string;
  /** Name of the resource, where it is about one. */
  readonly resource: string | undefined;
}

export interface Progress {
  /** Kind of resource -> change -> how many. */
  readonly kinds: ReadonlyMap<string, ReadonlyMap<Change, number>>;
  /** Steps under way, oldest first. */
  readonly running: readonly Step[];
  readonly diagnostics: readonly Diagnostic[];
  /** The stack's outputs; secrets are masked by the engine. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly result: SummaryEvent | undefined;
}

/** A resource's own name, without type and parents. */
export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

/** `hcloud:index/loadBalancerService:LoadBalancerService` -> `load balancer service`. */
export function kindOf(type: string): string {
  const last = type.slice(type.lastIndexOf(":") + 1);
  return last.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
}

/** Components, providers and the stack itself are no resources that anybody pays for or waits for. */
const isCounted = (type: string) => /^(hcloud|random):/.test(type);

const STACK = "pulumi:pulumi:Stack";

/** Collects events; ask it for the state of things at any time. */
export class ProgressCollector implements Progress {
  readonly kinds = new Map<string, Map<Change, number>>();
  readonly diagnostics: Diagnostic[] = [];
  outputs: Record<string, unknown> = {};
  result: SummaryEvent | undefined;
  readonly #running = new Map<string, Step>();

  get running(): Step[] {
    return [...this.#running.values()];
  }

  add(event: EngineEvent): void {
    const { resourcePreEvent: begun, resOutputsEvent: ended, resOpFailedEvent: failed } = event;
    if (begun && isCounted(begun.metadata.type)) this.#begin(begun.metadata);
    if (ended) this.#end(ended.metadata);
    if (failed) this.#running.delete(`${failed.metadata.op} ${failed.metadata.urn}`);
    if (event.diagnosticEvent) this.#diagnose(event.diagnosticEvent);
    if (event.summaryEvent) this.result = event.summaryEvent;
  }

  total(change: Change): number {
    return [...this.kinds.values()].reduce((sum, changes) => sum + (changes.get(change) ?? 0), 0);
  }

  #begin({ op, urn, type }: { op: string; urn: string; type: string }): void {
    const doing = GERUNDS[op];
    if (doing) this.#running.set(`${op} ${urn}`, { doing, kind: kindOf(type), name: nameOf(urn) });
  }

  #end(metadata: {
    op: string;
    urn: string;
    type: string;
    new?: { outputs: Record<string, unknown> } | undefined;
  }): void {
    const { op, urn, type } = metadata;
    if (type === STACK) this.outputs = metadata.new?.outputs ?? {};
    this.#running.delete(`${op} ${urn}`);
    const change = CHANGES[op];
    if (!change || !isCounted(type)) return;
    const changes = this.kinds.get(kindOf(type)) ?? new Map<Change, number>();
    changes.set(change, (changes.get(change) ?? 0) + 1);
    this.kinds.set(kindOf(type), changes);
  }

  #diagnose({ severity, message, urn, ephemeral }: DiagnosticEvent): void {
    if (ephemeral || (severity !== "error" && severity !== "warning")) return;
    const text = cleanMessage(message);
    const resource = urn && !urn.includes(`::${STACK}::`) ? nameOf(urn) : undefined;
    // The provider and the engine each report the same failure; that something failed is known by then.
    if (text === "" || this.diagnostics.some((d) => d.message === text && d.resource === resource)) return;
    if (/^(update|destroy|preview|refresh) failed$/.test(text) && this.diagnostics.length > 0) return;
    this.diagnostics.push({ severity, message: text, resource });
  }
}

/** A message as people read it: without colour tags, without the names of the machinery that passed it on. */
export function cleanMessage(message: string): string {
  return message
    .replace(/<\{%[^%]*%\}>/g, "")
    .trim()
    .replace(/^(error:\s*)+/i, "")
    .replace(/^sdk-v2\/provider2\.go:\d+: (sdk\.helper_schema: )?/, "")
    .replace(/: provider=\w+@[\d.]+\s*$/, "")
    .replace(/(\d+ errors? occurred:\s*\* )?(creating|updating|deleting|reading) urn:\S+: /g, "")
    .replace(/\d+ errors? occurred:\s*\* /g, "")
    .trim();
}
