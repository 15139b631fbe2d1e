import { ApiError, type ErrorCode } from "./errors.ts";
import { type Collection, collection, type Store } from "./store.ts";

/** A resource that an action is about: `{ type: "server", id: 1 }`. */
export interface ResourceRef {
  readonly type: string;
  readonly id: number;
}

/** Why an action failed: a code of the API and words for the user. */
export interface ActionFailure {
  readonly code: string;
  readonly message: string;
}

export interface ActionRecord {
  readonly id: number;
  readonly command: string;
  readonly status: "running" | "success" | "error";
  readonly started: string;
  readonly finished: string | null;
  readonly resources: readonly ResourceRef[];
  readonly error: ActionFailure | null;
  /** Epoch milliseconds: the action does not finish before. */
  readonly ends: number;
  readonly startedMs: number;
  /** Resources that nobody else may change meanwhile. */
  readonly locks: readonly ResourceRef[];
  /** Set when it is decided that this action fails. */
  readonly failure: ActionFailure | null;
  /** For the effect: whatever it needs to know that is not in the records. */
  readonly data: Readonly<Record<string, unknown>>;
}

const refKey = (ref: ResourceRef) => `${ref.type} ${ref.id}`;

export const ACTIONS: Collection<ActionRecord> = collection<ActionRecord>("actions", {
  resource: (action) => action.resources.map(refKey),
  running: (action) => (action.status === "running" ? ["yes"] : []),
  lock: (action) => (action.status === "running" ? action.locks.map(refKey) : []),
});

export interface ActionSpec {
  command: string;
  resources: readonly ResourceRef[];
  /** @default resources: all of them */
  locks?: readonly ResourceRef[];
  data?: Readonly<Record<string, unknown>>;
  /** Starts when this one has ended: for the `next_actions` of a creation. */
  after?: ActionRecord | undefined;
  /** The action will fail with this when its time is over. */
  failure?: ActionFailure | undefined;
}

/** What happens when an action has succeeded. The resource may be gone by then. */
export type Effect = (action: ActionRecord) => void;

export interface ActionClockOptions {
  store: Store;
  /** Epoch milliseconds. */
  now: () => number;
  /** Milliseconds that an action with this command takes. */
  duration: (command: string) => number;
  /** Whether a fault lets this action fail. */
  fails: (command: string) => boolean;
  /** Work outside the lab that must end before the action can; rejects when the action fails. */
  perform?: ((action: ActionRecord) => Promise<void> | undefined) | undefined;
  /** Called with errors of effects, which are bugs. */
  onError: (error: unknown) => void;
}

