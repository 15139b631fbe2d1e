import { expect, test } from "vitest";
import { createApp, type ShopParts } from "./app.ts";
import { loadAssets } from "./assets.ts";
import { createLog } from "./log.ts";
import { Metrics } from "./metrics.ts";
import type { Order, Orders } from "./orders.ts";
import type { Session } from "./sessions.ts";

const unavailable = () => Promise.reject(Object.assign(new Error("password=hidden"), { code: "ECONNREFUSED" }));

/** Orders and sessions in memory, and what became of the log. */
function shop(changes: Partial<ShopParts> = {}) {
  const byKey = new Map<string, Order>();
  const answered = new Map<string, Order>();
  const sessions = new Map<string, Session>();
  const lines: Record<string, unknown>[] = [];
  const orders: Orders = {
    async place(key, { sku, quantity }) {
      const known = byKey.get(key);
      if (known) return { order: known, created: false };
      const order = {
        number: String(100_001 + byKey.size),
        sku,
        quantity,
        cents: 1,
        createdAt: "2026-11-20T12:00:00Z",
      };
      byKey.set(key, order);
      return { order, created: true };
    },
    find: async (number) => [...byKey.values()].find((order) => order.number === number),
    since: async (number, limit) =>
      [...byKey.values()].filter((o) => BigInt(o.number) > BigInt(number)).slice(0, limit),
    recent: async (limit) => [...byKey.values()].toReversed().slice(0, limit),
  };
  const app = createApp({
    orders,
    answers: {
      get: async (key) => answered.get(key),
      put: async (key, order) => void answered.set(key, order),
    },
    sessions: {
      async create() {
        const session = { since: "2026-11-20T12:00:00Z", basket: [] };
        sessions.set("the-id", session);
        return { id: "the-id", session };
      },
      get: async (id) => sessions.get(id),
      async setBasket(id, basket) {
        const found = sessions.get(id);
        if (found) sessions.set(id, { ...found, basket });
        return found !== undefined;
      },
      end: async (id) => void sessions.delete(id),
    },
    assets: loadAssets(new URL("./public/", import.meta.url)),
    metrics: new Metrics(),
    log: createLog((line) => lines.push(JSON.parse(line))),
    isServing: () => true,
    readiness: async () => ({ ready: true, checks: {} }),
    ...changes,
  });
  const order = (key: string, body: unknown, headers: Record<string, string> = {}) =>
    app.request("/orders", {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": key, ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return { app, order, lines, byKey, answered };
}

const mug = { sku: "mug", quantity: 2 };

test("an order is confirmed with its number, and found under it", async () => {
  const { app, order } = shop();
  const response = await order("key-00000001", mug);
  expect(response.status).toBe(201);
  expect(await response.json()).toMatchObject({ order: { number: "100001", ...mug } });
  expect(response.headers.get("location")).toBe("/orders/100001");
  expect(response.headers.get("idempotent-replayed")).toBeNull();
  expect(await (await app.request("/orders/100001")).json()).toMatchObject({ order: mug });
  for (const number of ["100002", "x", "-1", "1e3", "9".repeat(30)]) {
    expect((await app.request(`/orders/${number}`)).status).toBe(404);
  }
});

test("the same key gives the same order, from Redis and, where that has lost it, from Postgres", async () => {
  const { order, byKey, answered } = shop();
  await order("key-00000001", mug);
  for (const lose of [false, true]) {
    if (lose) answered.clear();
    const again = await order("key-00000001", mug);
    expect(again.status).toBe(201);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(await again.json()).toMatchObject({ order: { number: "100001" } });
    if (lose) answered.clear();
    expect((await order("key-00000001", { ...mug, quantity: 3 })).status).toBe(422);
  }
  expect(byKey.size).toBe(1);
});

test("without Redis orders go on, and the log says so", async () => {
  const { order, byKey, lines } = shop({ answers: { get: unavailable, put: unavailable } });
  expect((await order("key-00000001", mug)).status).toBe(201);
  expect((await order("key-00000001", mug)).status).toBe(201);
  expect(byKey.size).toBe(1);
  expect(lines.filter((line) => line.error === "ECONNREFUSED")).toHaveLength(4);
});

test.each<[string, unknown, Record<string, string>, number]>([
  ["no key", mug, { "idempotency-key": "" }, 400],
  ["a short key", mug, { "idempotency-key": "1234567" }, 400],
  ["a key with spaces", mug, { "idempotency-key": "1234 5678" }, 400],
  ["a form", "sku=mug", { "content-type": "application/x-www-form-urlencoded" }, 415],
  ["no JSON", "{", {}, 400],
  ["an unknown product", { ...mug, sku: "yacht" }, {}, 400],
  ["none of it", { ...mug, quantity: 0 }, {}, 400],
  ["part of it", { ...mug, quantity: 1.5 }, {}, 400],
  ["too many", { ...mug, quantity: 101 }, {}, 400],
  ["a price of one's own", { ...mug, cents: 1 }, {}, 400],
  ["a large body", { sku: "x".repeat(17_000) }, {}, 413],
])("%s is refused, and nothing is ordered", async (_, body, headers, status) => {
  const { order, byKey } = shop();
  expect((await order("key-00000001", body, headers)).status).toBe(status);
  expect(byKey.size).toBe(0);
});

test("a body without a length is bounded too", async () => {
  const { app, byKey } = shop();
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1024).fill(32)) });
  const response = await app.request("/orders", {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": "key-00000001" },
    body: endless,
    duplex: "half",
  } as RequestInit);
  expect(response.status).toBe(413);
  expect(byKey.size).toBe(0);
});

