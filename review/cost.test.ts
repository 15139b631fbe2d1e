import { describe, expect, test } from "vitest";
import { listPrices } from "../catalogue/hetzner/price-list.ts";
import { olderPriceLines } from "./report/words.ts";
import { type MadeUp, replaced, reviewed, server, streamOf, web } from "./testing.ts";

describe("cost", () => {
  const urn = `urn:pulumi:test::made-up::${server}::web`;
  const made = (day: string) => ({ createdAt: new Map([[urn, day]]) });
  const costs = async (resource: MadeUp, more = {}) => (await reviewed(streamOf([resource]), more)).cost;

  test("a server from before today's prices loses its own when it is replaced: the difference is told and counted", async () => {
    const known = await costs(replaced, made("2026-03-02"));
    expect(known).toMatchObject({ before: 8.49, after: 19.99, delta: 11.5, unpriced: [] });
    expect(known.olderPrices).toMatchObject([
      {
        createdAt: "2026-03-02",
        oldMonthly: 8.49,
        newMonthly: 19.99,
        delta: 11.5,
        text: expect.stringContaining("8.49 EUR a month become 19.99 EUR when it is replaced, 11.50 more"),
      },
    ]);
  });

  test("of one whose age the source does not tell, it is told and not counted; a newer one has none", async () => {
    const unknown = await costs(replaced);
    expect(unknown).toMatchObject({ before: 19.99, after: 19.99, olderPrices: [{ delta: 11.5 }] });
    expect(unknown.olderPrices[0]!.createdAt).toBeUndefined();
    expect(unknown.olderPrices[0]!.text).toMatch(/^If web was ordered before 2026-06-15 .*the sums have nothing/);
    expect(await costs(replaced, made("2026-07-01"))).toMatchObject({ delta: 0, olderPrices: [] });
  });

  test("one that is only changed keeps its price; one that is rescaled does not", async () => {
    const changed = (after: object, diff: MadeUp["diff"] = { serverType: "update" }): MadeUp => ({
      ...web,
      op: "update",
      before: web.after!,
      after: { ...web.after, ...after },
      diff: diff!,
    });
    const older = made("2026-03-02");
    expect(await costs(changed({ labels: { a: "b" } }, { labels: "add" }), older)).toMatchObject({
      before: 8.49,
      after: 8.49,
      olderPrices: [],
    });
    expect(await costs(changed({ serverType: "cpx32" }), older)).toMatchObject({ before: 8.49, after: 35.99 });
    expect(await costs({ ...web, op: "delete" }, older)).toMatchObject({ before: 8.49, after: 0, olderPrices: [] });
  });

  test("an older price that nobody published is not known, and nothing is made up for it", async () => {
    const large: MadeUp = {
      ...replaced,
      before: { ...web.after, serverType: "cpx52" },
      after: { ...replaced.after, serverType: "cpx52" },
    };
    const cost = await costs(large, made("2026-03-02"));
    expect(cost.olderPrices).toMatchObject([{ oldMonthly: null, newMonthly: 100.99, delta: null }]);
    expect(cost.olderPrices[0]!.text).toContain("an amount that is not known here a month become 100.99 EUR");
    expect(cost).toMatchObject({ before: 0, after: 100.99, unpriced: [{ when: "before" }] });
  });

  test("prices of the provider's API are used and named where they are given", async () => {
    const list = { ...listPrices, serverType: () => 25 };
    const cost = await costs(replaced, { livePrices: { list, read: "2026-11-22" } });
    expect(cost).toMatchObject({ after: 25.5, prices: { source: "live", read: "2026-11-22" } });
  });

  test("of many, reports name the first and sum up all of them", async () => {
    const many = Array.from({ length: 30 }, (_, i) => ({ ...replaced, name: `web-${i}`, id: String(100 + i) }));
    const { cost } = await reviewed(streamOf(many));
    expect(cost.olderPrices).toHaveLength(30);
    const lines = olderPriceLines(cost);
    expect(lines).toHaveLength(14);
    expect(lines.slice(-2)).toEqual([
      "And 18 more servers that may lose an older price.",
      "If all of them are that old, they cost 345.00 EUR a month more than until now, beside the sums.",
    ]);
  });

  test("what has no price is named and not counted", async () => {
    const { cost } = await reviewed(
      streamOf([{ type: server, name: "odd", op: "create", after: { serverType: "cx99", location: "fsn1" } }]),
    );
    expect(cost).toMatchObject({ before: 0, after: 0, unpriced: [{ resource: { name: "odd" }, when: "after" }] });
  });
});
