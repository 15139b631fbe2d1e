import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { findNetwork } from "./network.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

async function site(answer: (response: ServerResponse) => void): Promise<string> {
  const started = createServer((_request, response) => answer(response));
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}/`;
}

const status = (code: number) => (response: ServerResponse) => response.writeHead(code).end();

test.each([200, 302, 404])("a site that answers %i makes the network open", async (code) => {
  const found = await findNetwork({ env: {}, site: await site(status(code)) });
  expect(found).toEqual({ network: "open", reason: expect.stringMatching(/^127\.0\.0\.1:\d+ answers$/) });
});

test.each([403, 451, 502])("a proxy that refuses with %i makes the network sealed", async (code) => {
  const found = await findNetwork({ env: {}, site: await site(status(code)) });
  expect(found).toEqual({ network: "sealed", reason: expect.stringContaining(`status ${code}`) });
});

test("a site that cannot be reached or says nothing makes the network sealed", async () => {
  const closed = await site(status(200));
  server?.close();
  await expect(findNetwork({ env: {}, site: closed })).resolves.toMatchObject({
    network: "sealed",
    reason: expect.stringContaining("ECONNREFUSED"),
  });
  const silent = await site(() => undefined);
  await expect(findNetwork({ env: {}, site: silent, timeout: 100 })).resolves.toMatchObject({
    network: "sealed",
    reason: expect.stringContaining("no answer in time"),
  });
});

test("SOVEREIGN_NETWORK decides without a probe, and must be one of the two", async () => {
  const broken = "http://127.0.0.1:1/";
  await expect(findNetwork({ env: { SOVEREIGN_NETWORK: "open" }, site: broken })).resolves.toEqual({
    network: "open",
    reason: "SOVEREIGN_NETWORK=open",
  });
  await expect(findNetwork({ env: { SOVEREIGN_NETWORK: "half" }, site: broken })).rejects.toThrow(
    'SOVEREIGN_NETWORK is "half": expected "open" or "sealed"',
  );
});

test("a signal ends the probe with its own reason", async () => {
  const stop = new AbortController();
  const probing = findNetwork({ env: {}, site: await site(() => stop.abort(new Error("stop"))), signal: stop.signal });
  await expect(probing).rejects.toThrow("stop");
});
