/** Places orders at the shop as its customers do: over HTTPS at the load balancer, each with an idempotency key. */
import { Agent, type RequestOptions, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { RecordFile } from "./record.ts";
import { Ledger, type Writer } from "./writer.ts";

/** Where the shop answers. */
export interface ShopAddress {
  /** Public address of the primary location's load balancer. */
  readonly address: string;
  /** Asks the stack's own name servers where to go now. @default `address` */
  readonly find?: (() => Promise<string>) | undefined;
  readonly port: number;
  /** Name in its certificate. */
  readonly domain: string;
}

export interface ShopWriterOptions {
  readonly run: string;
  /** Customers at the same time. @default 4 */
  readonly customers?: number;
  /** Milliseconds between two orders of a customer. @default 50 */
  readonly pauseMs?: number;
  /** Milliseconds that a customer waits for an answer. @default 20000 */
  readonly timeoutMs?: number;
}

/** Sends one order; resolves with the status. */
export type PlaceOrder = (key: string) => Promise<number>;

/** The order of a drill: what it is of does not matter, whose it is does. */
export const orderBody = JSON.stringify({ sku: "mug", quantity: 1 });

export function placeOrderAt(
  { address, find, port, domain }: ShopAddress,
  timeoutMs: number,
): PlaceOrder & { close(): void } {
  // A lab signs its certificates itself; what is tried here is whether orders arrive, not who vouches for the name.
  const agent = new Agent({ keepAlive: true, servername: domain, rejectUnauthorized: false });
  const send = (key: string, host: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const options: RequestOptions = {
        agent,
        host,
        port,
        method: "POST",
        path: "/orders",
        timeout: timeoutMs,
        headers: {
          Host: domain,
          "Content-Type": "application/json",
          "Content-Length": Buffer.byteLength(orderBody),
          "Idempotency-Key": key,
        },
      };
      const sent = request(options, (response) => {
        response.resume();
        response.once("end", () => resolve(response.statusCode ?? 0));
        response.once("error", reject);
      });
      sent.once("timeout", () => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)));
      sent.once("error", reject);
      sent.end(orderBody);
    });
  const place: PlaceOrder = async (key) => send(key, find ? await find() : address);
  return Object.assign(place, { close: () => agent.destroy() });
}

/** A customer who meets an error tries the same order again, until it is confirmed: so nothing may be ordered twice. */
export function startShopWriter(place: PlaceOrder, file: RecordFile, options: ShopWriterOptions): Writer {
  const { run, customers = 4, pauseMs = 50 } = options;
  const ledger = new Ledger(file);
  let stopping = false;
  const attempt = async (key: string): Promise<boolean> => {
    const begin = Date.now();
    const error = await place(key).then(
      (status) => (status === 200 || status === 201 ? undefined : `status ${status}`),
      (reason: unknown) => (reason instanceof Error ? reason.message || reason.name : String(reason)),
    );
    const at = Date.now();
    ledger.add([{ id: key, at, took: at - begin, ...(error === undefined ? {} : { error }) }]);
    return error === undefined;
  };
  const customer = async (number: number) => {
    for (let order = 1; !stopping; order++) {
      const key = `${run}-${number}-${order}`;
      while (!(await attempt(key)) && !stopping) await sleep(100);
      await sleep(pauseMs);
    }
  };
  const all = Promise.all(Array.from({ length: customers }, (_, number) => customer(number)));
  return {
    entries: ledger.entries,
    acknowledgedSince: (at) => ledger.acknowledgedSince(at),
    get stopped() {
      return stopping;
    },
    failed: undefined,
    async stop() {
      stopping = true;
      await all;
    },
  };
}
