import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { CallView } from "./model.ts";

/** Calls that are kept. */
const KEPT = 100;
/** Characters of a path that are kept: a client may send one of kilobytes. */
const MAX_PATH = 200;

/** Headers by which the server knows that there is nothing to send: the connection was dropped on purpose. */
const DROPPED = [...RESPONSE_ALREADY_SENT.headers.keys()];

/** The last calls of the API: when, what, with which status, how long. Never queries, headers or bodies. */
export class Calls {
  readonly #last: CallView[] = [];
  #total = 0;

  /**
   * @param at epoch milliseconds of its end
   * @param path without its query
   * @param ms how long it took
   */
  add(at: number, method: string, path: string, response: Pick<Response, "status" | "headers">, ms: number): void {
    this.#total++;
    this.#last.unshift({
      n: this.#total,
      at: new Date(at).toISOString(),
      method: method.slice(0, 10),
      path: path.slice(0, MAX_PATH),
      status: DROPPED.some((name) => response.headers.has(name)) ? null : response.status,
      ms: Math.round(ms * 10) / 10,
    });
    if (this.#last.length > KEPT) this.#last.pop();
  }

  /** Newest first. */
  last(): readonly CallView[] {
    return this.#last;
  }

  get total(): number {
    return this.#total;
  }
}
