import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { callLab, LabRefusal, labApi } from "./client.ts";
import type { RunningLab } from "./session.ts";

/** What a pretended lab was asked, and what it answers next. */
let asked: string[] = [];
let answer: { status: number; body: string };
let server: Server;
let lab: RunningLab;

const bodyOf = async (request: IncomingMessage) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("latin1");
};

beforeEach(async () => {
  asked = [];
  server = createServer(async (request, response) => {
    const { authorization, "content-type": type } = request.headers;
    asked.push([request.method, request.url, authorization, type, await bodyOf(request)].join(" "));
    if (answer.status > 0) response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  lab = { name: "trial", endpoint, secrets: { token: "t0ken" }, files: { log: "/the/log" } } as unknown as RunningLab;
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

it("speaks with the provider's API and with the lab's own, with the token", async () => {
  answer = { status: 200, body: '{"a":1}' };
  expect(await labApi(lab)("GET", "/servers?page=2")).toEqual({ a: 1 });
  expect(await callLab(lab, "POST", "/faults", { body: { b: 2 } })).toEqual({ a: 1 });
  await callLab(lab, "PUT", "/objects/x", { body: Buffer.from([0, 255]) });
  expect(asked).toEqual([
    "GET /v1/servers?page=2 Bearer t0ken application/json ",
    'POST /_lab/faults Bearer t0ken application/json {"b":2}',
    "PUT /_lab/objects/x Bearer t0ken  \0\xff",
  ]);
});

it("an empty answer is an answer, and what does not exist is undefined at the provider's API only", async () => {
  answer = { status: 204, body: "" };
  expect(await labApi(lab)("DELETE", "/servers/1")).toEqual({});
  answer = { status: 404, body: '{"error":{"message":"no such server"}}' };
  expect(await labApi(lab)("GET", "/servers/1")).toBeUndefined();
  await expect(callLab(lab, "GET", "/machines/1")).rejects.toThrow("no such server");
});

it("a refusal says what was asked and why; without a reason, where to look", async () => {
  answer = { status: 409, body: '{"error":{"message":"it is protected"}}' };
  const error: unknown = await labApi(lab)("DELETE", "/servers/1?x=secret").catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(LabRefusal);
  expect(error).toMatchObject({
    status: 409,
    message: "the lab trial answers 409 to DELETE /v1/servers/1: it is protected",
  });
  answer = { status: 500, body: "<html>" };
  await expect(callLab(lab, "GET", "/state")).rejects.toThrow("answers 500 to GET /_lab/state: its log is /the/log");
});

it("is given up when no answer comes", async () => {
  answer = { status: 0, body: "" };
  await expect(labApi(lab, 50)("GET", "/servers")).rejects.toMatchObject({ name: "TimeoutError" });
  await expect(callLab(lab, "GET", "/state", { limitMs: 50 })).rejects.toMatchObject({ name: "TimeoutError" });
});
