import { expect, it } from "vitest";
import { noteChange } from "./changes.ts";
import { server, step } from "./testing.ts";

const noted = (...events: Parameters<typeof noteChange>[1][]) => {
  const changes: Record<string, string[]> = {};
  for (const event of events) noteChange(changes, event);
  return changes;
};

it("a resource is named with its type under what was done to it, in order", () => {
  expect(
    noted(
      step("create", server, "shop-b", "done"),
      step("create", server, "shop-a", "done"),
      step("update", "hcloud:index/volume:Volume", "shop-a-data", "done"),
      step("delete", "hcloud:index/loadBalancer:LoadBalancer", "shop-load-balancer-nbg1", "done"),
    ),
  ).toEqual({
    created: ["Server shop-a", "Server shop-b"],
    updated: ["Volume shop-a-data"],
    deleted: ["LoadBalancer shop-load-balancer-nbg1"],
  });
});

it("a replacement is one, and nothing that was let go of", () => {
  const ops = ["delete-replaced", "create-replacement", "replace"];
  expect(noted(...ops.map((op) => step(op, server, "shop-a", "done")))).toEqual({ replaced: ["Server shop-a"] });
});

it("what stays, what only begins or fails, and what is none of the provider's is left out", () => {
  expect(
    noted(
      step("same", server, "shop-a", "done"),
      step("create", server, "shop-b", "pre"),
      step("create", server, "shop-c", "failed"),
      step("create", "random:index/randomPassword:RandomPassword", "p", "done"),
    ),
  ).toEqual({});
});
