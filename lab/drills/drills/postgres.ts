/** Drills of the database: its processes, machines and links are lost. */
import type { Drill } from "../drill.ts";
import { powerOn } from "../pending.ts";
import { paths } from "../platform.ts";
import { crashed } from "../run.ts";
import {
  bulkWrite,
  checkpoint,
  cutOff,
  knownPosition,
  mustRun,
  noteEtcdLeader,
  primaryOf,
  stallReplication,
} from "./steps.ts";

/** Host lost: Patroni's shortest ttl is 20 s, and an election follows it. */
const hostLost = { outage: 30, medianOutage: 23 } as const;

const postmasterCrash: Drill = {
  name: "postgres-postmaster",
  family: "postgres",
  title: "The primary's PostgreSQL is killed, its machine stays",
  proves:
    "A crashed server process costs seconds: Patroni hands over to a synchronous standby at once instead of waiting for the lock.",
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
      [],
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
  async break(context) {
    const primary = await primaryOf(context);
    await noteEtcdLeader(context, primary);
    await crashed(context, primary);
  },
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
    await noteEtcdLeader(context, primary);
    await context.breaking(
      `${primary.name} is powered off`,
      () => context.world.power(primary, "poweroff"),
      () => powerOn(context.world, primary),
      [{ kind: "power-on", machine: primary.name }],
    );
  },
};

const switchover: Drill = {
  name: "postgres-switchover",
  family: "postgres",
  title: "Planned switchover to a synchronous standby",
  proves: "Maintenance of the primary costs a client that tries again no more than a few seconds.",
  writer: "sql",
  limits: { outage: 3 },
  async break(context) {
    const primary = await primaryOf(context);
    await context.postgres.synchronousStandby(primary);
    context.say(`switchover from ${primary.name} to a synchronous standby`);
    await mustRun(context, primary, [paths.switchover], 90_000);
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
      const primary = await primaryOf(context);
      await noteEtcdLeader(context, primary);
      await cutOff(context, primary);
    },
    during: (context) => context.pause(seconds),
  };
}

const bulkLoad: Drill = {
  name: "postgres-bulk-load",
  family: "postgres",
  title: "The primary is lost while replicas are 576 MB behind with a bulk load",
  proves:
    "Replicas that are far behind with what nobody has confirmed take over all the same, with each confirmed row; the lost primary is rewound.",
  writer: "sql",
  // 30 s from the loss on; the some 6 s before it count too, in which stalled replicas confirm nothing.
  limits: { outage: 36 },
  async break(context) {
    const primary = await primaryOf(context);
    await checkpoint(context, primary);
    await stallReplication(context, primary);
    await bulkWrite(context, primary);
    await knownPosition(context, primary);
    await crashed(context, primary);
  },
};

const replicaPartition: Drill = {
  name: "postgres-partition-replica",
  family: "postgres",
  title: "A synchronous standby is cut off for 40 s",
  proves: "Writes wait until another replica confirms them, and go on; the one that was cut off catches up.",
  writer: "sql",
  limits: { outage: 12 },
  async break(context) {
    const primary = await primaryOf(context);
    await cutOff(context, await context.postgres.synchronousStandby(primary));
  },
  during: (context) => context.pause(40),
};

export const postgresDrills: readonly Drill[] = [
  postmasterCrash,
  hostKill,
  powerOff,
  switchover,
  partition(20),
  partition(60),
  bulkLoad,
  replicaPartition,
];
