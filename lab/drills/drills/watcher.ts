/** The drill of the monitoring machine itself: another machine notices that it is gone. */
import { z } from "zod";
import { notificationsOf } from "../alerts.ts";
import type { Drill, DrillContext } from "../drill.ts";
import { DrillError } from "../errors.ts";
import { notYet, until, untilFine } from "../patience.ts";
import { crashed } from "../run.ts";
import type { Machine, Notification } from "../world.ts";

/** On the machine that watches: how it does, and what it knows. */
export const watcherPaths = {
  settings: "/etc/sovereign/watch.json",
  state: "/var/lib/sovereign-watch/state.json",
} as const;

const settingsSchema = z.object({
  intervalSeconds: z.number(),
  checks: z.array(z.object({ failures: z.int() })).min(1),
  alert: z.object({ labels: z.record(z.string(), z.string()) }),
});
type Settings = z.infer<typeof settingsSchema>;
const stateSchema = z.object({ seen: z.boolean(), since: z.number().nullable() });

/** Seconds after which a machine that is lost is to be known: two rounds, and as many more as have to fail. */
export function watcherLimit({ intervalSeconds, checks }: Pick<Settings, "intervalSeconds" | "checks">): number {
  return (2 + Math.min(...checks.map((check) => check.failures)) - 1) * intervalSeconds;
}

async function watcherOf({ world }: Pick<DrillContext, "world">): Promise<{ machine: Machine; settings: Settings }> {
  for (const machine of await world.machines()) {
    if (machine.role === "monitoring" || machine.status !== "running") continue;
    const ran = await world.run(machine, ["cat", watcherPaths.settings]);
    if (ran.code === 0) return { machine, settings: settingsSchema.parse(JSON.parse(ran.stdout)) };
  }
  throw new DrillError(
    "no machine watches the monitoring machine: the stack's receivers have no webhook, or its machines were made before it had one",
  );
}

/** Until everything was well once, the watcher takes its time. */
async function watching(context: DrillContext): Promise<void> {
  const { machine } = await watcherOf(context);
  await untilFine(
    `${machine.name} finds the monitoring machine well`,
    async () => {
      const ran = await context.world.run(machine, ["cat", watcherPaths.state]);
      if (ran.code !== 0) return "it has not looked yet";
      const { seen, since } = stateSchema.parse(JSON.parse(ran.stdout));
      if (!seen) return "it has not seen everything well yet";
      return since === null ? undefined : "it tells of an earlier outage";
    },
    { seconds: 180, everyMs: 1000, signal: context.signal },
  );
}

export const watcherDrill: Drill = {
  name: "alert-monitoring",
  family: "monitoring",
  title: "The monitoring machine is lost: MonitoringDown",
  proves:
    "Whoever is on call is told that nobody would tell them: by another machine, once, within two of its rounds and those that have to fail; and told when it is over.",
  limits: {},
  prepare: watching,
  async break(context) {
    await crashed(context, await context.monitoring.host());
  },
  async during(context) {
    const { world, signal, brokenAt } = context;
    const { machine, settings } = await watcherOf(context);
    const { labels } = settings.alert;
    const told = async (status: Notification["status"]) =>
      notificationsOf(await world.notifications(), labels, brokenAt).filter((one) => one.status === status);
    const limit = watcherLimit(settings);
    const first = await until(
      `${machine.name} tells of it`,
      async () => (await told("firing"))[0] ?? notYet("no receiver has been told"),
      { seconds: 2 * limit + 60, everyMs: 500, signal },
    );
    context.figure(`seconds until ${labels.alertname}`, (first.received - brokenAt) / 1000, limit);
    context.say(`${machine.name} has told of it`);
    // Long enough for a second telling, were there one.
    await context.pause(2 * settings.intervalSeconds);
    await context.heal();
    const healed = Date.now();
    const last = await until(
      `${machine.name} tells that it is over`,
      async () => (await told("resolved"))[0] ?? notYet("no receiver has been told"),
      { seconds: 300, everyMs: 1000, signal },
    );
    context.figure(`seconds until ${labels.alertname} was over`, (last.received - healed) / 1000);
    const times = { firing: (await told("firing")).length, resolved: (await told("resolved")).length };
    context.check(
      "told once",
      times.firing === 1 && times.resolved === 1
        ? undefined
        : `told ${times.firing} times that it is down and ${times.resolved} times that it is over`,
    );
  },
};
