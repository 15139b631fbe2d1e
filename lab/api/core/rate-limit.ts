/** The account of requests: a bucket of `perHour` tokens that refills evenly, one per second for the usual 3,600. */
export class RateLimit {
  readonly #perHour: number;
  readonly #now: () => number;
  #tokens: number;
  #at: number;

  constructor(perHour: number, now: () => number) {
    this.#perHour = perHour;
    this.#now = now;
    this.#tokens = perHour;
    this.#at = now();
  }

  /** Counts one request; false when none was left. */
  take(): boolean {
    const now = this.#now();
    this.#tokens = Math.min(this.#perHour, this.#tokens + ((now - this.#at) / 3_600_000) * this.#perHour);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** `RateLimit-Reset` is the time (epoch seconds) when the bucket is full again. */
  headers(remaining = Math.floor(this.#tokens)): Record<string, string> {
    const missingHours = (this.#perHour - this.#tokens) / this.#perHour;
    return {
      "RateLimit-Limit": String(this.#perHour),
      "RateLimit-Remaining": String(remaining),
      "RateLimit-Reset": String(Math.ceil(this.#at / 1000 + missingHours * 3600)),
    };
  }
}
