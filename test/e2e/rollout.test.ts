/** `sovereign rollout` with the real engine on the local API, from its beginning to its end. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LONG, World } from "./harness.ts";
import {
  idsOf,
  nodes,
  nothingLeft,
  runRollout,
  threeNodes,
  unprotected,
  whatIsLeft,
  written,
} from "./rollout-world.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
}, LONG);
afterAll(() => world?.close(), LONG);

describe("a changed parameter of Postgres", { timeout: 2 * LONG }, () => {
  it("comes to every node, one after another, with volumes, app servers and protections as they were", async () => {
    world.configure(threeNodes({}));
    expect((await world.up()).messages).toBe("");
    const [servers, volumes] = [await idsOf(world, "servers"), await idsOf(world, "volumes")];
    world.configure(threeNodes({ parameters: { work_mem: "8MB" } }));
    const { ended, leader } = await runRollout(world);
    expect(ended).toBe(0);

    const after = await idsOf(world, "servers");
    const replaced = [...after].filter(([name, id]) => servers.get(name) !== id).map(([name]) => name);
    expect(replaced.sort()).toEqual(nodes);
    // The primary last: its successor took over before.
    expect(Math.max(...nodes.map((name) => after.get(name)!))).toBe(after.get(nodes[0]!));
    expect(leader).toBe(nodes[1]);
    expect(await idsOf(world, "volumes")).toEqual(volumes);
    for (const [name, { server }] of await world.list("volumes")) {
      if (nodes.includes(name.replace(/-data$/, ""))) expect(server).toBe(after.get(name.replace(/-data$/, "")));
    }
    expect(await unprotected(world)).toEqual([]);
    expect(written(world, "generations")).toEqual(Object.fromEntries(nodes.map((name) => [name, 2])));
    expect(written(world, "protection")).toBeUndefined();
    expect(await whatIsLeft(world)).toEqual(nothingLeft);
  });

  it("goes back one after another, where the configuration names the earlier generation for all", async () => {
    world.configure(threeNodes({}));
    const before = await idsOf(world, "servers");
    expect((await runRollout(world, { dryRun: true })).ended).toBe(0);
    expect(await idsOf(world, "servers")).toEqual(before);
    expect((await runRollout(world)).ended).toBe(0);
    const after = await idsOf(world, "servers");
    expect(nodes.filter((name) => after.get(name) !== before.get(name))).toEqual(nodes);
    expect(written(world, "generations")).toBeUndefined();
    expect(await unprotected(world)).toEqual([]);
    expect(await whatIsLeft(world)).toEqual(nothingLeft);
  });

  it("has nothing to do when it is run again", async () => {
    const before = await idsOf(world, "servers");
    expect(await runRollout(world)).toMatchObject({ ended: 0, said: [] });
    expect(await idsOf(world, "servers")).toEqual(before);
  });
});
