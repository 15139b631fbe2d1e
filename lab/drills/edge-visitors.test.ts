import { describe, expect, it } from "vitest";
import { leak, privateVisits, unserved, unservedSeconds, type Visit } from "./edge-visitors.ts";

const served = (at: number, took = 10): Visit => ({ at, took, answer: { status: 200, headers: {}, body: "" } });
const failed = (at: number): Visit => ({ at, took: 3000, error: "no answer within 3000 ms" });

describe("visits of an edge site", () => {
  it("a site that is lost is so from the first visit without an answer to the end of the next one that is served", () => {
    expect(unservedSeconds([served(0), served(400)])).toBe(0);
    expect(unservedSeconds([served(0), failed(1000), failed(4000), served(8000, 500)])).toBe(7.5);
    expect(unservedSeconds([served(0), failed(1000)])).toBeUndefined();
  });

  it("another status than 200 is not served", () => {
    const refused: Visit = { at: 1, took: 1, answer: { status: 504, headers: {}, body: "" } };
    expect(unserved([served(0), refused, failed(2)])).toEqual([refused, failed(2)]);
  });
});

describe("what may never come out of a copy", () => {
  const rules = privateVisits("/assets/shop.css");
  const answer = (status: number, headers: Record<string, string> = {}): Visit => ({
    at: 0,
    took: 1,
    answer: { status, headers, body: "" },
  });
  const credentials = rules[0]!;
  const session = rules.at(-1)!;
  const core = "shop.example.eu";

  it("is asked with credentials, with a session, for pages, and with another method", () => {
    expect(rules.map(({ asked }) => [asked.method ?? "GET", asked.path, ...Object.keys(asked.headers ?? {})])).toEqual([
      ["GET", "/assets/shop.css", "Authorization"],
      ["GET", "/"],
      ["GET", "/recent"],
      ["POST", "/orders"],
      ["GET", "/assets/shop.css", "Cookie"],
    ]);
  });

  it("passes when the visitor is led to the core, and is found when the site answers itself", () => {
    expect(leak(credentials, answer(307, { location: `https://${core}/assets/shop.css` }), core)).toBeUndefined();
    expect(leak(credentials, answer(200, { "x-cache": "HIT" }), core)).toContain("status 200, and not 307");
    expect(leak(credentials, answer(307, { location: `https://${core}/`, "x-cache": "HIT" }), core)).toContain("cache");
    expect(leak(credentials, answer(307, { location: `https://${core}.evil.example/` }), core)).toContain("led to");
    expect(leak(credentials, { at: 0, took: 1, error: "refused" }, core)).toContain("refused");
  });

  it("a copy is the same for whoever has a session, and sets none", () => {
    expect(leak(session, answer(200, { "x-cache": "HIT" }), core)).toBeUndefined();
    expect(leak(session, answer(200, { "set-cookie": "session=1" }), core)).toContain("sets a cookie");
  });
});
