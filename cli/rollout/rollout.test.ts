import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FakeOptions, FakeWorld, Killed } from "./testing.ts";

/** Runs it as often as it is killed or interrupted, until it ends by itself. */
async function untilEnd(world: FakeWorld, moments: readonly { kind: "kill" | "abort"; after: number }[]) {
  for (const { kind, after } of moments) {
    const { rollout } = world.rollout();
    world.killAt = kind === "kill" ? world.effects + after : Number.POSITIVE_INFINITY;
    world.abortAt = kind === "abort" ? world.effects + after : Number.POSITIVE_INFINITY;
    try {
      const outcome = await rollout.run();
      if (outcome.kind === "done") return outcome;
      const { missing, kept } = await rollout.settle();
      // Nothing stays unprotected, but for what is half replaced, or would be powered off for it.
      for (const [name, machine] of world.machines) {
        const isOpen = world.config.exceptions.includes(name) || !machine.isProtected;
        const isKept = kept.some((host) => host.name === name && host.from === machine.serverType);
        if (isKept && machine.serverType === world.serverType) world.wrongs.push(`${name} is kept open for nothing`);
        if (machine.exists && isOpen && !isKept) world.wrongs.push(`${name} stays unprotected`);
        if (machine.exists && machine.generation !== world.wanted(name))
          world.wrongs.push(`${name} cannot be deployed`);
        if (!machine.exists && !missing.includes(name)) world.wrongs.push(`${name} is missing, and nobody says so`);
      }
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }
  world.killAt = world.abortAt = Number.POSITIVE_INFINITY;
  return world.rollout().rollout.run();
}

const someOfFive = fc.subarray([1, 2, 3, 4, 5].map((ordinal) => `shop-postgres-fsn1-${ordinal}`));
const options: fc.Arbitrary<FakeOptions> = fc.record({
  machines: fc.integer({ min: 1, max: 5 }),
  hasPrimary: fc.boolean(),
  boot: fc.integer({ min: 1, max: 4 }),
  unwellAt: fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 6 }),
  exceptions: someOfFive,
  lifted: someOfFive,
  isRetyped: fc.boolean(),
});
const moments = fc.array(
  fc.record({ kind: fc.constantFrom("kill" as const, "abort" as const), after: fc.integer({ min: 1, max: 25 }) }),
  { maxLength: 6 },
);

describe("whenever it is killed or interrupted", () => {
  it("ends with every machine replaced once, never two at a time, never the primary, all protected", async () => {
    await fc.assert(
      fc.asyncProperty(options, moments, async (given, when) => {
        const world = new FakeWorld(given);
        const isOther = (name: string) => !world.machines.has(name);
        const outcome = await untilEnd(world, when);
        expect(outcome.kind).toBe("done");
        expect(world.wrongs).toEqual([]);
        expect(world.leftOver()).toEqual([]);
        expect(world.config.exceptions).toEqual(given.exceptions?.filter(isOther));
        expect([...world.machines.values()].map(({ deleted }) => deleted)).toEqual(Array(given.machines).fill(1));
      }),
      { numRuns: 500 },
    );
  });

  it("does so at each single moment of a rollout of three", async () => {
    const whole = new FakeWorld({ machines: 3 });
    await untilEnd(whole, []);
    expect(whole.effects).toBeGreaterThan(20);
    for (let after = 1; after <= whole.effects; after++) {
      for (const kind of ["kill", "abort"] as const) {
        const world = new FakeWorld({ machines: 3 });
        await untilEnd(world, [{ kind, after }]);
        expect([kind, after, world.wrongs, world.leftOver()]).toEqual([kind, after, [], []]);
        expect([...world.machines.values()].map(({ deleted }) => deleted)).toEqual([1, 1, 1]);
      }
    }
  });
});

it("goes replica by replica, hands over once, and joins one's protection with the next one's turn", async () => {
  const world = new FakeWorld({ machines: 3 });
  await world.rollout().rollout.run();
  const [one, two, three] = world.names;
  expect(world.said.filter((line) => !/^(waiting|all work)/.test(line))).toEqual([
    `${two}: its protection is lifted`,
    `${two}: deleted and made anew, generation 2`,
    `${three}: its protection is lifted; ${two}: protected again`,
    `${three}: deleted and made anew, generation 2`,
    `${one}: switchover`,
    `${one}: its protection is lifted; ${three}: protected again`,
    `${one}: deleted and made anew, generation 2`,
    `${one}: protected again`,
  ]);
  expect(world.handOvers).toBe(1);
  expect(world.config.generations).toEqual({ [one!]: 2, [two!]: 2, [three!]: 2 });
});

