/** Drills of the alerts: raised in time, and over when the cause is. */
import type { Drill, DrillContext } from "../drill.ts";
import { DrillError } from "../errors.ts";
import { notYet, until, untilFine } from "../patience.ts";
import { crashed } from "../run.ts";
import type { Machine } from "../world.ts";
import { mustRun, stopEtcdMajority } from "./steps.ts";

/** Seconds between two scrapes of a target, as the stack's Prometheus has it. */
const scrapeSeconds = 15;

interface Expected {
  readonly alert: string;
  /** Labels that it has to carry. */
  readonly labels?: Readonly<Record<string, string>>;
}

const fires = (
  firing: readonly Readonly<Record<string, string>>[],
  labels: Readonly<Record<string, string>> = {},
): boolean => firing.some((alert) => Object.entries(labels).every(([name, value]) => alert[name] === value));

/** Waits until the alerts fire, heals, and waits until they are over. */
async function raisedAndResolved(context: DrillContext, expected: readonly Expected[]): Promise<void> {
  const { monitoring, signal } = context;
  await Promise.all(
    expected.map(async ({ alert, labels }) => {
      const { forSeconds } = await monitoring.alert(alert);
      const limit = 2 * scrapeSeconds + forSeconds;
      await until(
        `${alert} fires`,
        async () => {
          const { firing } = await monitoring.alert(alert);
          return fires(firing, labels) || notYet("it does not fire yet");
        },
        { seconds: 2 * limit + 60, everyMs: 500, signal },
      );
      context.figure(`seconds until ${alert}`, (Date.now() - context.brokenAt) / 1000, limit);
      context.say(`${alert} fires`);
    }),
  );
  await context.heal();
  const healed = Date.now();
  for (const { alert, labels } of expected) {
    await untilFine(
      `${alert} is over`,
      async () => (fires((await monitoring.alert(alert)).firing, labels) ? "it still fires" : undefined),
      { seconds: 300, everyMs: 1000, signal },
    );
    context.figure(`seconds until ${alert} was over`, (Date.now() - healed) / 1000);
  }
}

/** No alert of these may fire before it is meant to. */
async function quiet(context: DrillContext, names: readonly string[]): Promise<void> {
  await untilFine(
    "the alerts are quiet",
    async () => {
      const rules = await context.monitoring.rules();
      const loud = names.filter((name) => (rules.get(name)?.firing.length ?? 0) > 0);
      return loud.length === 0 ? undefined : `${loud.join(", ")} fire already`;
    },
    { seconds: 180, everyMs: 1000, signal: context.signal },
  );
}

async function one(context: DrillContext, role: string): Promise<Machine> {
  const machine = (await context.world.machines()).filter((m) => m.role === role && m.status === "running").at(-1);
  if (!machine) throw new DrillError(`no machine with role ${role} runs`);
  return machine;
}

/** @param also units that stop with it and do not come back with it */
async function stopUnit(context: DrillContext, machine: Machine, pattern: string, also = ""): Promise<void> {
  const script = `systemctl list-units --all --plain --no-legend $1 | cut -d ' ' -f 1 | xargs systemctl "$2"`;
  const act = (verb: "stop" | "start") => async () => {
    await mustRun(context, machine, ["sh", "-efc", script, "sh", `${pattern} ${also}`, verb], 60_000);
  };
  await context.breaking(`${pattern} on ${machine.name} stops`, act("stop"), act("start"));
}

/** Label of a stateless server: its name at the provider ends with what the engine made up. */
export const hostLabel = (name: string): string => name.replace(/-[0-9a-f]{7}$/, "");

interface AlertDrill {
  readonly name: string;
  readonly title: string;
  readonly alerts: readonly string[];
  /** @returns labels that the alerts have to carry */
  break(context: DrillContext): Promise<Readonly<Record<string, string>>>;
}

const alertDrills: readonly AlertDrill[] = [
  {
    name: "alert-host",
    title: "A machine is lost: HostDown",
    alerts: ["HostDown"],
    async break(context) {
      const host = await one(context, "redis");
      await crashed(context, host);
      return { host: host.name };
    },
  },
  {
    name: "alert-app",
    title: "All app servers but one are lost: AppServersBelowMinimum",
    alerts: ["AppServersBelowMinimum"],
    async break(context) {
      const servers = (await context.world.machines()).filter((m) => m.role === "app" && m.status === "running");
      for (const server of servers.slice(1)) await crashed(context, server);
      return {};
    },
  },
  {
    name: "alert-postgres",
    title: "etcd loses its majority: EtcdNoLeader, PostgresNoPrimary",
    alerts: ["EtcdNoLeader", "PostgresNoPrimary"],
    async break(context) {
      await stopEtcdMajority(context);
      return {};
    },
  },
  {
    name: "alert-redis",
    title: "An instance of Redis stops: RedisDown",
    alerts: ["RedisDown"],
    async break(context) {
      const host = await one(context, "redis");
      await stopUnit(context, host, "*-server@sessions.service");
      return { host: host.name };
    },
  },
  {
    name: "alert-pgbouncer",
    title: "PgBouncer of an app server stops: PgBouncerDown",
    alerts: ["PgBouncerDown"],
    async break(context) {
      const server = await one(context, "app");
      await stopUnit(context, server, "pgbouncer.service", "prometheus-pgbouncer-exporter.service");
      return { host: hostLabel(server.name) };
    },
  },
];

const toDrill = ({ name, title, alerts, break: breaks }: AlertDrill): Drill => {
  let labels: Readonly<Record<string, string>> = {};
  return {
    name,
    family: "monitoring",
    title,
    alerts,
    proves: "Whoever is on call is told within two scrapes and the alert's own waiting time, and told when it is over.",
    limits: {},
    prepare: (context) => quiet(context, alerts),
    async break(context) {
      labels = await breaks(context);
    },
    during: (context) =>
      raisedAndResolved(
        context,
        alerts.map((alert) => ({ alert, labels })),
      ),
  };
};

/** Fires always, so that its absence is noticed. */
const deadMansSwitch = "Watchdog";

const nothingBroken: Drill = {
  name: "alert-none",
  family: "monitoring",
  title: "Nothing is broken",
  proves: "An alert means something: none fires while all is well.",
  limits: {},
  break: async () => undefined,
  async during(context) {
    const names = async () =>
      [...(await context.monitoring.rules())].filter(
        ([name, { firing }]) => name !== deadMansSwitch && firing.length > 0,
      );
    // What an earlier drill broke may take its time until it is over.
    const until = Date.now() + 180_000;
    let firing = await names();
    while (firing.length > 0 && Date.now() < until) {
      await context.pause(5);
      firing = await names();
    }
    context.check("no alert fires", firing.length === 0 ? undefined : firing.map(([name]) => name).join(", "));
  },
};

export const monitoringDrills: readonly Drill[] = [nothingBroken, ...alertDrills.map(toDrill)];
