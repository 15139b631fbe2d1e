/** Drills of the database. */
import { lastLine } from "../cluster.ts";
import type { Drill, DrillContext } from "../drill.ts";
import { DrillError } from "../errors.ts";
import { acknowledgedBetween, firstWriteAfter, percentile } from "../figures.ts";
import { notYet, until, untilFine } from "../patience.ts";
import { paths, units } from "../platform.ts";
import { crashed, powerOn } from "../run.ts";
import type { Machine } from "../world.ts";

/** Host lost: Patroni's shortest ttl is 20 s, and an election follows it. */
const hostLost = { outage: 30, medianOutage: 23 } as const;

const primaryOf = (context: DrillContext): Promise<Machine> =>
  context.postgres.primary({ seconds: 60, signal: context.signal });

/** Runs a command in a machine that has to succeed. */
export async function mustRun(
  { world }: Pick<DrillContext, "world">,
  machine: Machine,
  argv: readonly string[],
  timeoutMs = 30_000,
): Promise<string> {
  const ran = await world.run(machine, argv, { timeoutMs });
  if (ran.code === 0) return ran.stdout;
  throw new DrillError(
    `${argv.slice(0, 3).join(" ")} on ${machine.name} ended with ${ran.code}: ${lastLine(ran.stderr) || lastLine(ran.stdout)}`,
  );
}

export async function cutOff(context: DrillContext, machine: Machine): Promise<void> {
  await context.breaking(
    `${machine.name} is cut off`,
    () => context.world.cut(machine),
    () => context.world.heal(machine),
  );
}

const postmasterCrash: Drill = {
  name: "postgres-postmaster",
  family: "postgres",
  title: "The primary's PostgreSQL is killed, its machine stays",
  proves:
    "A crashed server process costs seconds: Patroni hands over to the synchronous standby at once instead of waiting for the lock.",
  writer: "sql",
  limits: { outage: 5 },
  async break(context) {
    const primary = await primaryOf(context);
    await context.breaking(
      `PostgreSQL on ${primary.name} is killed`,
      async () => {
        await mustRun(context, primary, ["sh", "-c", `kill -9 $(head -n 1 ${paths.dataDirectory}/postmaster.pid)`]);
      },
      async () => undefined,
    );
  },
};

const hostKill: Drill = {
  name: "postgres-host-kill",
  family: "postgres",
  title: "The primary's machine is lost without a word",
  proves:
    "Every acknowledged row is on the machine that takes over, and the lost machine comes back as a replica that has the same rows.",
  writer: "sql",
  limits: hostLost,
  break: async (context) => crashed(context, await primaryOf(context)),
};

const powerOff: Drill = {
  name: "postgres-power-off",
  family: "postgres",
  title: "The primary's machine is powered off through the API",
  proves: "An operator's power-off is no worse than a loss.",
  writer: "sql",
  limits: hostLost,
  async break(context) {
    const primary = await primaryOf(context);
    await context.breaking(
      `${primary.name} is powered off`,
      () => context.world.power(primary, "poweroff"),
      () => powerOn(context.world, primary),
    );
  },
};

const switchover: Drill = {
  name: "postgres-switchover",
  family: "postgres",
  title: "Planned switchover to the synchronous standby",
  proves: "Maintenance of the primary costs a client that tries again no more than a few seconds.",
  writer: "sql",
  limits: { outage: 3 },
  async break(context) {
    const primary = await primaryOf(context);
    const candidate = await context.postgres.synchronousStandby(primary);
    context.say(`switchover from ${primary.name} to ${candidate.name}`);
    const argv = [
      "patronictl",
      "-c",
      paths.patroniConfig,
      "switchover",
      "--leader",
      primary.name,
      "--candidate",
      candidate.name,
      "--force",
    ];
    await mustRun(context, primary, argv, 60_000);
  },
};

function partition(seconds: number): Drill {
  return {
    name: `postgres-partition-${seconds}`,
    family: "postgres",
    title: `The primary is cut off for ${seconds} s, then comes back`,
    proves:
      "A primary that nobody reaches confirms nothing; when it is back it gives up what it had for itself alone, follows the new one, and has the same rows.",
    writer: "sql",
    limits: hostLost,
    async break(context) {
      await cutOff(context, await primaryOf(context));
    },
    during: (context) => context.pause(seconds),
  };
}

