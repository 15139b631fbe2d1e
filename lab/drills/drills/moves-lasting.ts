/** Drills of moves after which the stack is not as it was: it has grown, or its volumes have. */
import { z } from "zod";
import { jsonOf } from "../../session/json.ts";
import type { Drill, DrillContext } from "../drill.ts";
import { intoLocations, intoOne, locationsOf, lostOf, type Move, made, roleOf, withLargerPostgres } from "../moves.ts";
import { untilFine } from "../patience.ts";
import { paths } from "../platform.ts";
import type { Generations } from "../world.ts";
import { asItIs, holdingOrders, onePause, own, rolledOut, settled, update } from "./move-steps.ts";
import { etcdctl, mustRun, primaryOf } from "./steps.ts";

interface Grown {
  readonly second: string;
  readonly move: Move;
  /** Of machines that the rollout has made anew. */
  readonly generations: Generations;
}

/** From one location into a second one, everything that knows of it rolled out. */
async function grow(context: DrillContext): Promise<Grown> {
  const [first = ""] = locationsOf(own(context));
  const second = first === "nbg1" ? "fsn1" : "nbg1";
  const move = intoLocations([first, second]);
  context.say(`from ${first} into ${second}`);
  const updated = await update(context, `into ${second}`, move);
  context.check(
    `a node of Postgres was made in ${second}`,
    made(updated).some((name) => name.includes(`-postgres-${second}-`))
      ? undefined
      : made(updated).join(", ") || "nothing was made",
  );
  await settled(context);
  await votesAre(context, "one in each location", (places) => new Set(places).size === 3);
  return { second, move, generations: await rolledOut(context, "knowing of the other location", move) };
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
    await holdingOrders(context, async () => {
      await grow(context);
    });
  },
};

const letGo: Drill = {
  name: "move-let-go",
  family: "move",
  mostLocations: 1,
  lasting: true,
  deploys: true,
  title: "From one location into a second one and back, and the second is let go of with all that it held",
  proves:
    "Votes come back by `sovereign rollout postgres` before what held them is deleted: the shop sells on, and ends where it began.",
  writer: "shop",
  limits: onePause,
  async break(context) {
    await holdingOrders(context, async () => {
      const { second, move, generations } = await grow(context);
      const keeping: Move = (config) => Object.assign(config, { generations });
      const open: Move = (config) => Object.assign(config, { protection: { except: ["*"] } });
      const inOne: Move = (config) => [move, intoOne, keeping].forEach((step) => void step(config));
      await update(context, `${second} retained`, inOne);
      await settled(context);
      await update(context, "protection lifted", (config) => [inOne, open].forEach((step) => void step(config)));
      const begin = Date.now();
      await context.stack.rollout("postgres", open);
      context.figure("seconds of the rollout: votes come back", (Date.now() - begin) / 1000);
      await votesAre(context, `none in ${second}`, (places) => new Set(places).size === 1);
      const primary = await primaryOf(context);
      if (primary.location === second) await mustRun(context, primary, [paths.switchover], 90_000);
      const { changes } = await context.stack.up(open);
      // Nothing is protected here: only what was to go may have gone, and nothing may have been made anew.
      const isOfSecond = new RegExp(`-${second}(-\\d+|$)`);
      const lost = lostOf(changes).filter((name) => !isOfSecond.test(name) && roleOf(name) !== "etcd");
      context.check(`only ${second} and the witness were let go of`, lost.length > 0 ? lost.join(", ") : undefined);
      await context.stack.up(asItIs);
      await settled(context);
    });
  },
};

const memberList = z.object({
  members: z.array(z.object({ name: z.string().default(""), isLearner: z.boolean().default(false) })),
});

/** Waits until etcd has three members that vote, and they are where they have to be. @param fits by the locations of the members */
async function votesAre(
  context: DrillContext,
  where: string,
  fits: (places: readonly string[]) => boolean,
): Promise<void> {
  await untilFine(`votes: ${where}`, () => votesProblem(context, fits), {
    seconds: 180,
    everyMs: 2000,
    signal: context.signal,
  });
}

async function votesProblem(
  context: DrillContext,
  fits: (places: readonly string[]) => boolean,
): Promise<string | undefined> {
  const primary = await primaryOf(context);
  // Any member does; the primary of Postgres need not be one.
  const nodes = [primary, ...(await context.postgres.nodes())];
  for (const node of nodes) {
    const ran = await context.world.run(node, ["sh", "-c", `${etcdctl} member list -w json`]);
    if (ran.code !== 0) continue;
    const answer = memberList.safeParse(jsonOf(ran.stdout)).data;
    if (!answer) continue;
    const { members } = answer;
    const machines = (await context.world.machines()).filter(({ role }) => role === "postgres" || role === "etcd");
    const places = members.map(({ name }) => machines.find((machine) => machine.name === name)?.location ?? name);
    const vote = members.every(({ isLearner }) => !isLearner);
    if (members.length === 3 && vote && fits(places)) return undefined;
    return members
      .map(({ name, isLearner }) => `${name || "one that has not joined"}${isLearner ? " without a vote" : ""}`)
      .join(", ");
  }
  return "no node tells etcd's members";
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

export const lastingMoves: readonly Drill[] = [oneToSeveral, letGo, largerMachines];
