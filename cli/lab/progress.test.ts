import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { describe, expect, it } from "vitest";
import { progressLine } from "./display.ts";
import { cleanMessage, kindOf, ProgressCollector } from "./progress.ts";
import { renderDiagnostics, renderKinds, renderUp } from "../demo/summary.ts";

const urn = (type: string, name: string) => `urn:pulumi:dev::sovereign::${type}::${name}`;

function step(op: string, type: string, name: string, part: "pre" | "done" | "failed", outputs = {}): EngineEvent {
  const metadata = { op, type, urn: urn(type, name), new: { outputs } };
  const key = { pre: "resourcePreEvent", done: "resOutputsEvent", failed: "resOpFailedEvent" }[part];
  return { sequence: 0, timestamp: 0, [key]: { metadata } } as unknown as EngineEvent;
}

const diagnostic = (severity: string, message: string, about?: string): EngineEvent =>
  ({ sequence: 0, timestamp: 0, diagnosticEvent: { severity, message, urn: about, color: "never" } }) as EngineEvent;

const server = "hcloud:index/server:Server";

function collect(...events: EngineEvent[]): ProgressCollector {
  const progress = new ProgressCollector();
  for (const event of events) progress.add(event);
  return progress;
}

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
    expect(renderDiagnostics(diagnostics).join("\n")).toMatch(/error.* shop-app-1: sold out$/);
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

describe("summary", () => {
  const progress = collect(
    step("create", server, "a", "done"),
    step("same", "hcloud:index/network:Network", "n", "done"),
    step("create", "pulumi:pulumi:Stack", "s", "done", {
      url: "https://shop.example.eu",
      loadBalancer: { ipv4: "192.0.2.1" },
      hosts: [{ name: "shop-app-1", serverType: "cpx32", privateAddress: "10.0.1.2", publicAddress: "192.0.2.9" }],
      monthlyCost: { monthlyNet: 12.5, unpriced: [], pricesOf: "2026-06-15" },
    }),
  );

  it("has a row for each kind and a column for each change that occurred", () => {
    const rows = renderKinds(progress.kinds)
      .slice(1)
      .map((line) => line.trim().split(/ {2,}/));
    expect(rows).toEqual([
      ["network", "1"],
      ["server", "1"],
      ["total", "1", "1"],
    ]);
  });

  it("has addresses, the cost and how to go on", () => {
    const text = renderUp({ stack: "shop", name: "default", progress, elapsedMs: 61_000 });
    expect(text).toContain("(1 min 1 s)");
    expect(text).toContain("load balancer 192.0.2.1  for https://shop.example.eu");
    expect(text).toMatch(/shop-app-1 +10\.0\.1\.2 +cpx32/);
    expect(text).toContain("12.50 EUR");
    expect(text).toContain("npx pulumi preview -s shop");
    expect(text).not.toContain("--name");
  });

  it("says that nothing changed only when nothing did", () => {
    const same = collect(step("same", server, "a", "done"));
    expect(renderUp({ stack: "shop", name: "x", progress: same, elapsedMs: 1 })).toContain("nothing changed");
    expect(renderUp({ stack: "shop", name: "x", progress, elapsedMs: 1 })).not.toContain("nothing changed");
  });

  it("outlives outputs of other shapes", () => {
    const odd = collect(step("same", "pulumi:pulumi:Stack", "s", "done", { hosts: "none", monthlyCost: 3, url: 5 }));
    expect(renderUp({ stack: "shop", name: "x", progress: odd, elapsedMs: 1 })).toContain("How to go on");
  });
});