const replicaPartition: Drill = {
  name: "postgres-partition-replica",
  family: "postgres",
  title: "The synchronous standby is cut off for 40 s",
  proves: "Writes wait until another replica confirms them, and go on; the one that was cut off catches up.",
  writer: "sql",
  limits: { outage: 12 },
  async break(context) {
    const primary = await primaryOf(context);
    await cutOff(context, await context.postgres.synchronousStandby(primary));
  },
  during: (context) => context.pause(40),
};

/** Stops etcd on two of three members. */
export async function stopEtcdMajority(context: DrillContext): Promise<void> {
  const members = (await context.world.machines()).filter(
    (machine) => machine.role === "etcd" || machine.role === "postgres",
  );
  for (const member of members.slice(0, 2)) {
    await context.breaking(
      `etcd on ${member.name} stops`,
      async () => {
        await mustRun(context, member, ["systemctl", "stop", units.etcd]);
      },
      async () => {
        await mustRun(context, member, ["systemctl", "start", "--no-block", units.etcd]);
      },
    );
  }
}

const etcdMajority: Drill = {
  name: "postgres-etcd-majority",
  family: "postgres",
  title: "Two of three members of etcd are gone for a minute",
  proves:
    "Without a majority nobody can know who is primary: writes stop, and come back by themselves with the majority.",
  writer: "sql",
  limits: {},
  break: stopEtcdMajority,
  async during(context) {
    await untilFine(
      "writes stop",
      async () =>
        context.writer.acknowledgedSince(Date.now() - 5000) === 0 ? undefined : "rows are still acknowledged",
      { seconds: 60, signal: context.signal },
    );
    const stopped = Date.now();
    context.figure("seconds until writes stopped", (stopped - 5000 - context.brokenAt) / 1000);
    await context.pause(20);
    const count = acknowledgedBetween(context.writer.entries, stopped, Date.now());
    context.check("writes stay stopped without a majority", count === 0 ? undefined : `${count} were acknowledged`);
    const healed = Date.now();
    await context.heal();
    await context.writesFlow(120);
    const first = firstWriteAfter(context.writer.entries, healed);
    context.figure("seconds from the majority's return to the first write", first ?? Number.POSITIVE_INFINITY, 30);
  },
};

const fillFile = `${paths.postgresVolume}/drill-fill`;

const diskFull: Drill = {
  name: "postgres-disk-full",
  family: "postgres",
  title: "The primary's volume is full",
  proves: "Another node takes over with every acknowledged row; with room again, the full one comes back by itself.",
  writer: "sql",
  limits: { outage: 30 },
  async break(context) {
    const primary = await primaryOf(context);
    await context.breaking(
      `the volume of ${primary.name} is filled`,
      async () => {
        const fill = `fallocate -l $(df --output=avail -B1 ${paths.postgresVolume} | tail -n 1) ${fillFile}`;
        await mustRun(context, primary, ["sh", "-c", fill]);
      },
      async () => {
        await mustRun(context, primary, ["rm", "-f", fillFile]);
      },
    );
    // WAL goes on in files that are there already: a few are used up, so that a new one is needed.
    for (let i = 0; i < 60; i++) {
      const ran = await context.postgres.sql(primary, "SELECT pg_switch_wal()", "postgres", 3000);
      if (ran.code !== 0) break;
      await context.pause(0.2);
    }
  },
};

const powerCut: Drill = {
  name: "postgres-power-cut",
  family: "postgres",
  title: "All nodes are lost at once, and powered on again",
  proves: "The cluster comes back by itself with every acknowledged row, on all nodes.",
  writer: "sql",
  limits: {},
  async break(context) {
    const nodes = await context.postgres.nodes();
    await Promise.all(nodes.map((node) => crashed(context, node)));
  },
  async during(context) {
    await context.pause(5);
    const healed = Date.now();
    await context.heal();
    await context.writesFlow(180);
    const first = firstWriteAfter(context.writer.entries, healed);
    context.figure("seconds from power-on to the first write", first ?? Number.POSITIVE_INFINITY, 90);
  },
};

