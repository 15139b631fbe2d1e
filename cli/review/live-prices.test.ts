import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { monthlyEurNet } from "../../catalogue/hetzner/bill.ts";
import { readText } from "../../graph/read.ts";
import { openTestLab, TEST_TOKEN, type TestLab } from "../../lab/api/testing.ts";
import { streamOf } from "../../review/testing.ts";
import { createdLive, livePrices } from "./live-prices.ts";

const access = { endpoint: "http://127.0.0.1:1/v1", token: TEST_TOKEN };
const answering = (body: unknown, status = 200) => ({ fetch: async () => Response.json(body, { status }) });
const server = "hcloud:index/server:Server";

describe("prices of the API", () => {
  let lab: TestLab;
  beforeEach(() => {
    lab = openTestLab();
  });
  afterEach(() => lab.close());
  const options = () => ({
    fetch: async (url: string, init: RequestInit) => lab.app.request(new URL(url).pathname, init),
  });

  test("are used for everything that is billed, where the API has one", async () => {
    const { list, read } = await livePrices(access, "2026-11-22", options());
    expect(read).toBe("2026-11-22");
    const of = (type: string, inputs: object) => monthlyEurNet(type, inputs as Record<string, unknown>, list);
    expect(of(server, { serverType: "cpx22", location: "fsn1", backups: true })).toBeCloseTo(19.49 * 1.2 + 0.5);
    expect(of(server, { serverType: "cpx22" })).toBeCloseTo(19.99);
    expect(of("hcloud:index/volume:Volume", { size: 100 })).toBeCloseTo(5.72);
    expect(of("hcloud:index/loadBalancer:LoadBalancer", { loadBalancerType: "lb11", location: "nbg1" })).toBe(7.49);
    expect(of("hcloud:index/primaryIp:PrimaryIp", { type: "ipv6" })).toBe(0);
    expect(of(server, { serverType: "cx99", location: "fsn1" })).toBeNull();
    expect(of("hcloud:index/floatingIp:FloatingIp", { type: "ipv4" })).toBeNull();
  });

  test("differ by location, and are none where the locations that it could be differ", async () => {
    const monthly = (location: string, net: string) => ({ location, price_monthly: { net, gross: net } });
    const pricing = {
      currency: "EUR",
      server_types: [
        { name: "cpx22", prices: [monthly("fsn1", "19.4900000000"), monthly("hel1", "18"), monthly("ash", "25.5")] },
      ],
      load_balancer_types: [],
      primary_ips: [{ type: "ipv4", prices: [monthly("fsn1", "0.5"), monthly("ash", "0.6")] }],
      floating_ips: [],
      volume: { price_per_gb_month: { net: "0.06" } },
      server_backup: { percentage: "20.0000000000" },
    };
    const { list } = await livePrices(access, "2026-11-22", answering({ pricing }));
    expect(monthlyEurNet(server, { serverType: "cpx22", location: "ash" }, list)).toBeCloseTo(26.1);
    expect(monthlyEurNet(server, { serverType: "cpx22", location: "hel1" }, list)).toBeNull();
    expect(monthlyEurNet(server, { serverType: "cpx22" }, list)).toBeNull();
    await expect(
      livePrices(access, "2026-11-22", answering({ pricing: { ...pricing, currency: "USD" } })),
    ).rejects.toThrow("the API counts in USD, and reviews in EUR");
  });

  test.each([
    [{}, /not what its description says, at pricing/],
    [
      {
        pricing: {
          currency: "EUR",
          server_types: [{ name: "a", prices: [{ location: "b", price_monthly: { net: "NaN" } }] }],
        },
      },
      /at pricing\.server_types\.0/,
    ],
  ])("an answer that is none is an error, never a price of zero", async (body, message) => {
    await expect(livePrices(access, "2026-11-22", answering(body))).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(message),
    });
  });

  test("a token that the API refuses is told, and not shown", async () => {
    const refused = answering({ error: { code: "unauthorized", message: `bad token ${TEST_TOKEN}` } }, 401);
    const error: Error = await livePrices(access, "2026-11-22", refused).catch((error) => error);
    expect(error.message).toMatch(/GET \/pricing .*401.*unauthorized/);
    expect(error.message).not.toContain(TEST_TOKEN);
  });

  test("the age of servers is the API's, by their ids", async () => {
    const body = {
      servers: [
        { id: 12, created: "2026-03-02T10:00:00+00:00" },
        { id: 13, created: "soon" },
      ],
      meta: { pagination: { next_page: null } },
    };
    const stream = streamOf([12, 13, 14].map((id) => ({ type: server, name: `web-${id}`, id: String(id), after: {} })));
    const { graph } = await readText(stream, "preview.jsonl", "events");
    expect([...(await createdLive(access, graph.resources, answering(body)))]).toEqual([
      [`urn:pulumi:test::made-up::${server}::web-12`, "2026-03-02"],
    ]);
  });
});