it("has nothing to do where all is as configured", async () => {
  const world = new FakeWorld({ machines: 3 });
  world.version = 1;
  expect(await world.rollout().rollout.run()).toEqual({ kind: "done", replaced: [] });
  expect(world.effects).toBe(0);
});

it("replaces one after another what the configuration asks of all at once, and raises nothing", async () => {
  const world = new FakeWorld({ machines: 3, part: 4 });
  world.version = 1;
  expect((await world.rollout().rollout.run()).kind).toBe("done");
  expect(world.config.generations).toEqual({});
  expect([...world.machines.values()].map(({ generation, deleted }) => [generation, deleted])).toEqual(
    Array(3).fill([4, 1]),
  );
  expect([world.wrongs, world.leftOver()]).toEqual([[], []]);
});

it("takes a protection back that somebody left lifted, and touches no other exception", async () => {
  const world = new FakeWorld({ machines: 2, exceptions: ["shop-postgres-fsn1-1", "shop-redis-fsn1-1"] });
  world.version = 1;
  world.machines.get("shop-postgres-fsn1-1")!.isProtected = false;
  expect((await world.rollout().rollout.run()).kind).toBe("done");
  expect([world.config.exceptions, world.leftOver()]).toEqual([["shop-redis-fsn1-1"], []]);
});

it("does not touch a primary that somebody has excepted until it has handed over", async () => {
  const world = new FakeWorld({
    machines: 3,
    exceptions: ["shop-postgres-fsn1-1"],
    lifted: ["shop-postgres-fsn1-1"],
    isRetyped: true,
  });
  expect((await world.rollout().rollout.run()).kind).toBe("done");
  expect([world.wrongs, world.config.exceptions, world.leftOver()]).toEqual([[], [], []]);
  expect([...world.machines.values()].map(({ deleted }) => deleted)).toEqual([1, 1, 1]);
});

describe("another server type, which any update gives a machine with a power-off", () => {
  const [one, two, three] = [1, 2, 3].map((ordinal) => `shop-postgres-fsn1-${ordinal}`) as [string, string, string];
  const typesOf = (world: FakeWorld) => [...world.machines.values()].map(({ serverType }) => serverType);

  it("comes to no machine at a stop: what that would power off stays open, and is named", async () => {
    const world = new FakeWorld({
      machines: 3,
      exceptions: [one],
      lifted: [one],
      isRetyped: true,
      unwellAt: Array.from({ length: 1000 }, (_, i) => i),
    });
    const { rollout } = world.rollout();
    expect((await rollout.run()).kind).toBe("stopped");
    expect(await rollout.settle()).toEqual({ missing: [], kept: [{ name: one, from: "cpx22", to: "cpx32" }] });
    expect([world.wrongs, typesOf(world)]).toEqual([[], ["cpx22", "cpx22", "cpx22"]]);
    expect(world.config.exceptions).toEqual([one]);
  });

  it("keeps no exception at a stop that no update has heard of", async () => {
    const world = new FakeWorld({ machines: 3, exceptions: [one], isRetyped: true, boot: 1_000_000 });
    const { rollout } = world.rollout(60);
    expect((await rollout.run()).kind).toBe("stopped");
    expect(await rollout.settle()).toEqual({ missing: [], kept: [] });
    expect([world.wrongs, typesOf(world)]).toEqual([[], ["cpx22", "cpx32", "cpx22"]]);
    expect(world.config.exceptions).toEqual([]);
  });

  it("comes to what is only protected again one after another, to a primary after it has handed over", async () => {
    const world = new FakeWorld({ machines: 3, lifted: [one, two, three], isRetyped: true });
    world.version = 1;
    expect((await world.rollout().rollout.run()).kind).toBe("done");
    expect([world.wrongs, world.leftOver()]).toEqual([[], []]);
    expect(world.said.filter((line) => !/^(waiting|all work)/.test(line))).toEqual([
      `${two}: protected again`,
      `${three}: protected again`,
      `${one}: switchover`,
      `${one}: protected again`,
    ]);
    expect([...world.machines.values()].map(({ deleted }) => deleted)).toEqual([0, 0, 0]);
  });

  it("stays away from what is excepted in the file alone: that exception is closed without an update", async () => {
    const world = new FakeWorld({ machines: 3, exceptions: [one], isRetyped: true });
    world.version = 1;
    expect((await world.rollout().rollout.run()).kind).toBe("done");
    expect([world.config.exceptions, world.wrongs, world.handOvers]).toEqual([[], [], 0]);
    expect(typesOf(world)).toEqual(["cpx22", "cpx22", "cpx22"]);
  });

  it("is given to none of which the provider has no more", async () => {
    const world = new FakeWorld({ machines: 3, lifted: [two], isRetyped: true });
    world.version = 1;
    world.soldOut = world.names;
    const { rollout } = world.rollout();
    expect(await rollout.run()).toEqual({ kind: "stopped", why: `${two} is not powered off: sold out` });
    expect((await rollout.settle()).kept).toEqual([{ name: two, from: "cpx22", to: "cpx32" }]);
    expect(typesOf(world)).toEqual(["cpx22", "cpx22", "cpx22"]);
  });
});

