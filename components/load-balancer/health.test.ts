import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { waitUntilHealthy } from "./health.ts";

const servers = new Map([
  [1, "app-1"],
  [2, "app-2"],
]);

/** The provider's API, answering each question with the next of these: a status code, or the health of servers 1 and 2. */
let close: (() => void) | undefined;
async function provider(answers: (number | [string, string])[]): Promise<{ endpoint: string; token: string }> {
  const server = createServer((request, response) => {
    const next = answers.length > 1 ? answers.shift()! : answers[0]!;
    if (request.headers.authorization !== "Bearer token") return response.writeHead(401).end();
    if (typeof next === "number") return response.writeHead(next).end("secret token");
    const targets = next.map((status, i) => ({
      type: "server",
      server: { id: i + 1 },
      health_status: [{ listen_port: 443, status }],
    }));
    return response.end(JSON.stringify({ load_balancer: { targets: [{ type: "label_selector", targets }] } }));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  close = () => server.close();
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: "token" };
}
afterEach(() => close?.());

describe("waitUntilHealthy", () => {
  const wait = { loadBalancerId: 7, servers, timeoutMs: 20_000, intervalMs: 5 };

  it("waits for every server, and asks again when a question goes wrong", async () => {
    const seen: (readonly string[])[] = [];
    const api = await provider([["unknown", "unhealthy"], 503, ["healthy", "unknown"], ["healthy", "healthy"]]);
    await waitUntilHealthy({ ...wait, api, onWaiting: (names) => seen.push(names) });
    expect(seen).toEqual([["app-1", "app-2"], ["app-1", "app-2"], ["app-2"]]);
  });

  it("gives up naming who is missing", async () => {
    const api = await provider([["healthy", "unhealthy"]]);
    await expect(waitUntilHealthy({ ...wait, api, timeoutMs: 30 })).rejects.toThrow("not healthy after 0 s: app-2");
  });

  it("says what the provider answered, and no secret", async () => {
    const api = await provider([401]);
    const error = await waitUntilHealthy({ ...wait, api, timeoutMs: 0 }).catch((e: Error) => e.message);
    expect(error).toBe("not healthy after 0 s: app-1, app-2; the provider's API answered 401");
  });
});
