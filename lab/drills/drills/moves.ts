/** Drills that move a stack from one topology to another while the shop sells, by the same edits that docs/topologies.md names, and back. */
import type { Drill, DrillContext } from "../drill.ts";
import { DrillError } from "../errors.ts";
import { holdsData, intoOne, type Move, made, roleOf, withoutEdge, withPrimary } from "../moves.ts";
import { paths } from "../platform.ts";
import type { Machine, Updated } from "../world.ts";
import { asItIs, holdingOrders, onePause, own, settled, update } from "./move-steps.ts";
import { lastingMoves } from "./moves-lasting.ts";
import { mustRun, primaryOf } from "./steps.ts";

/** A move, and the stack's own configuration again. */
async function thereAndBack(
  context: DrillContext,
  [there, back]: readonly [string, string],
  move: Move,
  look: { readonly there: (updated: Updated) => void; readonly back: (updated: Updated) => void },
): Promise<void> {
  await holdingOrders(context, async () => {
    await context.breaking(
      there,
      async () => look.there(await update(context, there, move)),
      async () => look.back(await update(context, back, asItIs)),
      [{ kind: "deploy" }],
    );
    await settled(context);
    context.say(back);
    await context.heal();
    await settled(context);
  });
}

const primaryMoves: Drill = {
  name: "move-primary",
  family: "move",
  locations: 3,
  deploys: true,
  title: "Another primary location: a planned switchover, then the order of `locations`, and back the same way",
  proves: "The shop pauses for a switchover and for nothing else; the update makes and replaces no machine with data.",
  writer: "shop",
  limits: onePause,
  async break(context) {
    const first = await primaryOf(context);
    const target = await successorOf(context, first);
    const to = async (from: Machine, node: Machine) => {
      const begin = Date.now();
      const command = `patronictl -c ${paths.patroniConfig} switchover --leader ${from.name} --candidate ${node.name} --force`;
      await mustRun(context, from, ["sh", "-ec", command], 90_000);
      context.figure(`seconds of the switchover to ${node.location}`, (Date.now() - begin) / 1000);
      await context.postgres.converged({ seconds: 120, signal: context.signal });
    };
    await to(first, target);
    const nothing = (updated: Updated) =>
      context.check("nothing was made", made(updated).length > 0 ? made(updated).join(", ") : undefined);
    await thereAndBack(
      context,
      [`${target.location} is the primary location`, `${first.location} is the primary location`],
      withPrimary(target.location),
      { there: nothing, back: nothing },
    );
    await to(target, first);
  },
};

/** A node in another location than the primary and the store of backups, which may not be where the primary is. */
async function successorOf(context: DrillContext, primary: Machine): Promise<Machine> {
  const { backup } = own(context).postgres as { backup?: false | { region?: string } };
  const taken = [primary.location, backup ? backup.region : undefined];
  const node = (await context.postgres.nodes()).find(({ location }) => !taken.includes(location));
  if (!node) throw new DrillError(`no node of Postgres is outside ${taken.filter(Boolean).join(" and ")}`);
  return node;
}

const hybrid: Drill = {
  name: "move-hybrid",
  family: "move",
  edge: true,
  deploys: true,
  title: "From hybrid to multi-region-eu, which takes the edge site away, and to hybrid again, which makes it",
  proves:
    "The core does not notice whether there is an edge: no error, no pause, and no machine of it is made or deleted.",
  writer: "shop",
  limits: { outage: 3, errors: 0 },
  async break(context) {
    const onlyEdge = (names: readonly string[] | undefined): string | undefined => {
      const servers = (names ?? []).filter((name) => name.startsWith("Server "));
      const others = servers.filter((name) => !["edge", "tools"].includes(roleOf(name) ?? ""));
      if (servers.length === 0) return "no server at all";
      return others.length > 0 ? others.join(", ") : undefined;
    };
    await thereAndBack(context, ["hybrid to multi-region-eu", "multi-region-eu to hybrid"], withoutEdge, {
      there: ({ changes }) => context.check("the edge's machines alone were deleted", onlyEdge(changes.deleted)),
      back: ({ changes }) => context.check("the edge's machines alone were made", onlyEdge(changes.created)),
    });
  },
};

const back: Drill = {
  name: "move-back",
  family: "move",
  locations: 3,
  deploys: true,
  title: "Back to one location, the others retained for their data; then to all of them again",
  proves:
    "App servers of the other locations go, and the edge with them; orders go on, and every node keeps its data. Returning makes app servers, and the edge where there was one, and nothing else.",
  writer: "shop",
  limits: onePause,
  async break(context) {
    const { topology } = own(context);
    const isStateful = (names: readonly string[] | undefined) =>
      (names ?? []).filter((name) => name.startsWith("Server ") && holdsData(name)).join(", ") || undefined;
    await thereAndBack(context, [`${topology} to single-region`, `single-region to ${topology}`], intoOne, {
      there: ({ changes }) => context.check("no machine with data was deleted", isStateful(changes.deleted)),
      back: ({ changes }) => context.check("no machine with data was made", isStateful(changes.created)),
    });
  },
};

export const moveDrills: readonly Drill[] = [primaryMoves, hybrid, back, ...lastingMoves];