it("leaves an exception for everything alone", async () => {
  const world = new FakeWorld({ machines: 2, exceptions: ["*"] });
  for (const machine of world.machines.values()) machine.isProtected = false;
  expect((await world.rollout().rollout.run()).kind).toBe("done");
  expect(world.config.exceptions).toEqual(["*"]);
  expect([...world.machines.values()].map(({ deleted }) => deleted)).toEqual([1, 1]);
});

it("begins nothing where the machines are not well", async () => {
  const world = new FakeWorld({ machines: 3, unwellAt: Array.from({ length: 1000 }, (_, i) => i) });
  expect(await world.rollout().rollout.run()).toEqual({ kind: "stopped", why: "after 30 s still: they are not well" });
  expect(world.effects).toBe(0);
});

it("stops at the first machine that does not come back, puts its protection back, and touches no other", async () => {
  const world = new FakeWorld({ machines: 3, boot: 1_000_000 });
  const { rollout } = world.rollout(60);
  expect(await rollout.run()).toEqual({ kind: "stopped", why: "after 60 s still: shop-postgres-fsn1-2 is not back" });
  expect(await rollout.settle()).toEqual({ missing: [], kept: [] });
  expect([...world.machines.values()].map(({ deleted }) => deleted)).toEqual([0, 1, 0]);
  expect(world.leftOver()).toEqual(["shop-postgres-fsn1-1 is behind", "shop-postgres-fsn1-3 is behind"]);
});

it("deletes nothing that the provider would not make anew", async () => {
  const world = new FakeWorld({ machines: 3 });
  world.soldOut = world.names;
  const { rollout } = world.rollout();
  expect(await rollout.run()).toEqual({ kind: "stopped", why: "shop-postgres-fsn1-2 is not deleted: sold out" });
  await rollout.settle();
  expect([...world.machines.values()].map(({ deleted, isProtected }) => [deleted, isProtected])).toEqual(
    Array(3).fill([0, true]),
  );
});

it("makes nothing where two are away", async () => {
  const world = new FakeWorld({ machines: 3 });
  for (const name of ["shop-postgres-fsn1-1", "shop-postgres-fsn1-2"]) world.machines.get(name)!.exists = false;
  const outcome = await world.rollout().rollout.run();
  expect(outcome).toMatchObject({ kind: "stopped", why: expect.stringContaining("a rollout never takes two") });
  expect(world.effects).toBe(0);
});

it("gives up where what it does changes nothing", async () => {
  const world = new FakeWorld({ machines: 2 });
  // A primary that stays one whatever is done.
  Object.defineProperty(world, "primary", { get: () => "shop-postgres-fsn1-1", set: () => undefined });
  const { rollout } = world.rollout();
  expect(await rollout.run()).toEqual({
    kind: "stopped",
    why: "hand over shop-postgres-fsn1-1: tried 2 times, and nothing changed by it",
  });
  await rollout.settle();
  expect(world.machines.get("shop-postgres-fsn1-1")).toMatchObject({ deleted: 0, isProtected: true });
});
