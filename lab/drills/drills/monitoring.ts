/** Drills of the alerts: raised in time, and over when the cause is. */

import { notificationsOf, stillTold, toldOver } from "../alerts.ts";
import type { Drill, DrillContext } from "../drill.ts";
import { DrillError } from "../errors.ts";
import { notYet, until, untilFine } from "../patience.ts";
import type { Later } from "../pending.ts";
import { crashed } from "../run.ts";
import type { Machine, Notification } from "../world.ts";
import { ownCpuShare } from "./shared-host.ts";
import { mustRun, stopEtcdMajority } from "./steps.ts";

/** Seconds between two scrapes of a target, as the stack's Prometheus has it. */
const scrapeSeconds = 15;

/** Seconds as the stack's Alertmanager has them: until it tells of a new alert, and between two words on the same ones. */
export const alertmanagerSeconds = { groupWait: 15, groupInterval: 120 } as const;

interface Expected {
  readonly alert: string;
  /** Labels that it has to carry. */
  readonly labels?: Readonly<Record<string, string>>;
}

const fires = (
  firing: readonly Readonly<Record<string, string>>[],
  labels: Readonly<Record<string, string>> = {},
): boolean => firing.some((alert) => Object.entries(labels).every(([name, value]) => alert[name] === value));

/** What receivers were told of an alert since the break. */
async function toldOf(context: DrillContext, { alert, labels = {} }: Expected): Promise<Notification[]> {
  return notificationsOf(await context.world.notifications(), { ...labels, alertname: alert }, context.brokenAt);
}