/** Freezes the data volume's file system again and again; thaws it when standard input ends. FIFREEZE and FITHAW of linux/fs.h. */
const slowDiskProgram = `
import fcntl, os, select, sys
volume = os.open(sys.argv[1], os.O_RDONLY)
frozen = False
try:
    while True:
        fcntl.ioctl(volume, 0xC0045877, 0); frozen = True
        ended = select.select([sys.stdin], [], [], 0.4)[0]
        fcntl.ioctl(volume, 0xC0045878, 0); frozen = False
        if ended or select.select([sys.stdin], [], [], 0.2)[0]:
            break
finally:
    if frozen:
        fcntl.ioctl(volume, 0xC0045878, 0)
`;

const slowDisk: Drill = {
  name: "postgres-slow-disk",
  family: "postgres",
  title: "The primary's volume stands still for 0.4 s of every 0.6 s, half a minute long",
  proves:
    "A slow volume makes writes slow and loses none; etcd on the same volume does not make the cluster lose its head for long.",
  writer: "sql",
  limits: { outage: 30 },
  async break(context) {
    const primary = await primaryOf(context);
    let slow: { stop(): Promise<void> } | undefined;
    await context.breaking(
      `the volume of ${primary.name} is slow`,
      async () => {
        slow = await context.world.start(primary, ["python3", "-c", slowDiskProgram, paths.dataVolume]);
      },
      async () => slow?.stop(),
    );
  },
  async during(context) {
    await context.pause(30);
    const slow = context.writer.entries.filter((entry) => entry.at > context.brokenAt);
    context.figure("median ms of a write meanwhile", percentile(slow, 0.5) ?? Number.POSITIVE_INFINITY);
  },
};

/** Deletes a server with what protects it, as by mistake or by the provider's fault. */
async function deleteServer(context: DrillContext, machine: Machine): Promise<void> {
  const { api } = context.world;
  await api("POST", `/servers/${machine.id}/actions/change_protection`, { delete: false, rebuild: false });
  await api("DELETE", `/servers/${machine.id}`);
  await untilFine(
    `${machine.name} is deleted`,
    async () => ((await api("GET", `/servers/${machine.id}`)) === undefined ? undefined : "it is still there"),
    { seconds: 60, signal: context.signal },
  );
}

async function replicaOf(context: DrillContext): Promise<Machine> {
  const primary = await primaryOf(context);
  const nodes = await context.postgres.nodes();
  return nodes.find((node) => node.id !== primary.id)!;
}

/** `pulumi up` on what is really there; the second one puts the protections back that the API took off. */
const upAgain = (context: DrillContext): Promise<void> => context.stack.up(() => undefined, ["--refresh"]);

const nodeAnew: Drill = {
  name: "postgres-node-anew",
  family: "postgres",
  title: "A replica's machine is deleted, and made anew by `pulumi up`",
  proves: "A new machine takes over the volume of the old one and joins by itself.",
  writer: "sql",
  limits: { outage: 12 },
  deploys: true,
  async break(context) {
    const replica = await replicaOf(context);
    await context.breaking(
      `${replica.name} is deleted`,
      () => deleteServer(context, replica),
      () => upAgain(context),
    );
  },
};

const volumeLost: Drill = {
  name: "postgres-volume-lost",
  family: "postgres",
  title: "A replica's machine and its volume are lost, and made anew by `pulumi up`",
  proves:
    "A new node copies everything from the primary; its member of etcd is exchanged as the page on Postgres says.",
  writer: "sql",
  limits: { outage: 12 },
  deploys: true,
  async break(context) {
    const replica = await replicaOf(context);
    const { api } = context.world;
    const answer = (await api("GET", `/volumes?name=${replica.name}-data`)) as { volumes: { id: number }[] };
    const volume = answer.volumes[0];
    if (!volume) throw new DrillError(`${replica.name} has no volume ${replica.name}-data`);
    await context.breaking(
      `${replica.name} and its volume are deleted`,
      async () => {
        await deleteServer(context, replica);
        await api("POST", `/volumes/${volume.id}/actions/change_protection`, { delete: false });
        await api("DELETE", `/volumes/${volume.id}`);
      },
      async () => {
        await upAgain(context);
        await exchangeEtcdMember(context, replica.name);
      },
    );
  },
};