/** Finished actions that are kept; older ones are forgotten, as the real API does after a time. */
const KEPT = 100_000;
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The one clock that all actions run through: it ends them when they are due, also after a restart. */
export class ActionClock {
  readonly #options: ActionClockOptions;
  readonly #effects = new Map<string, Effect>();
  readonly #performing = new Map<number, "pending" | "done" | string>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: ActionClockOptions) {
    this.#options = options;
  }

  /** Says what the success of a command does. One effect per command. */
  onSuccess(command: string, effect: Effect): void {
    if (this.#effects.has(command)) throw new Error(`the action ${command} has an effect already`);
    this.#effects.set(command, effect);
  }

  /** Starts an action inside the current transaction. With a duration of 0 it has ended when this returns. */
  start(spec: ActionSpec): ActionRecord {
    const { store, now, duration, fails } = this.#options;
    const startedMs = Math.max(now(), spec.after?.ends ?? 0);
    const action = store.insert(ACTIONS, {
      id: store.nextId(),
      command: spec.command,
      status: "running",
      started: timestamp(startedMs),
      finished: null,
      resources: spec.resources,
      error: null,
      ends: startedMs + duration(spec.command),
      startedMs,
      locks: spec.locks ?? spec.resources,
      failure:
        spec.failure ?? (fails(spec.command) ? failed("the action failed on purpose (fault action_error)") : null),
      data: spec.data ?? {},
    });
    if (action.ends <= now() && !this.#options.perform) this.#finish(action);
    return store.get(ACTIONS, action.id)!;
  }

  isLocked(ref: ResourceRef): boolean {
    return this.#options.store.by(ACTIONS, "lock", refKey(ref)).length > 0;
  }

  /** @throws ApiError `locked` (or `conflict`, which networks and firewalls answer) while an action runs on it */
  assertUnlocked(ref: ResourceRef, code: ErrorCode = "locked"): void {
    const [running] = this.#options.store.by(ACTIONS, "lock", refKey(ref));
    if (!running) return;
    throw new ApiError(code, `${ref.type} ${ref.id} is busy with the action ${running.command} (${running.id})`);
  }

  of(ref: ResourceRef): ActionRecord[] {
    return this.#options.store.by(ACTIONS, "resource", refKey(ref));
  }

  /** Ends what is due. Called before each request and by the timer, so that no answer is older than the clock. */
  advance(): void {
    const { store, now } = this.#options;
    const due = store
      .by(ACTIONS, "running", "yes")
      .filter((action) => action.ends <= now() && this.#performed(action))
      .sort((a, b) => a.ends - b.ends || a.id - b.id);
    for (const action of due) {
      try {
        store.transaction(() => this.#finish(action));
      } catch (error) {
        this.#options.onError(error);
        store.transaction(() => this.#fail(action, failed("the lab could not finish the action")));
      }
    }
    this.#forget();
    this.#schedule();
  }

  /** Sets the timer for the next action that ends. Called after each commit. */
  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const waiting = this.#options.store
      .by(ACTIONS, "running", "yes")
      .filter((action) => this.#performing.get(action.id) !== "pending");
    if (waiting.length === 0) return;
    const next = Math.min(...waiting.map((action) => action.ends)) - this.#options.now();
    this.#timer = setTimeout(() => this.advance(), Math.min(Math.max(next, 1), MAX_TIMER_MS));
    this.#timer.unref();
  }

  /** Starts outside work for new actions and sets the timer. */
  committed(): void {
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Whether the outside work of an action is over; starts it where it has not begun. */
  #performed(action: ActionRecord): boolean {
    const { perform } = this.#options;
    const state = this.#performing.get(action.id);
    if (!perform || state === "done") return true;
    if (state !== undefined) return state !== "pending";
    const work = perform(action);
    if (!work) return true;
    this.#performing.set(action.id, "pending");
    work
      .then(
        () => this.#performing.set(action.id, "done"),
        (error: unknown) =>
          this.#performing.set(action.id, `failed: ${error instanceof Error ? error.message : error}`),
      )
      .then(() => !this.#stopped && this.advance());
    return false;
  }

  #finish(action: ActionRecord): void {
    const performed = this.#performing.get(action.id);
    this.#performing.delete(action.id);
    if (action.failure) {
      this.#fail(action, action.failure);
    } else if (performed?.startsWith("failed: ")) {
      this.#fail(action, failed(performed.slice("failed: ".length)));
    } else {
      const { store, now } = this.#options;
      store.update(ACTIONS, action.id, { status: "success", finished: timestamp(now()), locks: [] });
      this.#effects.get(action.command)?.(action);
    }
  }

  #fail(action: ActionRecord, error: ActionFailure): void {
    this.#options.store.update(ACTIONS, action.id, {
      status: "error",
      finished: timestamp(this.#options.now()),
      error,
      locks: [],
    });
  }

  #forget(): void {
    const { store } = this.#options;
    if (store.count(ACTIONS) <= KEPT * 1.1) return;
    const finished = store.all(ACTIONS).filter((action) => action.status !== "running");
    store.transaction(() => {
      for (const action of finished.slice(0, store.count(ACTIONS) - KEPT)) store.delete(ACTIONS, action.id);
    });
  }

  /** An action as the API shows it. */
  render(action: ActionRecord): object {
    const current = this.#options.store.get(ACTIONS, action.id) ?? action;
    const { id, command, status, started, finished, resources, error } = current;
    return { id, command, status, progress: this.#progress(current), started, finished, resources, error };
  }

  #progress({ status, startedMs, ends }: ActionRecord): number {
    if (status !== "running") return 100;
    const share = (this.#options.now() - startedMs) / Math.max(1, ends - startedMs);
    return Math.min(99, Math.max(0, Math.floor(share * 100)));
  }
}

function failed(message: string): ActionFailure {
  return { code: "action_failed", message };
}

/** A time as the API writes it: UTC, whole seconds. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
