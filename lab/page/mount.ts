import { createHash } from "node:crypto";
import type { Context, Hono, Next } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { ApiError } from "../api/core/errors.ts";
import { parseBody } from "../api/core/kind.ts";
import type { Lab } from "../api/core/lab.ts";
import { isLoopbackHost, PageAccess } from "./access.ts";
import type { Calls } from "./calls.ts";
import { pageDocument } from "./document.ts";
import { pageView } from "./view.ts";

export interface PageSettings {
  readonly token: string;
  /** Throws unless the `Authorization` header has the lab's token. */
  readonly authenticate: (header: string | undefined) => void;
  readonly calls: Calls;
}

const MAX_CODE_BYTES = 1000;

/**
 * The page at `/` and what it reads. To be mounted before anything that logs, counts or delays requests: a page that looks
 * once a second is no traffic of the cloud, and must work while faults are in play.
 */
export function mountPage(app: Hono, lab: Lab, { token, authenticate, calls }: PageSettings): void {
  const access = new PageAccess(token, lab.now);
  const started = lab.timestamp();
  const guard = (c: Context, next: Next) => {
    if (!isLoopbackHost(c.req.header("Host") ?? new URL(c.req.url).host))
      throw new ApiError("forbidden", "the lab's page is at a loopback address, such as http://127.0.0.1, only");
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
    return next();
  };
  for (const path of ["/", "/_lab/view", "/_lab/page/*"]) app.use(path, guard);

  app.get("/", (c) => {
    const { html, policy } = pageDocument();
    c.header("Content-Security-Policy", policy);
    return c.html(html);
  });
  app.post("/_lab/page/codes", (c) => {
    authenticate(c.req.header("Authorization"));
    return c.json({ code: access.issueCode() }, 201);
  });
  app.post("/_lab/page/keys", bodyLimit({ maxSize: MAX_CODE_BYTES, onError: tooLarge }), async (c) => {
    const { code } = await parseBody(await c.req.text(), z.object({ code: z.string().max(100) }));
    const key = access.redeem(code);
    if (key === undefined) throw new ApiError("unauthorized", "the code was used already, or is too old");
    return c.json({ key }, 201);
  });
  app.get("/_lab/view", (c) => {
    const header = c.req.header("Authorization");
    if (!access.isValid(/^Bearer (\S+)$/i.exec(header ?? "")?.[1] ?? "")) authenticate(header);
    lab.actions.advance();
    const body = JSON.stringify(pageView(lab, calls, started));
    const tag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
    c.header("ETag", tag);
    if (c.req.header("If-None-Match") === tag) return c.body(null, 304);
    return c.body(body, 200, { "Content-Type": "application/json" });
  });
}

/** Nothing of the page is kept by a cache, shown in a frame, or readable by a page from elsewhere. */
const HEADERS = {
  "Cache-Control": "no-store",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};

function tooLarge(): never {
  throw new ApiError("request_too_large", `the body of the request is larger than ${MAX_CODE_BYTES} bytes`);
}
