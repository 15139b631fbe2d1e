/** One rollout that is stopped again and again, with the real engine on the local API: it goes on each time, and replaces each machine once. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LONG, World } from "./harness.ts";
import {
  idsOf,
  nodes,
  nothingLeft,
  runRollout,
  serverTypes,
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

const soldOut = { type: "resource_unavailable", server_type: "ccx13", location: "fsn1" } as const;
const [one, two, three] = nodes as [string, string, string];
let first: Map<string, number>;
let volumes: Map<string, number>;

describe("a rollout", { timeout: 2 * LONG }, () => {
  it("stops by Ctrl-C after the machine that is under way, with everything protected", async () => {
    world.configure(threeNodes({}));
    expect((await world.up()).messages).toBe("");
    [first, volumes] = [await idsOf(world, "servers"), await idsOf(world, "volumes")];
    world.configure(threeNodes({ parameters: { work_mem: "16MB" } }));
    const { ended, said } = await runRollout(world, {
      // While the first machine that was made anew is waited for.
      onRun: (until) => until.some((line) => line.includes("made anew")) && process.emit("SIGINT"),
    });
    expect(ended).toBe(130);
    expect(said.at(-1)).toContain(`1 of 3 machines are as configured: ${one}, ${two} are left.`);
    expect(said.at(-1)).toContain("To go on from here: npx sovereign rollout postgres");
    const now = await idsOf(world, "servers");
    expect(nodes.filter((name) => now.get(name) !== first.get(name))).toEqual([three]);
    expect(await unprotected(world)).toEqual([]);
    expect([written(world, "protection"), written(world, "generations")]).toEqual([undefined, { [three]: 2 }]);
  });

  it("deletes nothing while the type is sold out", async () => {
    const before = await idsOf(world, "servers");
    await world.fault(soldOut);
    const { ended } = await runRollout(world);
    await world.clearFaults();
    expect(ended).toContain(`stopped: ${two} is not deleted: server type ccx13 is not available in fsn1`);
    expect(await idsOf(world, "servers")).toEqual(before);
    expect(await unprotected(world)).toEqual([]);
    expect([written(world, "protection"), written(world, "generations")]).toEqual([undefined, { [three]: 2 }]);
  });

  it("says which machine is gone when it cannot be made anew", async () => {
    const before = await idsOf(world, "servers");
    const { ended } = await runRollout(world, {
      // It sells out once the program has looked ahead.
      onRun: (until) => until.some((line) => line.includes("protection is lifted")) && world.fault(soldOut),
    });
    await world.clearFaults();
    expect(ended).toMatch(new RegExp(`stopped: pulumi up failed: .*${two}: .*resource_unavailable`, "s"));
    expect(ended).toContain(`${two} is deleted and not made anew yet: its volume is there`);
    before.delete(two);
    expect(await idsOf(world, "servers")).toEqual(before);
    expect(await unprotected(world)).toEqual([]);
  });

  it("makes that one first when it is run again, and ends with each machine replaced once", async () => {
    const before = await idsOf(world, "servers");
    const { ended, said } = await runRollout(world);
    expect(ended).toBe(0);
    expect(said.find((line) => line.includes("made, which"))).toContain(
      `${two}: made, which an earlier run did not come to`,
    );
    const after = await idsOf(world, "servers");
    expect(after.get(three)).toBe(before.get(three));
    expect([...after.keys()].sort()).toEqual([...first.keys()].sort());
    expect(nodes.filter((name) => after.get(name) !== first.get(name))).toEqual(nodes);
    expect(await idsOf(world, "volumes")).toEqual(volumes);
    expect(await unprotected(world)).toEqual([]);
    expect(written(world, "protection")).toBeUndefined();
    expect(await whatIsLeft(world)).toEqual(nothingLeft);
  });

  it("powers off no primary that somebody has excepted, where another server type is configured", async () => {
    const change = { protection: { except: [one] }, generations: written(world, "generations") };
    world.configure({ ...threeNodes({ parameters: { work_mem: "16MB" } }), ...change });
    expect((await world.up()).messages).toBe("");
    expect(await unprotected(world)).toEqual([one]);
    world.configure({ ...threeNodes({ parameters: { work_mem: "16MB" }, serverType: "ccx23" }), ...change });
    let questions = 0;
    const { ended, said } = await runRollout(world, { onRun: () => questions++ === 0 && process.emit("SIGINT") });
    expect(ended).toBe(130);
    expect(said.at(-1)).toContain(
      `${one} stays unprotected: an update that protects it again gives it server type ccx23 in place of ccx13`,
    );
    expect(await serverTypes(world)).toEqual(["ccx13", "ccx13", "ccx13"]);
    expect([await unprotected(world), written(world, "protection")]).toEqual([[one], { except: [one] }]);
  });

  it("gives it the type after it has handed over, when it is run again", async () => {
    const { ended, said } = await runRollout(world);
    expect(ended).toBe(0);
    const at = (part: string) => said.findIndex((line) => line.includes(`${one}: ${part}`));
    expect(at("switchover")).toBeGreaterThanOrEqual(0);
    expect(at("switchover")).toBeLessThan(at("deleted and made anew"));
    expect(await serverTypes(world)).toEqual(["ccx23", "ccx23", "ccx23"]);
    expect([await unprotected(world), written(world, "protection")]).toEqual([[], undefined]);
    expect(await whatIsLeft(world)).toEqual(nothingLeft);
  });
});