/** Waits until the alerts fire and receivers know it, heals, and waits until they are over and receivers know that too. */
export async function raisedAndResolved(context: DrillContext, expected: readonly Expected[]): Promise<void> {
  const { monitoring, signal } = context;
  await Promise.all(
    expected.map(async (one) => {
      const { alert, labels } = one;
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
      const first = await until(
        `a receiver is told of ${alert}`,
        async () => (await toldOf(context, one)).find(({ status }) => status === "firing") ?? notYet("none was told"),
        { seconds: alertmanagerSeconds.groupInterval + 60, everyMs: 500, signal },
      );
      const toldLimit = limit + alertmanagerSeconds.groupWait;
      context.figure(
        `seconds until a receiver knew of ${alert}`,
        (first.received - context.brokenAt) / 1000,
        toldLimit,
      );
      context.say(`a receiver knows of ${alert}`);
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
  for (const one of expected) {
    const over = await until(
      `a receiver is told that ${one.alert} is over`,
      async () => toldOver(await toldOf(context, one)) ?? notYet("not of each that it was told of"),
      { seconds: 2 * alertmanagerSeconds.groupInterval + 60, everyMs: 1000, signal },
    );
    context.figure(`seconds until a receiver knew that ${one.alert} was over`, (over - healed) / 1000);
    context.say(`a receiver knows that ${one.alert} is over`);
  }
}

/**
 * No alert of these may fire before it is meant to, or be about to by another cause, nor may receivers still wait for the word that it is over: Alertmanager would tell of the
 * next one with that word, and late.
 */
export async function quiet(context: DrillContext, names: readonly string[], mayBePending = false): Promise<void> {
  let calmSince: number | undefined;
  await untilFine(
    "the alerts are quiet",
    async () => {
      const rules = await context.monitoring.rules();
      const loud = names.filter((name) => {
        const state = rules.get(name);
        return state && (state.firing.length > 0 || (state.pending > 0 && !mayBePending));
      });
      if (loud.length > 0) {
        calmSince = undefined;
        return `${loud.join(", ")} fire already, or are about to`;
      }
      calmSince ??= Date.now();
      // What was told by a monitoring machine that is no more is never over: it is waited for only as long as Alertmanager takes.
      if (Date.now() - calmSince > (alertmanagerSeconds.groupInterval + 30) * 1000) return undefined;
      const untold = stillTold(await context.world.notifications()).map(({ labels }) => labels.alertname ?? "");
      const open = names.filter((name) => untold.includes(name));
      return open.length === 0 ? undefined : `receivers do not know yet that ${open.join(", ")} is over`;
    },
    { seconds: quietSeconds, everyMs: 1000, signal: context.signal },
  );
}

/** Seconds that alerts of earlier drills may take to be over. */
const quietSeconds = 360;

async function one(context: DrillContext, role: string): Promise<Machine> {
  const machine = (await context.world.machines()).filter((m) => m.role === role && m.status === "running").at(-1);
  if (!machine) throw new DrillError(`no machine with role ${role} runs`);
  return machine;
}

/** @param also units that stop with it and do not come back with it */
async function stopUnit(context: DrillContext, machine: Machine, pattern: string, also = ""): Promise<void> {
  const script = `systemctl list-units --all --plain --no-legend $1 | cut -d ' ' -f 1 | xargs systemctl "$2"`;
  const command = (verb: "stop" | "start") => ["sh", "-efc", script, "sh", `${pattern} ${also}`, verb];
  const act = (verb: "stop" | "start") => async () => {
    await mustRun(context, machine, command(verb), 60_000);
  };
  const later: Later = { kind: "run", machine: machine.name, argv: command("start") };
  await context.breaking(`${pattern} on ${machine.name} stops`, act("stop"), act("start"), [later]);
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

/** Share of its processors above which a machine is busy by itself, as the alert has it. */
const busyShare = 0.9;

/** Reads the kernel's own counters, which all machines of a lab share with everything else that runs on its host. */
const cpuAlert = "CpuBusy";

/**
 * Alerts that fire, in words. CpuBusy counts where the machine's own control group bears it out: at the provider a machine has its
 * processors to itself, in a lab they are those of the host, and what else is busy there is no fault of the stack. Whatever is left out is said.
 */
async function loudAlerts(context: DrillContext): Promise<string[]> {
  const loud: string[] = [];
  const machines = await context.world.machines();
  for (const [name, { firing }] of await context.monitoring.rules()) {
    if (name === deadMansSwitch || firing.length === 0) continue;
    if (name !== cpuAlert) {
      loud.push(name);
      continue;
    }
    const shares = await Promise.all(
      firing.map(async ({ host }) => {
        const machine = machines.find((other) => other.name === host || hostLabel(other.name) === host);
        return { host, share: machine && (await ownCpuShare(context, machine)) };
      }),
    );
    for (const { host, share } of shares) {
      if (share === undefined || share > busyShare) {
        const own = share === undefined ? "what it uses itself cannot be told" : `it uses ${percent(share)} itself`;
        loud.push(`${name} (${host}: ${own})`);
      } else {
        context.say(
          `${name} of ${host} does not count: it uses ${percent(share)} itself, the rest is others on the lab's host`,
        );
      }
    }
    const excused = shares.filter(({ share }) => share !== undefined && share <= busyShare).length;
    context.figure("machines whose CpuBusy was that of the lab's host", excused);
  }
  return loud;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const nothingBroken: Drill = {
  name: "alert-none",
  family: "monitoring",
  title: "Nothing is broken",
  proves:
    "An alert means something: none fires while all is well. CpuBusy, which reads counters of the lab's host, counts where the machine's own control group shows it busy.",
  limits: {},
  async prepare(context) {
    // What an earlier drill broke may take its time until it is over.
    const names = [...(await context.monitoring.rules()).keys()].filter(
      (name) => name !== deadMansSwitch && name !== cpuAlert,
    );
    await quiet(context, names, true).catch((error: unknown) => {
      if (!(error instanceof DrillError)) throw error;
      context.say(error.message);
    });
  },
  break: async () => undefined,
  async during(context) {
    await context.pause(2 * scrapeSeconds);
    const loud = await loudAlerts(context);
    context.check("no alert fires", loud.length === 0 ? undefined : loud.join(", "));
    const told = notificationsOf(await context.world.notifications(), {}, context.brokenAt).filter(
      ({ status, labels }) =>
        status === "firing" && labels.alertname !== deadMansSwitch && labels.alertname !== cpuAlert,
    );
    context.check(
      "no receiver is told of any",
      told.length === 0 ? undefined : [...new Set(told.map(({ labels }) => labels.alertname))].join(", "),
    );
  },
};

export const monitoringDrills: readonly Drill[] = [nothingBroken, ...alertDrills.map(toDrill)];
