import { describe, expect, it } from "vitest";
import { collect, diagnostic, server, step, urn } from "../lab/testing.ts";
import { renderDiagnostics, renderKinds, renderUp } from "./summary.ts";

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

  it("says of an error what it is about", () => {
    const { diagnostics } = collect(diagnostic("error", "error: sold out", urn(server, "shop-app-1")));
    expect(renderDiagnostics(diagnostics).join("\n")).toMatch(/error.* shop-app-1: sold out$/);
  });

  it("outlives outputs of other shapes", () => {
    const odd = collect(step("same", "pulumi:pulumi:Stack", "s", "done", { hosts: "none", monthlyCost: 3, url: 5 }));
    expect(renderUp({ stack: "shop", name: "x", progress: odd, elapsedMs: 1 })).toContain("How to go on");
  });
});
