import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { serverTypes } from "../../catalogue/hetzner/server-types.ts";
import { type PlannedResource, planWithoutProvider } from "../nothing-exists.ts";
import { platformWithoutProvider } from "../nothing-exists-platform.ts";
import { sentinelQuorum } from "./client.ts";
import { redisMemory, redisVolumeGb } from "./memory.ts";
import type { RedisArgs } from "./redis.ts";
import { redisRole } from "./role.ts";
import { renderSentinelSettings } from "./sentinel-settings.ts";
import { renderServerSettings } from "./server-settings.ts";
import { testNodes, testSpec } from "./testing.ts";

let made: PlannedResource[];

beforeAll(async () => {
  made = await planWithoutProvider("sovereign-stacks", "shop");
});
beforeEach(() => void made.splice(0));

async function create(changes: Partial<RedisArgs> = {}, opts?: pulumi.ComponentResourceOptions) {
  const { Redis } = await import("./redis.ts");
  const platform = platformWithoutProvider("shop", ["app", "redis", "monitoring"]);
  const redis = new Redis("shop-redis", { platform, ...changes }, opts);
  await pulumi.runtime.disconnect();
  return redis;
}

describe("Redis", () => {
  test("three protected hosts at planned addresses, with data on volumes of their own", async () => {
    const kept: string[] = [];
    const note: pulumi.ResourceTransformation = ({ name, type, opts }) => {
      if (opts.protect && /:(Server|Volume)$/.test(type)) kept.push(name);
      return undefined;
    };
    const redis = await create({}, { transformations: [note] });
    expect(redis.client).toEqual({
      engine: "valkey",
      nodes: [1, 2, 3].map((n) => ({ name: `shop-redis-fsn1-${n}`, address: `10.0.3.${n + 3}` })),
    });
    expect(kept.sort()).toEqual(redis.client.nodes.flatMap(({ name }) => [name, `${name}-data`]).sort());
  });

  test("clients get their own passwords and the one of health checks, as secrets", async () => {
    const redis = await create({ nodes: 1 });
    expect(Object.keys(redis.clientSecrets).sort()).toEqual([
      "redis-cache-password",
      "redis-monitor-password",
      "redis-sessions-password",
    ]);
    for (const secret of Object.values(redis.clientSecrets)) expect(await pulumi.isSecret(secret)).toBe(true);
    expect(made.filter((r) => r.type.includes("RandomPassword")).every((r) => Number(r.inputs.length) >= 32)).toBe(
      true,
    );
  });

  test("hosts are replaced one by one, or all at once", async () => {
    const triggers = async (generation: number | number[]) => {
      const found: unknown[] = [];
      const note: pulumi.ResourceTransformation = ({ name, opts }) => {
        if (name.endsWith("-generation")) found.push([name, opts.replacementTrigger]);
        return undefined;
      };
      await create({ generation }, { transformations: [note] });
      return found.map((pair) => (pair as unknown[]).join(" "));
    };
    const names = [1, 2, 3].map((ordinal) => `shop-redis-fsn1-${ordinal}-generation`);
    expect(await triggers([2, 1, 5])).toEqual([`${names[0]} 2`, `${names[1]} 1`, `${names[2]} 5`]);
    expect(await triggers(4)).toEqual(names.map((name) => `${name} 4`));
  });

  test("says everything that is wrong at once", async () => {
    const wrong = {
      nodes: 2 as 3,
      engine: "memcached" as "redis",
      generation: [1, 0, 1],
      memory: { cacheMb: 9000, sessionsMb: 1 },
    };
    await expect(create(wrong)).rejects.toThrow(
      'shop-redis: nodes: 2 is neither 1 nor 3; engine: "memcached" is not one of valkey, redis; generation: 3 given for 2 nodes; generation: 0 is not a whole number from 1; ' +
        "memory.sessionsMb: 1 is not a whole number of MB from 16; memory: 9001 MB in all is more than cpx22 can hold (3072 MB): use a larger serverType",
    );
  });
});

describe("what a host has", () => {
  test("every machine type gets memory that fits, and a volume that holds it", () => {
    fc.assert(
      fc.property(fc.constantFrom(...serverTypes), ({ memoryGb }) => {
        const memory = redisMemory(memoryGb);
        expect(memory.sessionsMb + memory.cacheMb).toBeLessThanOrEqual(memoryGb * 1024 * 0.6);
        expect(memory.sessionsMb).toBeGreaterThan(memoryGb * 200);
        expect(redisVolumeGb(memory) * 1024).toBeGreaterThanOrEqual(memory.sessionsMb * 4);
      }),
    );
    expect(redisMemory(4)).toEqual({ sessionsMb: 983, cacheMb: 1474 });
  });

  test("only app servers and other Redis hosts come in", () => {
    expect(redisRole(testSpec("valkey", 1)).openings.map(({ port, from }) => `${port} ${from.join(" ")}`)).toEqual([
      "6379 app redis",
      "6380 app redis",
      "26379 app redis",
    ]);
    const single = redisRole(testSpec("redis", 1, testNodes.slice(0, 1)));
    expect(single.openings.map(({ port, from }) => `${port} ${from.join(" ")}`)).toEqual(["6379 app", "6380 app"]);
    expect(single.units.map((unit) => unit.name)).not.toContain("redis-sentinel.service");
  });

  test("a quorum is a majority", () => {
    expect(sentinelQuorum({ nodes: testNodes })).toBe(2);
  });

  test("settings", () => {
    expect(renderServerSettings(testSpec("valkey", 2), "sessions")).toMatchSnapshot("sessions, one of three");
    expect(renderServerSettings(testSpec("redis", 1, testNodes.slice(0, 1)), "cache")).toMatchSnapshot("cache, alone");
    expect(renderSentinelSettings(testSpec("valkey", 3))).toMatchSnapshot("Sentinel");
    expect(redisRole(testSpec("valkey", 1)).kernelSettings).toEqual({
      "vm.overcommit_memory": 1,
      "net.core.somaxconn": 1024,
    });
  });

  test("an ordinal beyond the nodes is an error", () => {
    expect(() => redisRole(testSpec("valkey", 4))).toThrow("redis host 4 is not one of the 3 nodes");
  });
});
