import { setTimeout as sleep } from "node:timers/promises";

/** Work that did not end in time. It goes on: what it holds, such as a connection, it gives back when it ends. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/** @throws DeadlineError when the work takes longer than so many ms */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const deadline = sleep(ms, undefined, { signal: timer.signal }).then(() => {
    throw new DeadlineError(`took longer than ${ms} ms`);
  });
  deadline.catch(() => {});
  try {
    return await Promise.race([work, deadline]);
  } finally {
    timer.abort();
    work.catch(() => {});
  }
}

export interface Retries {
  /** No new attempt begins after so many ms. */
  readonly forMs: number;
  /** Pause before the second attempt; doubles up to eight times as much, and varies by half. In ms. */
  readonly pauseMs: number;
  readonly retryable: (error: unknown) => boolean;
}

/** Only for work that bears being done twice. */
export async function withRetries<T>({ forMs, pauseMs, retryable }: Retries, work: () => Promise<T>): Promise<T> {
  const end = performance.now() + forMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const pause = pauseMs * 2 ** Math.min(attempt, 3) * (0.5 + Math.random() / 2);
      if (!retryable(error) || performance.now() + pause > end) throw error;
      await sleep(pause);
    }
  }
}
