/** Steps that drills of moves share: an update held against what it may do, and orders that have to be on every node. */
import { z } from "zod";
import type { DrillContext } from "../drill.ts";
import { DrillError } from "../errors.ts";
import { isStateless, lostOf, type Move } from "../moves.ts";
import { untilFine } from "../patience.ts";
import type { Generations, Updated } from "../world.ts";

/** At most one failover's pause. */
export const onePause = { outage: 30 } as const;
export const asItIs: Move = () => undefined;

const withIds = z.looseObject({ meta: z.object({ pagination: z.object({ next_page: z.int().nullable() }) }) });
const items = z.array(z.object({ id: z.int(), name: z.string() }));

/** Kinds of the API whose things outlive machines. */
export const lastingKinds = ["volumes", "networks", "load_balancers", "primary_ips"] as const;

/** What must still be there after a move, by kind and name: what the API says, whatever the engine does. */
export async function thingsThatStay(
  { world, stack }: DrillContext,
  kinds: readonly string[],
): Promise<Map<string, number>> {
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

/** Everything with data, machines too. */
const everything = async (context: DrillContext): Promise<Map<string, number>> => {
  const all = await thingsThatStay(context, [...lastingKinds, "servers"]);
  return new Map([...all].filter(([name]) => !isStateless(name)));
};

/** @throws DrillError for a stack in which nothing could get lost: every move of it would pass */
async function requireData(context: DrillContext): Promise<void> {
  const names = [...(await everything(context)).keys()];
  for (const kind of ["volumes", "servers"])
    if (!names.some((name) => name.startsWith(`${kind} `)))
      throw new DrillError(`the API has no ${kind} with data under the label stack=${context.stack.name}`);
}

export const gone = (before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string | undefined => {
  const names = [...before].filter(([name, id]) => after.get(name) !== id).map(([name]) => name);
  return names.length > 0 ? names.join(", ") : undefined;
};

const bootSeconds = 420;

/** Waits until what a move has made works: machines have booted, and all of Postgres' nodes follow one primary. */
export async function settled(context: DrillContext): Promise<void> {
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
export async function update(context: DrillContext, what: string, move: Move): Promise<Updated> {
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

/** Orders of before the move are on every node, also on those that it made. */
export async function holdingOrders(context: DrillContext, work: () => Promise<void>): Promise<void> {
  await requireData(context);
  const before = await context.postgres.ordersUpTo();
  if (before.count === 0) throw new DrillError("there is no order before the move that could get lost");
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
export const own = ({ stack }: DrillContext): Record<string, unknown> => stack.values();

/** Rolls out Postgres with a configuration, and deploys the rest of it. */
export async function rolledOut(context: DrillContext, what: string, move: Move): Promise<Generations> {
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
  return generations;
}
