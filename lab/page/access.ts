/** Who may see the page's data: docs/decisions/lab-page.md tells why it is done this way. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** Milliseconds in which a code from the command line can be used. */
const CODE_LIFE_MS = 10 * 60_000;
/** Milliseconds that a page may read on without a new code. */
const KEY_LIFE_MS = 7 * 24 * 3_600_000;
/** Codes that wait to be used; more push the oldest out. */
const MAX_CODES = 50;

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * Codes and keys for the page. A code is in the address that the command line prints, works once, and is exchanged for a key;
 * a key opens the view for reading and nothing else. Keys are signed with what follows from the lab's token, so they
 * outlive a restart of the lab and end with the lab.
 */
export class PageAccess {
  readonly #secret: Buffer;
  readonly #now: () => number;
  /** Digest of each code that waits, and when it ends. */
  readonly #codes = new Map<string, number>();

  constructor(token: string, now: () => number) {
    this.#secret = createHmac("sha256", token).update("keys of the page").digest();
    this.#now = now;
  }

  /** A new code; good once, for ten minutes. */
  issueCode(): string {
    const code = randomBytes(16).toString("base64url");
    this.#codes.set(digest(code), this.#now() + CODE_LIFE_MS);
    const [oldest] = this.#codes.keys();
    if (this.#codes.size > MAX_CODES) this.#codes.delete(oldest!);
    return code;
  }

  /** Takes a code and gives a key; undefined for a code that was never given, was used, or is too old. */
  redeem(code: string): string | undefined {
    const known = digest(code);
    const ends = this.#codes.get(known);
    this.#codes.delete(known);
    if (ends === undefined || ends <= this.#now()) return undefined;
    const expires = String(this.#now() + KEY_LIFE_MS);
    return `${expires}.${this.#sign(expires).toString("base64url")}`;
  }

  isValid(key: string): boolean {
    const [, expires, signature] = /^(\d{1,16})\.([\w-]{43})$/.exec(key) ?? [];
    if (expires === undefined || signature === undefined) return false;
    return timingSafeEqual(Buffer.from(signature, "base64url"), this.#sign(expires)) && Number(expires) > this.#now();
  }

  #sign(expires: string): Buffer {
    return createHmac("sha256", this.#secret).update(expires).digest();
  }
}

/**
 * Whether a `Host` header means this machine's loopback. A name of somebody else that resolves to 127.0.0.1 (DNS rebinding)
 * makes a foreign page the same origin as the lab's; it is turned away before it is told anything.
 */
export function isLoopbackHost(header: string | undefined): boolean {
  return /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/i.test(header ?? "");
}
