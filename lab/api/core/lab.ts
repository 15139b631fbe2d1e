import { type LabDriver, noDriver } from "../driver.ts";
import { ACTIONS, ActionClock, type ActionRecord, type ActionSpec, type ResourceRef, timestamp } from "./actions.ts";
import type { ErrorCode } from "./errors.ts";
import { type FaultSpec, Faults } from "./faults.ts";
import type { Collection, Store } from "./store.ts";

export interface LabSettings {
  /** What people call it. @default "local" */
  name?: string | undefined;
  store: Store;
  /** Milliseconds that each action takes. */
  actionDuration: number;
  faults?: readonly FaultSpec[] | undefined;
  /** Seed for faults with a probability. */
  seed?: number | undefined;
  driver?: LabDriver | undefined;
  /** Epoch milliseconds; another clock for tests. */
  now?: (() => number) | undefined;
  log?: ((line: string) => void) | undefined;
}

/** What every handler works with: the store, the clock of actions, the faults. */
export class Lab {
  readonly name: string;
  readonly store: Store;
  readonly actions: ActionClock;
  readonly faults: Faults;
  readonly driver: LabDriver;
  readonly now: () => number;
  readonly log: (line: string) => void;
  readonly #deleteHooks = new Map<string, ((id: number) => void)[]>();

  constructor(settings: LabSettings) {
    this.name = settings.name ?? "local";
    this.store = settings.store;
    this.now = settings.now ?? Date.now;
    this.log = settings.log ?? (() => undefined);
    this.driver = settings.driver ?? noDriver;
    this.faults = new Faults(settings.faults ?? [], settings.seed ?? 1);
    const perform = this.driver.perform?.bind(this.driver);
    this.actions = new ActionClock({
      store: this.store,
      now: this.now,
      duration: (command) =>
        this.faults.hit("action_duration", (fault) => (fault.command ?? command) === command)?.ms ??
        settings.actionDuration,
      fails: (command) =>
        this.faults.hit("action_error", (fault) => (fault.command ?? command) === command) !== undefined,
      perform: perform && ((action) => perform(action)),
      onError: (error) => this.log(`bug: ${error instanceof Error ? error.stack : String(error)}`),
    });
    this.store.onCommit((changes) => {
      this.actions.committed();
      const told = changes.filter((change) => change.kind !== ACTIONS.name);
      if (told.length === 0) return;
      try {
        this.driver.changed?.(told);
      } catch (error) {
        this.log(`driver ${this.driver.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
  }

  /** Starts an action on the resources; see {@link ActionSpec}. */
  act(command: string, resources: readonly ResourceRef[], more: Partial<ActionSpec> = {}): ActionRecord {
    return this.actions.start({ command, resources, ...more });
  }

  /** `id`, `created` and `labels` of a new record. */
  fresh<L extends Readonly<Record<string, string>>>(labels: L | undefined): { id: number; created: string; labels: L } {
    return { id: this.store.nextId(), created: this.timestamp(), labels: labels ?? ({} as L) };
  }

  /** Other kinds' part in the deletion of a resource, such as a load balancer losing a target. */
  onDelete(type: string, hook: (id: number) => void): void {
    this.#deleteHooks.set(type, [...(this.#deleteHooks.get(type) ?? []), hook]);
  }

  /** Runs the hooks for a resource that is being deleted, inside its transaction. */
  deleting(type: string, id: number): void {
    for (const hook of this.#deleteHooks.get(type) ?? []) hook(id);
  }

  timestamp(): string {
    return timestamp(this.now());
  }

  /** @throws ApiError `locked`, or the given code, while an action runs on the resource */
  assertUnlocked(type: string, id: number, code?: ErrorCode): void {
    this.actions.assertUnlocked({ type, id }, code);
  }

  isLocked(type: string, id: number): boolean {
    return this.actions.isLocked({ type, id });
  }

  /** Whether another record of the collection has the name. Needs an index `name`. */
  nameTaken<T extends { id: number; name: string | null }>(of: Collection<T>, name: string, except?: number): boolean {
    return this.store.by(of, "name", name).some((record) => record.id !== except);
  }
}
