import { DrillError } from "./errors.ts";

/** What was broken and how it is made good; the last first. */
export class Repairs {
  readonly #pending: { readonly what: string; readonly undo: () => Promise<void> }[] = [];

  get pending(): number {
    return this.#pending.length;
  }

  /** Registered before it is done: what was begun and then failed is undone as well. */
  async breaking(what: string, act: () => Promise<void>, undo: () => Promise<void>): Promise<void> {
    this.#pending.push({ what, undo });
    await act();
  }

  /**
   * Undoes everything, each once, also when one of them fails.
   * @throws DrillError that names what could not be undone
   */
  async heal(): Promise<void> {
    const problems: string[] = [];
    for (let repair = this.#pending.pop(); repair; repair = this.#pending.pop()) {
      try {
        await repair.undo();
      } catch (error) {
        problems.push(`${repair.what}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    if (problems.length > 0) throw new DrillError(`not everything could be made good again: ${problems.join("; ")}`);
  }
}
