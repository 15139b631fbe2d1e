import { describe, expect, test } from "vitest";
import { resource } from "../../core/testing.ts";
import { found, told } from "../testing.ts";
import { placement } from "./placement.ts";

describe("placement", () => {
  const server = (name: string, inputs: object = {}) =>
    resource({ type: "hcloud:index/server:Server", name, inputs: { location: "fsn1", ...inputs } as never });
  const check = (...servers: ReturnType<typeof server>[]) => told(placement, servers);

  test("servers of one role, or of one name but for its number, are spread", () => {
    const role = { labels: { role: "db" } };
    expect(check(server("a", role), server("b", role))).toEqual([
      "a: warn placementGroupId",
      "b: warn placementGroupId",
    ]);
    expect(check(server("web-1"), server("web-2"))).toHaveLength(2);
    expect(check(server("web1"), server("web22"))).toHaveLength(2);
    expect(check(server("web-1"), server("db-1"))).toEqual([]);
    expect(check(server("web-1-a"), server("web-2-a"))).toEqual([]);
    expect(check(server("web-1", { labels: { role: 7 } }), server("web-2", { labels: "x" }))).toHaveLength(2);
    expect(check(server("a", { labels: { role: "x" } }), server("b", { labels: { role: "y" } }))).toEqual([]);
  });

  test("one alone, or in another location, stands in for nobody", () => {
    expect(check(server("web-1"))).toEqual([]);
    expect(check(server("web-1"), server("web-2", { location: "nbg1" }))).toEqual([]);
    expect(check(server("web-1", { location: undefined }), server("web-2", { location: null }))).toHaveLength(2);
  });

  test("those in a group are", () => {
    expect(check(server("web-1", { placementGroupId: "7" }), server("web-2", { placementGroupId: null }))).toEqual([
      "web-2: warn placementGroupId",
    ]);
    expect(found(placement, [server("web-1"), server("web-2"), server("web-3")])[0]?.message).toContain(
      "web-1 and 2 like it are not spread",
    );
  });

  test("groups and other types are looked at, and are no servers", () => {
    const group = resource({ type: "hcloud:index/placementGroup:PlacementGroup", name: "web-3" });
    expect(placement.applies(group, {} as never)).toBe(true);
    expect(placement.applies(server("a"), {} as never)).toBe(true);
    expect(placement.applies(resource({ type: "x:y:Z" }), {} as never)).toBe(false);
    expect(told(placement, [server("web-1"), group])).toEqual([]);
  });
});
