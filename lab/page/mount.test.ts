import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestLab, TEST_TOKEN, type TestLab } from "../api/testing.ts";

let lab: TestLab;
const logged: string[] = [];
beforeEach(() => {
  logged.length = 0;
  lab = openTestLab({ log: (line) => logged.push(line) });
});
afterEach(() => lab.close());

const raw = (path: string, init?: RequestInit) => lab.app.request(path, init);
const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });
const redeem = (code: unknown) => raw("/_lab/page/keys", { method: "POST", body: JSON.stringify({ code }) });

async function newCode(): Promise<string> {
  const response = await raw("/_lab/page/codes", { method: "POST", ...bearer(TEST_TOKEN) });
  expect(response.status).toBe(201);
  return ((await response.json()) as { code: string }).code;
}

async function newKey(): Promise<string> {
  const response = await redeem(await newCode());
  expect(response.status).toBe(201);
  return ((await response.json()) as { key: string }).key;
}

test("the page is there for everybody, holds nothing of the lab, and allows its own script and style only", async () => {
  const response = await raw("/");
  const html = await response.text();
  expect(response.headers.get("Content-Type")).toMatch(/^text\/html/);
  expect(html).not.toContain(TEST_TOKEN);
  const policy = response.headers.get("Content-Security-Policy") ?? "";
  for (const tag of ["script", "style"]) {
    const [, text = ""] = new RegExp(`<${tag}[^>]*>([\\s\\S]*)</${tag}>`).exec(html) ?? [];
    expect(text.length).toBeGreaterThan(1000);
    expect(policy).toContain(`${tag}-src 'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  }
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|\*|http/);
  expect(html).not.toMatch(/(src|href)="?https?:/);
});

test("nothing is kept by caches, framed or guessed", async () => {
  for (const path of ["/", "/_lab/view"]) {
    const { headers } = await raw(path, bearer(TEST_TOKEN));
    expect(headers.get("Cache-Control")).toBe("no-store");
    expect(headers.get("X-Frame-Options")).toBe("DENY");
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.get("Cross-Origin-Resource-Policy")).toBe("same-origin");
    expect(headers.get("Access-Control-Allow-Origin")).toBeNull();
  }
});

test.each([undefined, "Bearer", "Bearer nothing", "Bearer 9999999999999.AAAA"])(
  "the view and the codes are closed without a key or the token (%s)",
  async (Authorization) => {
    const init: RequestInit = Authorization === undefined ? {} : { headers: { Authorization } };
    for (const response of [
      await raw("/_lab/view", init),
      await raw("/_lab/page/codes", { method: "POST", ...init }),
    ]) {
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: { code: "unauthorized" } });
    }
  },
);

test("a code becomes a key, once; the key opens the view and nothing else", async () => {
  const code = await newCode();
  const { key } = (await (await redeem(code)).json()) as { key: string };
  expect((await redeem(code)).status).toBe(401);
  expect((await raw("/_lab/view", bearer(key))).status).toBe(200);
  for (const path of ["/v1/servers", "/_lab/state", "/_lab/faults"])
    expect((await raw(path, bearer(key))).status).toBe(401);
  expect((await raw("/_lab/page/codes", { method: "POST", ...bearer(key) })).status).toBe(401);
  expect((await raw("/_lab/view", { method: "POST", ...bearer(key) })).status).toBe(401);
});

test.each([7, null, "", "x".repeat(101), { a: 1 }])("%j is refused as a code", async (code) => {
  expect([401, 422]).toContain((await redeem(code)).status);
});

test("a large body is refused", async () => {
  expect((await redeem("x".repeat(5000))).status).toBe(413);
});

test.each(["evil.example:4570", "127.0.0.1.evil.example", "10.0.0.1"])(
  "asked for as %s, which is not loopback, it says nothing",
  async (Host) => {
    const key = await newKey();
    for (const path of ["/", "/_lab/view"]) {
      const response = await raw(path, { headers: { Host, Authorization: `Bearer ${key}` } });
      expect(response.status).toBe(403);
      expect(await response.text()).not.toContain("<html");
    }
    const code = await newCode();
    const stolen = await raw("/_lab/page/keys", { method: "POST", headers: { Host }, body: JSON.stringify({ code }) });
    expect(stolen.status).toBe(403);
    expect((await redeem(code)).status).toBe(201);
  },
);

test("what is known already is not sent again", async () => {
  const key = await newKey();
  const first = await raw("/_lab/view", bearer(key));
  const tag = first.headers.get("ETag")!;
  const again = (tag: string) =>
    raw("/_lab/view", { headers: { Authorization: `Bearer ${key}`, "If-None-Match": tag } });
  expect((await again(tag)).status).toBe(304);
  await lab.post("/placement_groups", { name: "news", type: "spread" });
  const changed = await again(tag);
  expect(changed.status).toBe(200);
  expect(changed.headers.get("ETag")).not.toBe(tag);
});

test("looking is no call of the API: not listed, not logged, not delayed or failed by faults", async () => {
  await lab.post("/_lab/faults", { type: "server_error" });
  logged.length = 0;
  const key = await newKey();
  for (let i = 0; i < 3; i++) expect((await raw("/_lab/view", bearer(key))).status).toBe(200);
  const { calls } = (await (await raw("/_lab/view", bearer(key))).json()) as { calls: unknown[] };
  expect(calls).toEqual([]);
  expect(logged).toEqual([]);
});