test("orders are listed in pages, from a number on", async () => {
  const { app, order } = shop();
  for (const n of [1, 2, 3]) await order(`key-0000000${n}`, mug);
  type Page = { orders: Order[]; next: string | null };
  const list = async (query: string) => (await (await app.request(`/orders${query}`)).json()) as Page;
  const numbers = (page: Page) => page.orders.map((o) => o.number);
  expect(numbers(await list(""))).toEqual(["100001", "100002", "100003"]);
  const page = await list("?since=100001&limit=1");
  expect([numbers(page), page.next]).toEqual([["100002"], "100002"]);
  expect((await list("?since=100003")).next).toBeNull();
  for (const query of ["?since=x", "?since=1'", "?limit=0", "?limit=1001", "?limit=1.5"]) {
    expect((await app.request(`/orders${query}`)).status, query).toBe(400);
  }
});

test("a visitor's plain correlation id is taken, given back and logged; any other is replaced", async () => {
  const { app, lines } = shop();
  const given = await app.request("/products?token=hidden", { headers: { "x-request-id": "checkout-42" } });
  expect(given.headers.get("x-request-id")).toBe("checkout-42");
  expect(lines.at(-1)).toMatchObject({ request_id: "checkout-42", route: "/products", status: 200 });
  const made = await app.request("/products", { headers: { "x-request-id": '"><script>' } });
  expect(made.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  expect(JSON.stringify(lines)).not.toMatch(/hidden|script/);
});

test("what cannot be done now is 503, and neither answer nor log tells more than a code", async () => {
  const { orders } = { orders: { place: unavailable, find: unavailable, since: unavailable, recent: unavailable } };
  const { app, order, lines } = shop({ orders });
  const response = await order("key-00000001", mug, { "x-request-id": "checkout-42" });
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("1");
  const text = await response.text();
  expect(text).toContain("ECONNREFUSED");
  expect(JSON.parse(text).requestId).toBe("checkout-42");
  expect((await app.request("/recent")).status).toBe(503);
  expect(text + JSON.stringify(lines)).not.toContain("hidden");
  expect(lines[0]).toMatchObject({ level: "warn", request_id: "checkout-42", error: "ECONNREFUSED" });
});

test("a mistake is 500: trying again would not help", async () => {
  const broken = () => Promise.reject(new TypeError("hidden"));
  const { order, lines } = shop({ orders: { place: broken, find: broken, since: broken, recent: broken } });
  const response = await order("key-00000001", mug);
  expect([response.status, response.headers.get("retry-after")]).toEqual([500, null]);
  expect(await response.text()).not.toContain("hidden");
  expect(lines.at(-1)).toMatchObject({ status: 500, error: "TypeError" });
});

test("a session is a cookie that scripts cannot read and that HTTPS keeps to itself", async () => {
  const { app } = shop();
  const begun = await app.request("/session", { method: "POST", headers: { "x-forwarded-proto": "https" } });
  const set = begun.headers.get("set-cookie")!;
  expect(set).toMatch(/^session=the-id;/);
  for (const part of ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"]) expect(set).toContain(part);
  const headers = { cookie: "session=the-id", "content-type": "application/json" };
  expect((await app.request("/session", { headers })).status).toBe(200);
  expect((await app.request("/session")).status).toBe(401);
  const put = (body: unknown) => app.request("/session/basket", { method: "PUT", headers, body: JSON.stringify(body) });
  expect((await put([mug])).status).toBe(200);
  expect((await put(Array(21).fill(mug))).status).toBe(400);
  expect(await (await app.request("/", { headers })).text()).toContain("In your basket: 1");
  expect((await app.request("/session", { method: "DELETE", headers })).status).toBe(204);
  expect((await app.request("/session", { headers })).status).toBe(401);
});

test("files have far-future names; those of another release are served, but not kept", async () => {
  const { app } = shop();
  const page = await (await app.request("/")).text();
  const [css] = /\/assets\/shop\.[0-9a-f]{12}\.css/.exec(page)!;
  const current = await app.request(css);
  expect(current.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect(current.headers.get("content-type")).toBe("text/css; charset=utf-8");
  const other = await app.request("/assets/shop.000000000000.css");
  expect([other.status, other.headers.get("cache-control")]).toEqual([200, "no-store"]);
  for (const path of ["/assets/none.000000000000.css", "/assets/shop.css", "/assets/..%2fmain.ts"]) {
    expect((await app.request(path)).status, path).toBe(404);
  }
});

test("pages show text as text", async () => {
  const { app, byKey } = shop();
  byKey.set("k", { number: "1", sku: "<script>", quantity: 1, cents: 1290, createdAt: "now" });
  const response = await app.request("/recent");
  const page = await response.text();
  expect(page).toContain("1 × &lt;script&gt;");
  expect(page).toContain("12.90 EUR");
  expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
});

test("health is the process, readiness its dependencies", async () => {
  const checks = { "redis-sessions": { ok: false, error: "ECONNREFUSED" } };
  const { app } = shop({ readiness: async () => ({ ready: false, checks }) });
  expect((await app.request("/healthz")).status).toBe(200);
  const ready = await app.request("/readyz");
  expect([ready.status, await ready.json()]).toEqual([503, { ready: false, checks }]);
  const ending = shop({ isServing: () => false }).app;
  expect((await ending.request("/healthz")).status).toBe(503);
  expect((await ending.request("/readyz")).status).toBe(503);
});

test("metrics count by route, not by what visitors make up, and machines' questions are not logged", async () => {
  const { app, order, lines } = shop();
  await order("key-00000001", mug);
  await order("key-00000001", mug);
  for (const path of ["/orders/1", "/orders/2", "/wp-login.php", "/a/b/c"]) await app.request(path);
  await app.request("/orders", { method: "BREW" });
  const logged = lines.length;
  const text = await (await app.request("/metrics")).text();
  expect(lines).toHaveLength(logged);
  for (const line of [
    'shop_requests_total{route="/orders",method="POST",status="201"} 2',
    'shop_requests_total{route="/orders/:number",method="GET",status="404"} 2',
    'shop_requests_total{route="none",method="GET",status="404"} 2',
    'shop_requests_total{route="none",method="other",status="404"} 1',
    'shop_orders_total{result="created"} 1',
    'shop_orders_total{result="repeated"} 1',
    'shop_request_duration_seconds_count{route="/orders"} 2',
  ]) {
    expect(text.split("\n")).toContain(line);
  }
});
