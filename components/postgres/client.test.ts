import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findServerType } from "../../catalogue/hetzner/server-types.ts";
import { poolSizes } from "./client.ts";
import { sizeFor } from "./sizing.ts";

describe("pools", () => {
  it("of all app servers and of all their successors, which a release creates first, fit into max_connections, with connections to spare", () => {
    fc.assert(
      fc.property(fc.integer({ min: 25, max: 10_000 }), fc.integer({ min: 1, max: 80 }), (connections, servers) => {
        const needed = 2 * (2 * servers) + 20;
        if (connections < needed) {
          expect(() => poolSizes(connections, servers)).toThrow(/max_connections/);
          return;
        }
        const pool = poolSizes(connections, servers);
        expect(pool.readWrite).toBeGreaterThanOrEqual(pool.readOnly);
        expect(pool.readOnly).toBeGreaterThanOrEqual(1);
        expect((pool.readWrite + pool.readOnly) * 2 * servers).toBeLessThanOrEqual(connections - 20);
      }),
    );
  });

  it("of the smallest dedicated server are enough for six app servers", () => {
    const { maxConnections } = sizeFor(findServerType("ccx13")!);
    expect(poolSizes(maxConnections, 6)).toEqual({ readWrite: 4, readOnly: 2 });
  });

  it("say what to do when there are too many servers", () => {
    expect(() => poolSizes(50, 30)).toThrow(
      /30 app servers and max_connections 50.*larger Postgres server type, raise max_connections, or lower app.maxServers/,
    );
  });
});
