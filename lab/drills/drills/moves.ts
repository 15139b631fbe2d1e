/** Drills that move a stack from one topology to another while the shop sells, by the same edits that docs/topologies.md names. */
import { z } from "zod";
import type { Drill, DrillContext } from "../drill.ts";
import { DrillError } from "../errors.ts";
import {
  intoLocations,
  intoOne,
  locationsOf,
  lostOf,
  type Move,
  withLargerPostgres,
  withoutEdge,
  withPrimary,
} from "../moves.ts";
import { untilFine } from "../patience.ts";
import { paths } from "../platform.ts";
import type { Machine, Updated } from "../world.ts";
import { etcdctl, mustRun, primaryOf } from "./steps.ts";

/** At most one failover's pause. */
const onePause = { outage: 30 } as const;
const asItIs: Move = () => undefined;

const withIds = z.looseObject({ meta: z.object({ pagination: z.object({ next_page: z.int().nullable() }) }) });
const items = z.array(z.object({ id: z.int(), name: z.string() }));

/** Kinds of the API whose things outlive machines. */
const lastingKinds = ["volumes", "networks", "load_balancers", "primary_ips"] as const;

/** What must still be there after a move, by kind and name: what the API says, whatever the engine does. */
async function thingsThatStay({ world, stack }: DrillContext, kinds: readonly string[]): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const kind of kinds) {
    for (let page: number | null = 1; page !== null; ) {
      const answer: z.infer<typeof withIds> = withIds.parse(
        await world.api("GET", `/${kind}?label_selector=stack==${stack.name}&per_page=50&page=${page}`),
      );
      for (const { id, name } of items.parse(answer[kind])) found.set(`${kind} ${name}`, id);
      page = answer.meta.pagination.next_page;
    }
  }
  return found;
}

const isStateless = (name: string): boolean => /-(app|edge|tools)-/.test(name);

/** Everything with data, machines too. */
const everything = async (context: DrillContext): Promise<Map<string, number>> => {
  const all = await thingsThatStay(context, [...lastingKinds, "servers"]);
  return new Map([...all].filter(([name]) => !isStateless(name)));
};

const gone = (before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string | undefined => {
  const names = [...before].filter(([name, id]) => after.get(name) !== id).map(([name]) => name);
  return names.length > 0 ? names.join(", ") : undefined;
};

const bootSeconds = 420;

/** Waits until what a move has made works: machines have booted, and all of Postgres' nodes follow one primary. */
async function settled(context: DrillContext): Promise<void> {
  const { world, signal } = context;
  await untilFine(
    "all machines have booted",
    async () => {
      const waiting = (await world.machines()).filter(({ booted, status }) => !booted || status !== "running");
      return waiting.length > 0 ? `waiting for ${waiting.map(({ name }) => name).join(", ")}` : undefined;
    },
    { seconds: bootSeconds, everyMs: 2000, signal },
  );
  await context.postgres.converged({ seconds: bootSeconds, signal });
  await context.writesFlow();
}

/** Deploys, and holds what was done against what may be done. */
async function update(context: DrillContext, what: string, move: Move): Promise<Updated> {
  const begin = Date.now();
  const before = await everything(context);
  const updated = await context.stack.up(move);
  context.figure(`seconds of the update: ${what}`, (Date.now() - begin) / 1000);
  const lost = lostOf(updated.changes);
  context.check(
    `${what}: the engine replaced or deleted nothing with data`,
    lost.length > 0 ? lost.join(", ") : undefined,
  );
  context.check(`${what}: everything with data is the same at the API`, gone(before, await everything(context)));
  if (updated.pending.length > 0) context.say(`waiting for a rollout: ${updated.pending.join(", ")}`);
  return updated;
}

const made = ({ changes }: Updated): string[] =>
  (changes.created ?? []).filter((name) => /^(Server|LoadBalancer) /.test(name));

/** Orders of before the move are on every node, also on those that it made. */
async function holdingOrders(context: DrillContext, work: () => Promise<void>): Promise<void> {
  const before = await context.postgres.ordersUpTo();
  await work();
  await context.postgres.converged({ seconds: 240, signal: context.signal });
  const after = await context.postgres.ordersUpTo(before.last);
  const differing = [...after.digests]
    .filter(([, digest]) => digest !== before.digest)
    .map(([node, digest]) => `${node}: ${digest}`);
  context.figure("orders of before, on every node after", before.count);
  context.check(
    "orders of before are on every node as they were",
    differing.length > 0 ? `before ${before.digest}, ${differing.join(", ")}` : undefined,
  );
}

/** A move, and the stack's own configuration again. */
async function thereAndBack(
  context: DrillContext,
  [there, back]: readonly [string, string],
  move: Move,
  look: { readonly there?: (updated: Updated) => unknown; readonly back?: (updated: Updated) => unknown } = {},
): Promise<void> {
  await holdingOrders(context, async () => {
    await context.breaking(
      there,
      async () => look.there?.(await update(context, there, move)),
      async () => look.back?.(await update(context, back, asItIs)),
      [{ kind: "deploy" }],
    );
    await settled(context);
    context.say(back);
    await context.heal();
    await settled(context);
  });
}

const own = ({ stack }: DrillContext): Record<string, unknown> => stack.values();

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
      const others = servers.filter((name) => !/-(edge|tools)-/.test(name));
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
    "App servers of the other locations go, and the edge with them; orders go on, and every node keeps its data. Returning makes app servers and nothing else.",
  writer: "shop",
  limits: onePause,
  async break(context) {
    const { topology } = own(context);
    const isStateful = (names: readonly string[] | undefined) =>
      (names ?? []).filter((name) => name.startsWith("Server ") && !isStateless(name)).join(", ") || undefined;
    await thereAndBack(context, [`${topology} to single-region`, `single-region to ${topology}`], intoOne, {
      there: ({ changes }) => context.check("no machine with data was deleted", isStateful(changes.deleted)),
      back: ({ changes }) => context.check("no machine with data was made", isStateful(changes.created)),
    });
  },
};

