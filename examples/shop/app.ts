import { randomUUID } from "node:crypto";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { routePath } from "hono/route";
import { z } from "zod";
import type { Answers } from "./answers.ts";
import type { Assets } from "./assets.ts";
import type { Readiness } from "./health.ts";
import { errorCode, type Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { idempotencyKey, isSameRequest, type Order, type Orders, orderRequest } from "./orders.ts";
import { recentOrders, storefront } from "./pages.ts";
import { products } from "./products.ts";
import { basket, type Sessions, sessionSeconds } from "./sessions.ts";

export interface ShopParts {
  readonly orders: Orders;
  readonly answers: Answers;
  readonly sessions: Sessions;
  readonly assets: Assets;
  readonly metrics: Metrics;
  readonly log: Log;
  /** The process: it has begun to serve and is not about to end. */
  readonly isServing: () => boolean;
  readonly readiness: () => Promise<Readiness>;
}

type Env = { Variables: { requestId: string } };
type C = Context<Env>;

/** Largest body of a request, bytes. */
const maxBody = 16 * 1024;
/** Asked all the time, by machines: not worth a line in the log. */
const unlogged = new Set(["/healthz", "/readyz", "/metrics"]);
const plainId = /^[A-Za-z0-9._-]{8,128}$/;
const orderNumber = z.string().regex(/^(0|[1-9]\d{0,17})$/);
const cookie = "session";

const policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'";

const refuse = (c: C, status: 400 | 401 | 404 | 413 | 415 | 422 | 500 | 503, error: string) =>
  c.json({ error, requestId: c.get("requestId") }, status);

/** Takes the visitor's correlation id where it is plain, gives it back, and puts it into the log with what happened. */
function observed({ metrics, log }: ShopParts): MiddlewareHandler<Env> {
  const count = metrics.counter("shop_requests_total", "Requests by route, method and status.");
  const time = metrics.histogram("shop_request_duration_seconds", "Seconds until a request was answered, by route.");
  return async (c, next) => {
    const given = c.req.header("x-request-id");
    const requestId = given && plainId.test(given) ? given : randomUUID();
    c.set("requestId", requestId);
    const begin = performance.now();
    await next();
    const seconds = (performance.now() - begin) / 1000;
    // The innermost that matched; paths that lead nowhere are as many as visitors make up.
    const matched = routePath(c, -1);
    const route = matched === "*" || matched === "/*" ? "none" : matched;
    const method = /^(GET|HEAD|POST|PUT|DELETE)$/.test(c.req.method) ? c.req.method : "other";
    c.header("x-request-id", requestId);
    count({ route, method, status: String(c.res.status) });
    time({ route }, seconds);
    if (unlogged.has(route)) return;
    const fields = { request_id: requestId, method, route, status: c.res.status, ms: Math.round(seconds * 1e4) / 10 };
    if (c.res.status >= 500) log.warn("request", { ...fields, error: c.error && errorCode(c.error) });
    else log.info("request", fields);
  };
}

/** A body that must be JSON of that shape, or the refusal of it. */
async function jsonBody<T extends z.ZodType>(c: C, schema: T): Promise<z.output<T> | Response> {
  if (!/^application\/json\b/i.test(c.req.header("content-type") ?? "")) {
    return refuse(c, 415, "send application/json");
  }
  let body: unknown;
  try {
    body = await c.req.json();
  } catch (error) {
    // The limit's own error is for whoever set the limit.
    if (!(error instanceof SyntaxError)) throw error;
    return refuse(c, 400, "the body is not JSON");
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  return refuse(c, 400, parsed.error.issues.map((i) => [i.path.join("."), i.message].join(": ")).join("; "));
}

function orderRoutes(app: Hono<Env>, { orders, answers, metrics, log }: ShopParts): void {
  const count = metrics.counter("shop_orders_total", "Orders answered, by result: created, repeated or conflict.");
  const lost = metrics.counter("shop_answers_unavailable_total", "Times that Redis could not tell or keep an answer.");
  const withoutRedis = (c: C, error: unknown) => {
    lost();
    log.warn("idempotency keys are left to Postgres", { request_id: c.get("requestId"), error: errorCode(error) });
  };
  const confirm = (c: C, order: Order, result: "created" | "repeated") => {
    count({ result });
    c.header("location", `/orders/${order.number}`);
    if (result === "repeated") c.header("idempotent-replayed", "true");
    return c.json({ order }, 201);
  };

  app.post("/orders", async (c) => {
    const key = idempotencyKey.safeParse(c.req.header("idempotency-key"));
    if (!key.success) return refuse(c, 400, "Idempotency-Key: send 8 to 200 printable characters, new for each order");
    const request = await jsonBody(c, orderRequest);
    if (request instanceof Response) return request;
    const conflict = () => {
      count({ result: "conflict" });
      return refuse(c, 422, "Idempotency-Key: was used for another order");
    };
    const known = await answers.get(key.data).catch((error) => withoutRedis(c, error));
    if (known) return isSameRequest(known, request) ? confirm(c, known, "repeated") : conflict();
    const { order, created } = await orders.place(key.data, request);
    if (!isSameRequest(order, request)) return conflict();
    await answers.put(key.data, order).catch((error) => withoutRedis(c, error));
    return confirm(c, order, created ? "created" : "repeated");
  });

  app.get("/orders", async (c) => {
    const since = orderNumber.safeParse(c.req.query("since") ?? "0");
    const limit = z.coerce
      .number()
      .int()
      .min(1)
      .max(1000)
      .safeParse(c.req.query("limit") ?? "100");
    if (!since.success) return refuse(c, 400, "since: is not the number of an order");
    if (!limit.success) return refuse(c, 400, "limit: is not a whole number from 1 to 1000");
    const found = await orders.since(since.data, limit.data);
    // A full page may have a next one; orders that are only now committed may have smaller numbers than the last.
    return c.json({ orders: found, next: found.length === limit.data ? found.at(-1)!.number : null });
  });

  app.get("/orders/:number", async (c) => {
    const number = orderNumber.safeParse(c.req.param("number"));
    const order = number.success ? await orders.find(number.data) : undefined;
    return order ? c.json({ order }) : refuse(c, 404, "there is no such order");
  });
}

function sessionRoutes(app: Hono<Env>, { sessions }: ShopParts): void {
  const idOf = (c: C) => getCookie(c, cookie) ?? "";

  app.post("/session", async (c) => {
    const { id, session } = await sessions.create();
    setCookie(c, cookie, id, {
      path: "/",
      httpOnly: true,
      sameSite: "Lax",
      secure: c.req.header("x-forwarded-proto") === "https",
      maxAge: sessionSeconds,
    });
    return c.json({ session }, 201);
  });
  app.get("/session", async (c) => {
    const session = await sessions.get(idOf(c));
    return session ? c.json({ session }) : refuse(c, 401, "there is no session, or it has ended");
  });
  app.put("/session/basket", async (c) => {
    const items = await jsonBody(c, basket);
    if (items instanceof Response) return items;
    const done = await sessions.setBasket(idOf(c), items);
    return done ? c.json({ basket: items }) : refuse(c, 401, "there is no session, or it has ended");
  });
  app.delete("/session", async (c) => {
    await sessions.end(idOf(c));
    deleteCookie(c, cookie, { path: "/" });
    return c.body(null, 204);
  });
}

function pageRoutes(app: Hono<Env>, { orders, sessions, assets }: ShopParts): void {
  const page = (c: C, content: Parameters<C["html"]>[0]) => {
    c.header("content-security-policy", policy);
    c.header("cache-control", "no-store");
    return c.html(content);
  };

  app.get("/", async (c) => {
    const id = getCookie(c, cookie);
    // Products are shown to everybody, whatever has become of the sessions.
    const session = id === undefined ? undefined : await sessions.get(id).catch(() => undefined);
    return page(c, storefront(assets, session?.basket.length));
  });
  app.get("/recent", async (c) => page(c, recentOrders(assets, await orders.recent(20))));
  app.get("/products", (c) => c.json({ products }));
  app.get("/assets/:name", (c) => {
    const found = assets.find(c.req.path);
    if (!found) return refuse(c, 404, "there is no such file");
    c.header("content-type", found.asset.type);
    c.header("cache-control", found.current ? "public, max-age=31536000, immutable" : "no-store");
    return c.body(found.asset.body);
  });
}

/** Trying again would not help. Whatever else goes wrong is a part that does not answer, or says that it cannot. */
const isMistake = (error: Error): boolean =>
  [TypeError, RangeError, ReferenceError, SyntaxError, z.ZodError].some((kind) => error instanceof kind);

/** The shop over whatever keeps its data. */
export function createApp(parts: ShopParts): Hono<Env> {
  const app = new Hono<Env>();
  app.use(observed(parts));
  app.use(bodyLimit({ maxSize: maxBody, onError: (c) => refuse(c, 413, `more than ${maxBody} bytes`) }));
  app.get("/healthz", (c) => (parts.isServing() ? c.text("ok\n") : c.text("starting or ending\n", 503)));
  app.get("/readyz", async (c) => {
    const readiness = await parts.readiness();
    const ready = readiness.ready && parts.isServing();
    return c.json({ ...readiness, ready }, ready ? 200 : 503);
  });
  app.get("/metrics", (c) => c.text(parts.metrics.render(), 200, { "content-type": "text/plain; version=0.0.4" }));
  orderRoutes(app, parts);
  sessionRoutes(app, parts);
  pageRoutes(app, parts);
  app.notFound((c) => refuse(c, 404, "there is nothing here"));
  app.onError((error, c) => {
    if (isMistake(error)) return refuse(c, 500, "the shop made a mistake");
    // What went wrong is in the log, under the same id. An order may still come to be: the same key will tell.
    c.header("retry-after", "1");
    return refuse(
      c,
      503,
      `cannot be done now (${errorCode(error)}): try again, an order with the same Idempotency-Key`,
    );
  });
  return app;
}
