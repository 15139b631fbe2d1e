/** Drills of a stack in several locations: one is lost, two no longer reach each other, a name server is gone. */
import type { Drill, DrillContext } from "../drill.ts";
import { DrillError } from "../errors.ts";
import { paths } from "../platform.ts";
import { crashed } from "../run.ts";
import type { Machine } from "../world.ts";
import { dropPackets, mustRun, primaryOf } from "./steps.ts";

/** Detecting the loss (Patroni's ttl) and leading visitors elsewhere go on side by side. */
const locationLost = { outage: 30, medianOutage: 30 } as const;

/** Locations that have a node of Postgres: that of the primary first, then in order of their names. */
async function locations(context: DrillContext): Promise<string[]> {
  const primary = await primaryOf(context);
  const nodes = await context.postgres.nodes();
  const all = [...new Set(nodes.map(({ location }) => location))].sort();
  return [primary.location, ...all.filter((location) => location !== primary.location)];
}

const machinesIn = async ({ world }: DrillContext, location: string): Promise<Machine[]> =>
  (await world.machines()).filter((machine) => machine.location === location && machine.privateAddress !== "");

const order = ["primary", "second", "third"] as const;

/** Every machine of a location at once; its load balancer, which is not ours, stays and has nobody to lead to. */
function lost(which: (typeof order)[number]): Drill {
  const isPrimary = which === "primary";
  return {
    name: `location-lost-${which}`,
    family: "locations",
    locations: 3,
    title: isPrimary
      ? "Every machine of the primary's location is lost at once"
      : `Every machine of another location is lost at once (the ${which})`,
    proves: isPrimary
      ? "Every acknowledged order is in another location; Postgres goes on there, and name servers lead visitors there."
      : "Nothing of it is needed elsewhere: Postgres keeps its majority, and visitors are led to the others.",
    writer: "shop",
    limits: isPrimary ? locationLost : { outage: 15 },
    async break(context) {
      const location = (await locations(context))[order.indexOf(which)]!;
      context.say(`${location} is lost`);
      await Promise.all((await machinesIn(context, location)).map((machine) => crashed(context, machine)));
    },
  };
}

const partition: Drill = {
  name: "location-partition",
  family: "locations",
  locations: 3,
  title: "The primary's location and another one do not reach each other for 60 s",
  proves:
    "Both still reach the third, so there is a majority: writes go on, and the one that could not follow catches up.",
  writer: "shop",
  limits: locationLost,
  async break(context) {
    const [here, there] = await locations(context);
    const addresses = (await machinesIn(context, there!)).map(({ privateAddress }) => privateAddress);
    for (const machine of await machinesIn(context, here!)) {
      await dropPackets(
        context,
        machine,
        `${machine.name} hears nothing from ${there}`,
        "input",
        `ip saddr { ${addresses.join(", ")} }`,
      );
    }
  },
  during: (context) => context.pause(60),
};

const isolated: Drill = {
  name: "location-isolated",
  family: "locations",
  locations: 3,
  title: "The primary's location reaches no other one for 60 s",
  proves: "The minority stops writing: what it had for itself alone was never acknowledged. The others go on.",
  writer: "shop",
  limits: locationLost,
  async break(context) {
    const [here, ...others] = await locations(context);
    const there = (await Promise.all(others.map((location) => machinesIn(context, location)))).flat();
    const match = `ip saddr { ${there.map(({ privateAddress }) => privateAddress).join(", ")} }`;
    for (const machine of await machinesIn(context, here!))
      await dropPackets(context, machine, `${machine.name} hears nothing from other locations`, "input", match);
  },
  during: (context) => context.pause(60),
};

const nameServerLost: Drill = {
  name: "location-name-server",
  family: "locations",
  locations: 3,
  title: "A name server is lost",
  proves: "Resolvers ask another one, which gives the same answers.",
  writer: "shop",
  limits: { outage: 5 },
  async break(context) {
    const gateway = (await context.world.machines()).find(({ role }) => role === "gateway");
    if (!gateway) throw new DrillError("the stack has no name servers of its own: this drill needs dns.servers: own");
    await crashed(context, gateway);
  },
  during: (context) => context.pause(20),
};

const failback: Drill = {
  name: "location-failback",
  family: "locations",
  locations: 3,
  title: "The primary goes to another location by a planned switchover, and back",
  proves: "Going back after a location was lost costs a client that tries again seconds, and nothing is lost.",
  writer: "shop",
  limits: { outage: 8 },
  async break(context) {
    const before = await primaryOf(context);
    await mustRun(context, before, [paths.switchover], 90_000);
    const between = await primaryOf(context);
    if (between.location === before.location) throw new DrillError(`${between.name} is in ${before.location} too`);
    await context.postgres.converged({ seconds: 120, signal: context.signal });
    context.say(`from ${between.name} back to ${before.name}`);
    const back = `patronictl -c ${paths.patroniConfig} switchover --leader ${between.name} --candidate ${before.name} --force`;
    await mustRun(context, between, ["sh", "-ec", back], 90_000);
  },
};

export const locationDrills: readonly Drill[] = [...order.map(lost), partition, isolated, nameServerLost, failback];
