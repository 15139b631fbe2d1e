import { describe, expect, it } from "vitest";
import { progressLine } from "./display.ts";
import { cleanMessage, kindOf } from "./progress.ts";
import { collect, diagnostic, server, step, urn } from "./testing.ts";

describe("progress", () => {
  it("counts what is done by kind, and names what is under way", () => {
    const progress = collect(
      step("create", server, "a", "pre"),
      step("create", server, "b", "pre"),
      step("create", server, "c", "pre"),
      step("create", server, "d", "pre"),
      step("create", server, "a", "done"),
      step("same", "random:index/randomPassword:RandomPassword", "p", "done"),
    );
    expect(progressLine(progress, 12_300)).toBe(
      "12 s · 1 created, 1 unchanged · creating server b, creating server c and 1 more",
    );
  });

  it("leaves out components, providers and the stack itself", () => {
    const progress = collect(
      step("create", "sovereign:host:Host", "a", "done"),
      step("create", "pulumi:providers:hcloud", "p", "done"),
      step("create", "pulumi:pulumi:Stack", "s", "done", { url: "https://shop.example.eu" }),
    );
    expect(progress.kinds.size).toBe(0);
    expect(progress.outputs).toEqual({ url: "https://shop.example.eu" });
  });

  it("counts a replacement once, and what failed not at all", () => {
    const progress = collect(
      ...["create-replacement", "replace", "delete-replaced"].flatMap((op) => [
        step(op, server, "a", "pre"),
        step(op, server, "a", "done"),
      ]),
      step("create", server, "b", "pre"),
      step("create", server, "b", "failed"),
    );
    expect([...progress.kinds]).toEqual([["server", new Map([["replaced", 1]])]]);
    expect(progress.running).toEqual([]);
  });

  it("keeps each error once, with the resource it is about, and drops the engine's own echo", () => {
    const about = urn(server, "shop-app-1");
    const { diagnostics } = collect(
      diagnostic(
        "error",
        "error: sdk-v2/provider2.go:572: sdk.helper_schema: sold out: provider=hcloud@1.32.1\n",
        about,
      ),
      diagnostic(
        "error",
        `error: 1 error occurred:\n\t* creating ${about}: 1 error occurred:\n\t* sold out\n\n`,
        about,
      ),
      diagnostic("info", "nothing"),
      diagnostic("error", "error: update failed", urn("pulumi:pulumi:Stack", "s")),
    );
    expect(diagnostics).toEqual([{ severity: "error", message: "sold out", resource: "shop-app-1" }]);
  });
});

it.each([
  ["hcloud:index/loadBalancerService:LoadBalancerService", "load balancer service"],
  ["hcloud:index/server:Server", "server"],
])("%s is a %s", (type, kind) => {
  expect(kindOf(type)).toBe(kind);
});

it("messages of several lines stay as they are", () => {
  expect(cleanMessage("The configuration of stack x has 2 problems:\n  a: is missing\n  b: is missing")).toContain(
    "\n  b",
  );
});
