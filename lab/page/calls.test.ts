import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { expect, test } from "vitest";
import { Calls } from "./calls.ts";

const at = Date.parse("2026-11-01T12:00:00Z");

test("keeps the last hundred, newest first, and counts all", () => {
  const calls = new Calls();
  for (let i = 1; i <= 250; i++) calls.add(at + i, "GET", `/v1/servers/${i}`, new Response(), 1);
  expect(calls.total).toBe(250);
  expect(calls.last()).toHaveLength(100);
  expect(calls.last()[0]).toEqual({
    n: 250,
    at: "2026-11-01T12:00:00.250Z",
    method: "GET",
    path: "/v1/servers/250",
    status: 200,
    ms: 1,
  });
  expect(calls.last().at(-1)).toMatchObject({ n: 151 });
});

test("cuts what a client can make long, and rounds the time", () => {
  const calls = new Calls();
  calls.add(at, "X".repeat(99), `/v1/${"a".repeat(9999)}`, new Response(null, { status: 404 }), 1.23456);
  const [call] = calls.last();
  expect(call?.method).toHaveLength(10);
  expect(call?.path).toHaveLength(200);
  expect(call).toMatchObject({ status: 404, ms: 1.2 });
});

test("a connection that was dropped on purpose has no status", () => {
  const calls = new Calls();
  calls.add(at, "GET", "/v1/servers", RESPONSE_ALREADY_SENT, 1);
  expect(calls.last()[0]?.status).toBeNull();
});
