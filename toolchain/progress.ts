/** Takes one line on how things stand. */
export type OnProgress = (line: string) => void;

/** Milliseconds between two lines: one at least every 3 seconds, timers being late at times. */
const INTERVAL = 2_000;

/** The time since a moment, as "8 s" or "2 min 5 s". */
export function elapsed(since: number, now: number = Date.now()): string {
  const seconds = Math.round((now - since) / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Says what goes on and for how long, at once and again until the work ends. */
export async function reporting<T>(onProgress: OnProgress, what: () => string, work: () => Promise<T>): Promise<T> {
  const since = Date.now();
  onProgress(what());
  const timer = setInterval(() => onProgress(`${what()} (${elapsed(since)})`), INTERVAL);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
