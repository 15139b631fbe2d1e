/** Drills of the app servers and the load balancer: what customers notice. */
import { z } from "zod";
import type { Drill, DrillContext } from "../drill.ts";
import { DrillError } from "../errors.ts";
import { untilFine } from "../patience.ts";
import { powerOn } from "../pending.ts";
import { crashed } from "../run.ts";
import type { Machine, StackValues } from "../world.ts";

const targetsSchema = z.object({
  load_balancers: z.array(
    z.object({
      targets: z.array(
        z.object({
          targets: z
            .array(
              z.object({
                server: z.object({ id: z.int() }).optional(),
                health_status: z.array(z.object({ status: z.string() })).optional(),
              }),
            )
            .optional(),
        }),
      ),
    }),
  ),
});

/** Health of a server at the load balancers: the worst of its services; `missing` when it is no target. */
export function targetHealth(answer: unknown, server: number): string {
  const statuses = targetsSchema
    .parse(answer)
    .load_balancers.flatMap((balancer) => balancer.targets.flatMap((target) => target.targets ?? []))
    .filter((target) => target.server?.id === server)
    .flatMap((target) => target.health_status ?? [])
    .map(({ status }) => status);
  if (statuses.length === 0) return "missing";
  return statuses.find((status) => status !== "healthy") ?? "healthy";
}

async function untilHealthIs(context: DrillContext, server: Machine, wanted: boolean, seconds: number): Promise<void> {
  await untilFine(
    `the load balancer finds ${server.name} ${wanted ? "healthy" : "gone"}`,
    async () => {
      const health = targetHealth(await context.world.api("GET", "/load_balancers?per_page=50"), server.id);
      return (health === "healthy") === wanted ? undefined : `it is ${health}`;
    },
    { seconds, everyMs: 500, signal: context.signal },
  );
}

async function appServers(context: DrillContext): Promise<Machine[]> {
  const servers = (await context.world.machines()).filter((m) => m.role === "app" && m.status === "running");
  if (servers.length < 2) throw new DrillError(`${servers.length} app servers run: this drill needs two`);
  return servers;
}

/** Customers who order at the same time, so at most as many requests are in flight. */
const customers = 4;

const hostKill: Drill = {
  name: "app-host-kill",
  family: "app",
  title: "One app server is lost under load",
  proves:
    "At most the requests that were in flight there fail; the load balancer leaves the server out, and takes it in again when it is back.",
  writer: "shop",
  limits: { errors: customers, outage: 15 },
  async break(context) {
    const server = (await appServers(context)).at(-1)!;
    const begin = Date.now();
    await crashed(context, server);
    await untilHealthIs(context, server, false, 60);
    context.figure("seconds until the load balancer left it out", (Date.now() - begin) / 1000);
    await context.pause(5);
    await context.heal();
    await untilHealthIs(context, server, true, 120);
  },
};

const drain: Drill = {
  name: "app-drain",
  family: "app",
  title: "An app server is shut down in order under load",
  proves: "A server that shuts down leaves the load balancer first and finishes what it has begun: no request fails.",
  writer: "shop",
  limits: { errors: 0, outage: 3 },
  async break(context) {
    const server = (await appServers(context)).at(-1)!;
    await context.breaking(
      `${server.name} is shut down`,
      () => context.world.power(server, "shutdown"),
      () => powerOn(context.world, server),
      [{ kind: "power-on", machine: server.name }],
    );
    await untilHealthIs(context, server, false, 60);
    await context.pause(3);
    await context.heal();
    await untilHealthIs(context, server, true, 120);
  },
};

interface AppValues {
  servers: number;
  readonly workload: { environment?: Record<string, string> };
}

const appOf = (config: StackValues) => config.app as unknown as AppValues;

/** Replaces every app server: a changed variable of the workload is a release. */
async function release(context: DrillContext, servers?: number): Promise<void> {
  const before = await appServers(context);
  context.say(`${before.length} app servers are replaced by pulumi up`);
  const begin = Date.now();
  await context.stack.up((config) => {
    const app = appOf(config);
    app.servers = servers ?? app.servers;
    app.workload.environment = { ...app.workload.environment, RELEASE: context.run };
  });
  context.figure("seconds of the release", (Date.now() - begin) / 1000);
  const left = (await appServers(context)).filter((server) => before.some((old) => old.id === server.id));
  context.check(
    "every server is a new one",
    left.length === 0 ? undefined : `${left.map((s) => s.name).join(", ")} stayed`,
  );
}

const rolling: Drill = {
  name: "app-rolling",
  family: "app",
  title: "A release: every app server is replaced by `pulumi up` under load",
  proves: "New servers serve before old ones go, and old ones finish what they have begun: no request fails.",
  writer: "shop",
  limits: { errors: 0, outage: 3 },
  deploys: true,
  break: (context) => release(context),
};

const FOUR = 4;

const rollingFour: Drill = {
  name: "app-rolling-four",
  family: "app",
  title: "Scale-out to four app servers, a release of all four, and scale-in, under load",
  proves: "More servers, other servers and fewer servers are the same to customers: no request fails.",
  writer: "shop",
  limits: { errors: 0, outage: 3 },
  deploys: true,
  async break(context) {
    const scale = (servers?: number) =>
      context.stack.up((config) => {
        const app = appOf(config);
        app.servers = servers ?? app.servers;
      });
    await context.breaking(
      `there are ${FOUR} app servers`,
      () => scale(FOUR),
      () => scale(),
      [{ kind: "deploy" }],
    );
    await release(context, FOUR);
    await context.heal();
  },
};

export const appDrills: readonly Drill[] = [hostKill, drain, rolling, rollingFour];
