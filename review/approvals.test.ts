import { describe, expect, test } from "vitest";
import { noApprovals, parseApprovals, settleApprovals } from "./approvals.ts";
import { approval, type MadeUp, reviewed, streamOf, TODAY, volume } from "./testing.ts";

describe("approvals", () => {
  const one = { urn: "urn:a", name: "data", weight: 0 } as const;
  const settle = (entries: readonly object[], candidates: Parameters<typeof settleApprovals>[1] = [one]) =>
    settleApprovals(parseApprovals({ approvals: entries }), candidates, TODAY);

  test("one that holds is granted", () => {
    const { granted, results } = settle([approval]);
    expect(granted.get("urn:a")).toMatchObject({ approvedBy: "Ada Lovelace" });
    expect(results).toMatchObject([{ state: "used" }]);
  });

  test.each([
    ["expired", { ...approval, expiresAt: "2026-11-21" }],
    ["unused", { ...approval, resource: "other" }],
    ["broken", { ...approval, resource: "data*" }],
    ["broken", { ...approval, reason: "ok" }],
    ["broken", { ...approval, expiresAt: "soon" }],
    ["broken", { ...approval, also: true }],
  ])("one that is %s approves nothing, and is told", (state, entry) => {
    const { granted, results } = settle([entry]);
    expect(granted.size).toBe(0);
    expect(results).toMatchObject([{ index: 0, state }]);
  });

  test("holds on its last day", () => {
    expect(settle([{ ...approval, expiresAt: TODAY }]).granted.size).toBe(1);
  });

  test("a name that several have approves none of them; a URN does, and data come before what hangs on them", () => {
    const other = { ...one, urn: "urn:b" };
    expect(settle([approval], [one, other]).results).toMatchObject([{ state: "ambiguous" }]);
    expect([...settle([{ ...approval, resource: "urn:b" }], [one, other]).granted.keys()]).toEqual(["urn:b"]);
    expect([...settle([approval], [one, { ...other, weight: 1 }]).granted.keys()]).toEqual(["urn:a"]);
  });

  test("a file of another shape is no file without approvals", () => {
    expect(() => parseApprovals({ approval: [] })).toThrow(/no list "approvals:"/);
    expect(noApprovals.entries).toEqual([]);
  });

  test("one resource's approval is not that of its neighbour", async () => {
    const gone = (name: string): MadeUp => ({
      type: volume,
      name,
      op: "delete",
      id: name,
      before: { size: 10, location: "fsn1" },
    });
    const { verdict } = await reviewed(streamOf([gone("data"), gone("more")]), { approved: [approval] });
    expect(verdict.word).toBe("refused");
    expect(verdict.reasons.filter(({ weight }) => weight === "refused").map(({ text }) => text)).toEqual([
      expect.stringMatching(/^more is deleted/),
    ]);
  });
});
