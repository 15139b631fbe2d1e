/** Drills in which machines with data are replaced on purpose, one after another. */
import type { Drill, DrillContext } from "../drill.ts";
import { untilFine } from "../patience.ts";
import type { StackValues } from "../world.ts";

/** Not what the size of a machine gives. */
const memory = "5MB";

function withParameter(config: StackValues): void {
  const postgres = config.postgres!;
  postgres.parameters = { ...(postgres.parameters as object | undefined), work_mem: memory };
}

async function parameterProblem(context: DrillContext): Promise<string | undefined> {
  for (const node of await context.postgres.nodes()) {
    const ran = await context.postgres.sql(node, "SHOW work_mem");
    if (ran.stdout.trim() !== memory) return `work_mem on ${node.name} is ${ran.stdout.trim() || "not known"}`;
  }
  return undefined;
}

const idsOf = async (context: DrillContext) =>
  new Map((await context.world.machines()).map(({ name, id }) => [name, id] as const));

const volumesOf = async (context: DrillContext): Promise<string> => {
  const { volumes } = (await context.world.api("GET", "/volumes?per_page=50")) as { volumes: { id: number }[] };
  return volumes.map(({ id }) => id).join();
};

export const rolloutDrill: Drill = {
  name: "postgres-rollout",
  family: "postgres",
  title: "A changed parameter is rolled out over all nodes with `sovereign rollout`, and back, while the shop sells",
  proves:
    "Every node is made anew, the primary last and after a switchover: the shop pauses for seconds, no order is lost or doubled, and no volume is replaced.",
  writer: "shop",
  limits: { outage: 6 },
  deploys: true,
  crashAgain: false,
  async break(context) {
    const [before, volumes] = [await idsOf(context), await volumesOf(context)];
    const begin = Date.now();
    await context.breaking(
      "a changed parameter is rolled out",
      async () => {
        await context.stack.rollout("postgres", withParameter);
        context.figure("seconds of the rollout", (Date.now() - begin) / 1000);
      },
      () => context.stack.rollout("postgres", () => undefined),
    );
    const after = await idsOf(context);
    const replaced = [...after].filter(([name, id]) => before.get(name) !== id).map(([name]) => name);
    const nodes = (await context.postgres.nodes()).map(({ name }) => name);
    context.check(
      "every node was made anew, and no other machine",
      replaced.join() === nodes.join() ? undefined : `made anew: ${replaced.join(", ") || "none"}`,
    );
    context.check(
      "no volume was replaced",
      (await volumesOf(context)) === volumes ? undefined : "volumes have changed",
    );
  },
  async during(context) {
    await context.writesFlow();
    // The cluster's shared settings are enforced by the new primary, every two minutes.
    await untilFine("every node has the parameter", () => parameterProblem(context), {
      seconds: 180,
      everyMs: 2000,
      signal: context.signal,
    });
  },
};
