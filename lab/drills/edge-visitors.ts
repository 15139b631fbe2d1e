/** Visitors of an edge site: what they are answered, one after another, while the site or the core is away. */
import { Agent, type RequestOptions, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { EdgeSite } from "./edge-site.ts";
import type { ShopAddress } from "./shop-writer.ts";

/** Largest body that is kept, bytes. */
const mostBody = 256 * 1024;

export interface Asked {
  readonly path: string;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds that the visitor waits. @default 15000 */
  readonly timeoutMs?: number;
}

/** Headers and body of an answer. */
export interface Answer {
  readonly status: number;
  /** By name in lower case; several of one name joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What came of one visit. */
export interface Visit {
  /** When it began, milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds. */
  readonly took: number;
  readonly answer?: Answer;
  /** Why there was none. */
  readonly error?: string;
}

export type Visitor = (asked: Asked) => Promise<Visit>;

/** Somebody who asks a name at an address, each time anew: what is kept open would hide that nobody new gets in. */
function visitorOf({ address, port, domain }: Omit<ShopAddress, "find">): Visitor {
  // As for orders: what is tried is whether there is an answer, not who vouches for the name.
  const agent = new Agent({ keepAlive: false, servername: domain, rejectUnauthorized: false });
  return async ({ path, method = "GET", headers = {}, timeoutMs = 15_000 }) => {
    const at = Date.now();
    const options: RequestOptions = { agent, host: address, port, method, path, headers: { ...headers, Host: domain } };
    const signal = AbortSignal.timeout(timeoutMs);
    const outcome = await new Promise<Pick<Visit, "answer" | "error">>((resolve) => {
      const failed = (error: Error) =>
        resolve({ error: signal.aborted ? `no answer within ${timeoutMs} ms` : error.message || error.name });
      const sent = request({ ...options, signal }, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text: string) => {
          if (body.length < mostBody) body += text;
        });
        response.once("error", failed);
        response.once("end", () => {
          const named = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
          resolve({ answer: { status: response.statusCode ?? 0, headers: Object.fromEntries(named), body } });
        });
      });
      sent.once("error", failed);
      sent.end();
    });
    return { at, took: Date.now() - at, ...outcome };
  };
}

/** A visitor of an edge site, at its first machine's address. */
export const edgeVisitor = ({ addresses, domain }: EdgeSite): Visitor =>
  visitorOf({ address: addresses[0]!, port: 443, domain });

/** A visitor of the core, who goes where its name leads. */
export const coreVisitor = ({ address, find, port, domain }: ShopAddress): Visitor => {
  return async (asked) => visitorOf({ address: find ? await find() : address, port, domain })(asked);
};

/** Asks for one path again and again. */
export interface Visits {
  readonly all: readonly Visit[];
  stop(): Promise<void>;
}

/** @param everyMs between the end of one visit and the next one */
export function keepVisiting(visit: Visitor, asked: Asked, everyMs = 400): Visits {
  const all: Visit[] = [];
  const stopped = new AbortController();
  const going = (async () => {
    while (!stopped.signal.aborted) {
      all.push(await visit(asked));
      await sleep(everyMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  })();
  return {
    all,
    stop: async () => {
      stopped.abort();
      await going;
    },
  };
}

const isServed = ({ answer }: Visit): boolean => answer?.status === 200;

/** What a visit brought, in a few words. */
export const described = ({ answer, error }: Visit): string => (answer ? `status ${answer.status}` : error!);

/** Visits that were not served. */
export const unserved = (visits: readonly Visit[]): Visit[] => visits.filter((visit) => !isServed(visit));

/** Seconds from the first visit that was not served to the end of the next one that was; 0 when all were, undefined when none was any more. */
export function unservedSeconds(visits: readonly Visit[]): number | undefined {
  const first = visits.find((visit) => !isServed(visit));
  if (!first) return 0;
  const again = visits.find((visit) => visit.at > first.at && isServed(visit));
  return again && (again.at + again.took - first.at) / 1000;
}

/** How a visit has to end at an edge site for it to have let out nothing of the core. */
interface Rule {
  readonly what: string;
  readonly asked: Asked;
  readonly status: number;
  /** Whether the visitor has to be led to the core. */
  readonly toCore?: boolean;
}

/** Visits whose answers may never come out of a cache, and how they have to end. @param cached path of which the site has a copy */
export const privateVisits = (cached: string): readonly Rule[] => [
  {
    what: "a copy, with credentials",
    asked: { path: cached, headers: { Authorization: "Bearer drill" } },
    status: 307,
    toCore: true,
  },
  { what: "a page with a visitor's basket", asked: { path: "/" }, status: 307, toCore: true },
  { what: "orders", asked: { path: "/recent" }, status: 307, toCore: true },
  { what: "an order", asked: { path: "/orders", method: "POST" }, status: 405 },
  { what: "a copy, with a session", asked: { path: cached, headers: { Cookie: "session=drill" } }, status: 200 },
];

/** Why a visit let something out, or was answered from a copy; undefined when it did not. @param core the core's domain */
export function leak({ what, status, toCore }: Rule, visit: Visit, core: string): string | undefined {
  const { answer } = visit;
  if (answer?.status !== status) return `${what}: ${described(visit)}, and not ${status}`;
  const { headers } = answer;
  if (headers["set-cookie"] !== undefined) return `${what}: sets a cookie`;
  if (!toCore) return undefined;
  if (headers["x-cache"] !== undefined) return `${what}: answered by the cache (${headers["x-cache"]})`;
  return headers.location?.startsWith(`https://${core}/`)
    ? undefined
    : `${what}: led to ${headers.location ?? "nowhere"}`;
}
