import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { importFile, token, validName } from "./import-file.ts";
import type { Importable } from "./resources.ts";
import { plain } from "./text.ts";

const names = (resources: readonly Importable[]) => importFile(resources, "1.2.3").resources.map(({ name }) => name);
const server = (name: string, id = "1"): Importable => ({ type: "Server", name, id });

describe("importFile", () => {
  it("writes what Pulumi reads", () => {
    const volume: Importable = { type: "VolumeAttachment", name: "data", id: "4" };
    expect(importFile([{ ...server("web"), inputs: { location: "fsn1" } }, volume], "1.2.3")).toEqual({
      resources: [
        { type: "hcloud:index/server:Server", name: "web", id: "1", version: "1.2.3", inputs: { location: "fsn1" } },
        { type: "hcloud:index/volumeAttachment:VolumeAttachment", name: "data", id: "4", version: "1.2.3" },
      ],
    });
  });

  it("keeps the first one's name and adds the type, then the id, to those that would share it", () => {
    const firewall = (id: string): Importable => ({ type: "Firewall", name: "web", id });
    expect(names([server("web"), firewall("7"), firewall("8")])).toEqual(["web", "web-firewall", "web-firewall-8"]);
  });

  it("tells names apart where a file system or a reader does not", () => {
    expect(names([server("Web"), server("web", "2")])).toEqual(["Web", "web-server"]);
  });

  it("gives a name to what has none", () => {
    expect(names([server("日本"), server("  ", "2"), server("", "3")])).toEqual(["server", "server-2", "server-3"]);
  });

  it("counts when nothing else tells them apart", () => {
    expect(names(Array.from({ length: 5 }, () => server("a")))).toEqual([
      "a",
      "a-server",
      "a-server-1",
      "a-server-2",
      "a-server-3",
    ]);
  });

  it("gives every resource a valid name of its own, whatever they are called", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.constantFrom(
        "a",
        "A",
        "a-server",
        "::",
        "urn:pulumi:x::y",
        "__proto__",
        "constructor",
        "../../etc",
        "\u001b[2J",
        "é",
        "a".repeat(200),
      ),
    );
    const resource = fc.record({
      type: fc.constantFrom("Server" as const, "Volume" as const, "VolumeAttachment" as const),
      name: hostile,
      id: fc.constantFrom("1", "2", "3__ip__::1"),
    });
    fc.assert(
      fc.property(fc.array(resource, { maxLength: 30 }), (resources) => {
        const given = names(resources);
        expect(new Set(given.map((name) => name.toLowerCase())).size).toBe(resources.length);
        for (const name of given) {
          expect(name).toMatch(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/);
          expect(name.length).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});

describe("validName", () => {
  it.each([
    ["ops laptop", "ops-laptop"],
    ["café Zürich", "cafe-Zurich"],
    ["office-10.0.1.0/24", "office-10.0.1.0-24"],
    ["a::b", "a-b"],
    ["--x--", "x"],
    ["$(rm -rf /)", "rm-rf"],
  ])("%j becomes %j", (text, name) => {
    expect(validName(text)).toBe(name);
  });
});

it("token names a resource's type as the provider does", () => {
  expect(token("LoadBalancerNetwork")).toBe("hcloud:index/loadBalancerNetwork:LoadBalancerNetwork");
});

it("plain leaves nothing that a terminal acts on", () => {
  expect(plain("a\u001b[31mred\n\u202eb\u200b\u0007", 50)).toBe("a [31mred b");
  expect(plain("x".repeat(20), 5)).toBe("xxxx…");
});
