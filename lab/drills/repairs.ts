import { DrillError } from "./errors.ts";
import type { Later, PendingRepair } from "./pending.ts";

interface Repair extends PendingRepair {
  readonly undo: () => Promise<unknown>;
}

/** What was broken and how it is made good; the last first. */
export class Repairs {
  readonly #pending: Repair[] = [];
  readonly #failed: Repair[] = [];
  readonly #journal: (pending: readonly PendingRepair[]) => void;

  /** @param journal told of all that is to be made good, before each break and after each repair */
  constructor(journal: (pending: readonly PendingRepair[]) => void = () => undefined) {
    this.#journal = journal;
  }

  get pending(): number {
    return this.#pending.length;
  }

  /** Registered before it is done: what was begun and then failed is undone as well. */
  async breaking(
    what: string,
    act: () => Promise<unknown>,
    undo: () => Promise<unknown>,
    later?: readonly Later[],
  ): Promise<void> {
    this.#pending.push({ what, undo, later });
    this.#tell();
    await act();
  }

  /**
   * Undoes everything, each once, also when one of them fails.
   * @throws DrillError that names what could not be undone
   */
  async heal(): Promise<void> {
    const problems: string[] = [];
    for (let repair = this.#pending.at(-1); repair; repair = this.#pending.at(-1)) {
      try {
        await repair.undo();
      } catch (error) {
        problems.push(`${repair.what}: ${error instanceof Error ? error.message : String(error)}`);
        this.#failed.unshift(repair);
      }
      // Only now: whoever is killed meanwhile has not made it good.
      this.#pending.splice(this.#pending.indexOf(repair), 1);
      this.#tell();
    }
    if (problems.length > 0) throw new DrillError(`not everything could be made good again: ${problems.join("; ")}`);
  }

  #tell(): void {
    this.#journal([...this.#failed, ...this.#pending].map(({ what, later }) => ({ what, later })));
  }
}