/** Rolls out Postgres with a configuration, and deploys the rest of it. */
async function rolledOut(context: DrillContext, what: string, move: Move): Promise<void> {
  const volumes = await thingsThatStay(context, lastingKinds);
  const begin = Date.now();
  const generations = await context.stack.rollout("postgres", move);
  context.figure(`seconds of the rollout: ${what}`, (Date.now() - begin) / 1000);
  context.check(
    `${what}: the rollout replaced no volume, network or address`,
    gone(volumes, await thingsThatStay(context, lastingKinds)),
  );
  await settled(context);
  const { pending } = await update(context, `${what}, after the rollout`, (config) => {
    move(config);
    config.generations = generations;
  });
  const behind = pending.filter((name) => name.includes("-postgres-"));
  context.check(`${what}: every node of Postgres is as configured`, behind.length > 0 ? behind.join(", ") : undefined);
  await settled(context);
}

const oneToSeveral: Drill = {
  name: "move-multi-region",
  family: "move",
  mostLocations: 1,
  lasting: true,
  deploys: true,
  title: "From one location into a second one, with a vote in a third; then `sovereign rollout postgres`",
  proves:
    "New nodes copy the data and take over votes while the shop sells: nothing that was there before is replaced, and every node has every order.",
  writer: "shop",
  limits: onePause,
  async break(context) {
    const [first = ""] = locationsOf(own(context));
    const second = first === "nbg1" ? "fsn1" : "nbg1";
    const move = intoLocations([first, second]);
    await holdingOrders(context, async () => {
      context.say(`from ${first} into ${second}`);
      const updated = await update(context, `into ${second}`, move);
      context.check(
        `a node of Postgres was made in ${second}`,
        made(updated).some((name) => name.includes(`-postgres-${second}-`))
          ? undefined
          : made(updated).join(", ") || "nothing was made",
      );
      await settled(context);
      await untilFine("votes are where the stack has them", () => votesProblem(context), {
        seconds: 180,
        everyMs: 2000,
        signal: context.signal,
      });
      await rolledOut(context, "knowing of the other location", move);
    });
  },
};

const memberList = z.object({
  members: z.array(z.object({ name: z.string().default(""), isLearner: z.boolean().default(false) })),
});

/** etcd's members are one in each location, all of them with a vote. */
async function votesProblem(context: DrillContext): Promise<string | undefined> {
  const nodes = await context.postgres.nodes();
  const ran = await context.world.run(nodes[0]!, ["sh", "-c", `${etcdctl} member list -w json`]);
  if (ran.code !== 0) return `etcd on ${nodes[0]!.name} does not tell its members`;
  const { members } = memberList.parse(JSON.parse(ran.stdout));
  const machines = (await context.world.machines()).filter(({ role }) => role === "postgres" || role === "etcd");
  const places = members.map(({ name }) => machines.find((machine) => machine.name === name)?.location ?? name);
  const said = members
    .map(({ name, isLearner }) => `${name || "one that has not joined"}${isLearner ? " without a vote" : ""}`)
    .join(", ");
  return members.length === 3 && new Set(places).size === 3 && members.every(({ isLearner }) => !isLearner)
    ? undefined
    : said;
}

/** Twice the memory of the usual one, and more room than the usual volume. */
const larger = { serverType: "ccx23", storageGb: 60 } as const;

const largerMachines: Drill = {
  name: "move-larger",
  family: "move",
  lasting: true,
  deploys: true,
  title: "A larger server type and more disk for Postgres, with `sovereign rollout postgres`",
  proves:
    "Each node is made anew as a larger machine on its own volume, the primary last and after a switchover; Postgres uses the memory that it has then.",
  writer: "shop",
  limits: onePause,
  async break(context) {
    const move = withLargerPostgres(larger);
    await holdingOrders(context, async () => {
      const before = await sharedMemory(context);
      await rolledOut(context, "larger", move);
      const after = await sharedMemory(context);
      context.check(
        "PostgreSQL uses more memory on each node",
        Math.min(...after) > Math.max(...before)
          ? undefined
          : `before ${before.join(", ")} bytes, now ${after.join(", ")}`,
      );
      const servers = await typesOf(context);
      const others = servers.filter(([, type]) => type !== larger.serverType);
      context.check(
        "every node has the larger type",
        others.length > 0 ? others.map(([name, type]) => `${name} is ${type}`).join(", ") : undefined,
      );
    });
  },
};

/** Bytes that PostgreSQL shares between its processes, on each node. */
async function sharedMemory({ postgres }: DrillContext): Promise<number[]> {
  const bytes = "SELECT pg_size_bytes(current_setting('shared_buffers'));";
  return Promise.all((await postgres.nodes()).map(async (node) => Number((await postgres.sql(node, bytes)).stdout)));
}

const serverTypes = z.object({
  servers: z.array(z.object({ name: z.string(), server_type: z.object({ name: z.string() }) })),
});

async function typesOf({ world, stack }: DrillContext): Promise<[string, string][]> {
  const selector = encodeURIComponent(`stack==${stack.name},role==postgres`);
  const { servers } = serverTypes.parse(await world.api("GET", `/servers?label_selector=${selector}&per_page=50`));
  return servers.map(({ name, server_type }) => [name, server_type.name]);
}

export const moveDrills: readonly Drill[] = [primaryMoves, hybrid, back, oneToSeveral, largerMachines];
