/** Drills of what the database stands on: etcd, volumes, power. */
import type { Drill } from "../drill.ts";
import { acknowledgedBetween, firstWriteAfter, percentile } from "../figures.ts";
import { untilFine } from "../patience.ts";
import { paths } from "../platform.ts";
import { crashed } from "../run.ts";
import { mustRun, primaryOf, stopEtcdMajority } from "./steps.ts";

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
      [{ kind: "run", machine: primary.name, argv: ["rm", "-f", fillFile] }],
    );
    // WAL goes on in files that are there already: a few are used up, so that a new one is needed.
    for (let i = 0; i < 60; i++) {
      const ran = await context.postgres.sql(primary, "SELECT pg_switch_wal()", "postgres", 3000);
      if (ran.code !== 0) break;
      await context.pause(0.2);
    }
    await context.writesFlow();
    const now = await primaryOf(context);
    context.check("another node takes over", now.id === primary.id ? `${primary.name} is still primary` : undefined);
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
export const slowDiskProgram = `
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
      // It thaws the volume and ends with whoever started it.
      [],
    );
  },
  async during(context) {
    await context.pause(30);
    const slow = context.writer.entries.filter((entry) => entry.at > context.brokenAt);
    context.figure("median ms of a write meanwhile", percentile(slow, 0.5) ?? Number.POSITIVE_INFINITY);
  },
};

export const postgresGroundDrills: readonly Drill[] = [etcdMajority, diskFull, powerCut, slowDisk];
