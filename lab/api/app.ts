import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, Hono, type Next } from "hono";
import { bodyLimit } from "hono/body-limit";
import { Calls } from "../page/calls.ts";
import { mountPage } from "../page/mount.ts";
import { mountAdmin } from "./admin.ts";
import { ACTIONS } from "./core/actions.ts";
import { authenticator, labId } from "./core/auth.ts";
import { ApiError } from "./core/errors.ts";
import { ACTION_LIST, apiPath, mountKind, Router } from "./core/kind.ts";
import type { Lab } from "./core/lab.ts";
import type { RateLimit } from "./core/rate-limit.ts";
import { KINDS } from "./kinds/index.ts";

/** Largest request body: 32 KiB of user data fit with room, nothing else is near. */
const MAX_BODY_BYTES = 1024 * 1024;

/** The node:http objects that @hono/node-server hands over; absent when the app is called directly in tests. */
interface NodeBindings {
  incoming?: { socket: { destroy(): void } };
}

/**
 * The whole HTTP interface of a lab.
 * @param rateLimit the account behind the `RateLimit-*` headers
 * @param enforceRateLimit whether an empty account is answered with 429
 */
export function createApp(lab: Lab, token: string, rateLimit: RateLimit, enforceRateLimit: boolean): Hono {
  const app = new Hono();
  const authenticate = authenticator(token);
  const calls = new Calls();

  mountPage(app, lab, { token, authenticate, calls });
  app.use(async (c, next) => {
    const begin = performance.now();
    await next();
    const ms = performance.now() - begin;
    // Path and status only: queries and bodies may hold what nobody should read in a log.
    lab.log(`${c.req.method} ${c.req.path} ${c.res.status} ${ms.toFixed(1)} ms`);
    if (c.req.path.startsWith("/v1/")) calls.add(lab.now(), c.req.method, c.req.path, c.res, ms);
  });
  const health = { status: "ok", id: labId(token) };
  app.get("/_lab/health", (c) => c.json(health));
  app.use(async (c, next) => {
    authenticate(c.req.header("Authorization"));
    lab.actions.advance();
    await next();
  });
  const limit = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: () => {
      throw new ApiError("request_too_large", `the body of the request is larger than ${MAX_BODY_BYTES} bytes`);
    },
  });
  // Objects have a limit of their own.
  app.use((c, next) => (c.req.path.startsWith("/_lab/services/object-storage/") ? next() : limit(c, next)));
  mountAdmin(app, lab);
  app.use("/v1/*", async (c, next) => {
    const enough = rateLimit.take() || !enforceRateLimit;
    for (const [name, value] of Object.entries(rateLimit.headers())) c.header(name, value);
    if (!enough) throw new ApiError("rate_limit_exceeded", "limit of requests per hour reached");
    return withFaults(lab, rateLimit, c, next);
  });

  const api = new Hono();
  const router = new Router(api, lab);
  router.get("/actions", (_, query, c) => {
    const ids = query.getAll("id");
    if (ids.length === 0) throw new ApiError("invalid_input", "listing all actions is not possible: give ids");
    const found = ids.map((id) => lab.store.get(ACTIONS, Number(id))).filter((action) => action !== undefined);
    return router.page("actions", [...new Set(found)], query, ACTION_LIST, c);
  });
  router.get("/actions/:id", ({ id }) => {
    const action = lab.store.get(ACTIONS, Number(id));
    if (!action) throw new ApiError("not_found", `action with ID '${id}' not found`);
    return { action };
  });
  for (const kind of KINDS) mountKind(router, kind);
  app.route("/v1", api);

  app.notFound((c) => answerError(c, new ApiError("not_found", `no such endpoint: ${c.req.method} ${c.req.path}`)));
  app.onError((error, c) => {
    if (error instanceof ApiError) return answerError(c, error);
    lab.log(`bug: ${error.stack ?? error}`);
    return answerError(c, new ApiError("server_error", "internal error of the lab; its log has the details"));
  });
  return app;
}

function answerError(c: Context, error: ApiError): Response {
  return c.json(error.toJSON(), error.status as 500);
}

/** Plays the faults that hit this request, in the order in which a real request would meet them. */
async function withFaults(lab: Lab, rateLimit: RateLimit, c: Context, next: Next): Promise<Response | undefined> {
  const hit: Lab["faults"]["hit"] = (type, fits) => {
    lab.faults.request = { method: c.req.method, path: apiPath(c) };
    try {
      return lab.faults.hit(type, fits);
    } finally {
      lab.faults.request = undefined;
    }
  };
  const latency = hit("latency");
  if (latency) await sleep(latency.ms);
  if (hit("rate_limit")) {
    for (const [name, value] of Object.entries(rateLimit.headers(0))) c.header(name, value);
    throw new ApiError("rate_limit_exceeded", "limit of requests per hour reached (fault rate_limit)");
  }
  const failure = hit("server_error");
  if (failure) return serverError(c, failure.status);
  const timeout = hit("timeout");
  if (!timeout || timeout.performed) await next();
  if (!timeout) return undefined;
  await sleep(timeout.ms);
  const incoming = (c.env as NodeBindings | undefined)?.incoming;
  if (!incoming) throw new ApiError("timeout", "fault timeout");
  incoming.socket.destroy();
  return RESPONSE_ALREADY_SENT;
}

/** 500, 501 and 503 come from the API itself, 502 and 504 from the proxies before it, which answer in plain text. */
function serverError(c: Context, status: number): Response {
  if (status === 502 || status === 504) return c.text("fault server_error", status);
  const code = status === 503 ? "unavailable" : "server_error";
  return answerError(c, new ApiError(code, "fault server_error", null, status));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
