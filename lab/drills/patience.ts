import { setTimeout as sleep } from "node:timers/promises";
import { DrillError } from "./errors.ts";

export interface Patience {
  /** Seconds after which it is given up. */
  readonly seconds: number;
  /** Milliseconds between two looks. @default 250 */
  readonly everyMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** What a look gives when the thing waited for is not there. */
export class NotYet {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

export const notYet = (why: string): NotYet => new NotYet(why);

/**
 * Looks until the thing is there.
 * @throws DrillError with the last reason when it does not come in time, or the signal's reason
 */
export async function until<T>(what: string, look: () => Promise<T | NotYet>, patience: Patience): Promise<T> {
  const { seconds, everyMs = 250, signal } = patience;
  for (const end = Date.now() + seconds * 1000; ; ) {
    signal?.throwIfAborted();
    const seen = await look();
    if (!(seen instanceof NotYet)) return seen;
    if (Date.now() >= end) throw new DrillError(`${what}: not within ${seconds} s: ${seen.why}`);
    await sleep(everyMs, undefined, signal ? { signal } : {});
  }
}

/** {@link until} for what is only a state: over when no problem is left. */
export async function untilFine(
  what: string,
  problem: () => Promise<string | undefined>,
  patience: Patience,
): Promise<void> {
  await until(
    what,
    async () => {
      const found = await problem();
      return found === undefined ? true : notYet(found);
    },
    patience,
  );
}

/** Lets time pass, unless the signal comes. */
export async function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  await sleep(seconds * 1000, undefined, signal ? { signal } : {});
}