/** As docs/components/postgres.md says for an etcd member whose volume is lost. */
async function exchangeEtcdMember(context: DrillContext, name: string): Promise<void> {
  const fresh = await until(
    `${name} has booted`,
    async () => {
      const machine = (await context.world.machines()).find((other) => other.name === name);
      return machine?.booted ? machine : notYet(`its status is ${machine?.status ?? "missing"}`);
    },
    { seconds: 180, signal: context.signal },
  );
  await mustRun(context, fresh, ["/usr/local/lib/sovereign/etcd-rejoin"], 120_000);
}

const rewindLogin: Drill = {
  name: "postgres-rewind-login",
  family: "postgres",
  title: "A former primary cannot be rewound, because the login for it is gone",
  proves:
    "A member that stays behind on its own timeline serves no reads and raises an alert; with the login back it joins again.",
  writer: "sql",
  limits: { outage: 30 },
  async break(context) {
    const { postgres, signal } = context;
    const old = await primaryOf(context);
    const alter = async (right: "LOGIN" | "NOLOGIN") => {
      const primary = await postgres.primary({ seconds: 60, signal });
      const ran = await postgres.sql(primary, `ALTER ROLE rewinder ${right};`);
      if (ran.code !== 0) throw new DrillError(`ALTER ROLE on ${primary.name}: ${lastLine(ran.stderr)}`);
    };
    await context.breaking(
      "the rewind login is taken away",
      () => alter("NOLOGIN"),
      async () => {
        await alter("LOGIN");
      },
    );
    await cutOff(context, old);
    await context.writesFlow();
    await context.world.heal(old);
    context.say(`${old.name} is back, and cannot be rewound`);
    await watchStranded(context, old);
  },
  during: async () => undefined,
};

/** Alerts of which one has to fire for a member that does not follow. */
const strandedAlerts = ["PostgresTimelineDiverged", "PostgresReplicaNotStreaming", "PostgresMemberDown"] as const;

async function watchStranded(context: DrillContext, old: Machine): Promise<void> {
  const begin = Date.now();
  let served = 0;
  const fired = await until(
    `an alert for ${old.name}`,
    async () => {
      const state = await context.postgres.state(old);
      const reads = await readsFrom(context, old);
      // Asked again, since the node may have begun to stream between the two questions.
      const follows = typeof state !== "string" && state.streaming;
      if (reads && !follows) served++;
      const rules = await context.monitoring.rules();
      const alert = strandedAlerts.find((name) => rules.get(name)?.firing.some((labels) => labels.host === old.name));
      return alert ?? notYet(follows ? "it streams all the same" : "none fires yet");
    },
    { seconds: 300, everyMs: 1000, signal: context.signal },
  );
  context.figure(`seconds until ${fired}`, (Date.now() - begin) / 1000);
  context.check(
    "a member that does not follow gets no reads",
    served > 3 ? `HAProxy took it for a replica for about ${served} s` : undefined,
  );
}

/** Whether HAProxy on an app server leads reads to a node. */
async function readsFrom(context: DrillContext, node: Machine): Promise<boolean> {
  const app = (await context.world.machines()).find(
    (machine) => machine.role === "app" && machine.status === "running",
  );
  if (!app) throw new DrillError("no app server runs");
  const program = `import socket
s = socket.socket(socket.AF_UNIX); s.connect("${paths.haproxySocket}"); s.sendall(b"show stat\\n")
print(b"".join(iter(lambda: s.recv(65536), b"")).decode())`;
  const stat = await mustRun(context, app, ["python3", "-c", program]);
  return haproxyServerUp(stat, "postgres-replicas", node.name);
}

/** From HAProxy's `show stat`. */
export function haproxyServerUp(stat: string, proxy: string, server: string): boolean {
  const [head = "", ...lines] = stat.replace(/^# /, "").trim().split("\n");
  const status = head.split(",").indexOf("status");
  const row = lines.map((line) => line.split(",")).find(([px, sv]) => px === proxy && sv === server);
  return row?.[status]?.startsWith("UP") ?? false;
}

export const postgresDrills: readonly Drill[] = [
  postmasterCrash,
  hostKill,
  powerOff,
  switchover,
  partition(20),
  partition(60),
  replicaPartition,
  etcdMajority,
  diskFull,
  powerCut,
  slowDisk,
  nodeAnew,
  volumeLost,
  rewindLogin,
];
