/** Drills in which a member of the database is made anew, or cannot come back. */
import { act } from "../actions.ts";
import { notificationsOf } from "../alerts.ts";
import { lastLine, psqlCommand } from "../cluster.ts";
import type { Drill, DrillContext } from "../drill.ts";
import { DrillError } from "../errors.ts";
import { notYet, until, untilFine } from "../patience.ts";
import { paths, rewindLogin as rewinder } from "../platform.ts";
import type { Machine } from "../world.ts";
import { quiet } from "./monitoring.ts";
import { anyAppServer, bulkWrite, checkpoint, cutOff, etcdctl, mustRun, primaryOf } from "./steps.ts";

/** Deletes a server with what protects it, as by mistake or by the provider's fault. */
export async function deleteServer(context: DrillContext, machine: Machine): Promise<void> {
  const { api } = context.world;
  const unprotected = { delete: false, rebuild: false };
  await act(api, `the protection of ${machine.name}`, `/servers/${machine.id}/actions/change_protection`, unprotected);
  await api("DELETE", `/servers/${machine.id}`);
  await untilFine(
    `${machine.name} is deleted`,
    async () => ((await api("GET", `/servers/${machine.id}`)) === undefined ? undefined : "it is still there"),
    { seconds: 60, signal: context.signal },
  );
}

/** Deletes a volume of a server that is gone, with what protects it. */
export async function deleteVolume(context: DrillContext, name: string): Promise<void> {
  const { api } = context.world;
  const answer = (await api("GET", `/volumes?name=${name}`)) as { volumes: { id: number }[] };
  const volume = answer.volumes[0];
  if (!volume) throw new DrillError(`there is no volume ${name}`);
  await act(api, "the volume's protection", `/volumes/${volume.id}/actions/change_protection`, { delete: false });
  await api("DELETE", `/volumes/${volume.id}`);
}

async function replicaOf(context: DrillContext): Promise<Machine> {
  const primary = await primaryOf(context);
  const nodes = await context.postgres.nodes();
  return nodes.find((node) => node.id !== primary.id)!;
}

/** `pulumi up` on what is really there; the second one puts the protections back that the API took off. */
export const upAgain = (context: DrillContext): Promise<unknown> => context.stack.up(() => undefined, ["--refresh"]);

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
      [{ kind: "deploy" }],
    );
  },
};

const volumeLost: Drill = {
  name: "postgres-volume-lost",
  family: "postgres",
  title: "A replica's machine and its volume are lost, and made anew by `pulumi up`",
  proves: "A new node copies everything from the primary; its member of etcd joins anew by itself.",
  writer: "sql",
  limits: { outage: 12 },
  deploys: true,
  async break(context) {
    const replica = await replicaOf(context);
    await context.breaking(
      `${replica.name} and its volume are deleted`,
      async () => {
        await deleteServer(context, replica);
        await deleteVolume(context, `${replica.name}-data`);
      },
      async () => {
        await upAgain(context);
        await etcdIsWhole(context, replica.name);
      },
      [{ kind: "deploy" }],
    );
  },
};

/** Its member of etcd joins anew by itself, and votes again. */
async function etcdIsWhole({ world, signal }: DrillContext, name: string): Promise<void> {
  await untilFine(
    "etcd has all its members",
    async () => {
      const machine = (await world.machines()).find((other) => other.name === name);
      if (!machine?.booted) return `${name} is ${machine?.status ?? "missing"}`;
      const ran = await world.run(machine, [
        "sh",
        "-ec",
        `${etcdctl} endpoint health --cluster && ${etcdctl} member list`,
      ]);
      if (ran.code !== 0) return lastLine(ran.stderr);
      return / true$/m.test(ran.stdout) ? "a member has no vote yet" : undefined;
    },
    { seconds: 240, everyMs: 1000, signal },
  );
}

/** Alerts of which one has to fire for a member that does not follow. */
const strandedAlerts = ["PostgresTimelineDiverged", "PostgresReplicaNotStreaming", "PostgresMemberDown"] as const;

const rewindLogin: Drill = {
  name: "postgres-rewind-login",
  family: "postgres",
  title: "A former primary cannot be rewound, because the login for it is gone",
  proves:
    "A member that stays behind on its own timeline serves no reads and raises an alert; with the login back it joins again.",
  writer: "sql",
  limits: { outage: 30 },
  alerts: strandedAlerts,
  prepare: (context) => quiet(context, strandedAlerts),
  async break(context) {
    const { postgres } = context;
    const old = await primaryOf(context);
    const alter = async (right: "LOGIN" | "NOLOGIN") => {
      const primary = await primaryOf(context);
      const ran = await postgres.sql(primary, `ALTER ROLE ${rewinder} ${right};`);
      if (ran.code !== 0) throw new DrillError(`ALTER ROLE on ${primary.name}: ${lastLine(ran.stderr)}`);
    };
    await context.breaking(
      "the rewind login is taken away",
      () => alter("NOLOGIN"),
      async () => {
        await alter("LOGIN");
      },
      [{ kind: "run", argv: psqlCommand(`ALTER ROLE ${rewinder} LOGIN;`) }],
    );
    await checkpoint(context, old);
    await bulkWrite(context, old);
    await cutOff(context, old);
    await context.writesFlow();
    await context.world.heal(old);
    context.say(`${old.name} is back, and cannot be rewound`);
    await watchStranded(context, old);
  },
  during: async () => undefined,
};

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
  const told = await until(
    `a receiver is told of ${fired}`,
    async () => {
      const own = { alertname: fired, host: old.name };
      const all = notificationsOf(await context.world.notifications(), own, context.brokenAt);
      return all.find(({ status }) => status === "firing") ?? notYet("none was told");
    },
    { seconds: 180, everyMs: 1000, signal: context.signal },
  );
  context.figure(`seconds until a receiver knew of ${fired}`, (told.received - begin) / 1000);
  context.check(
    "a member that does not follow gets no reads",
    served > 3 ? `HAProxy took it for a replica for about ${served} s` : undefined,
  );
}

/** Whether HAProxy on an app server leads reads to a node. */
async function readsFrom(context: DrillContext, node: Machine): Promise<boolean> {
  const app = await anyAppServer(context);
  const program = `import socket
s = socket.socket(socket.AF_UNIX); s.connect("${paths.haproxySocket}"); s.sendall(b"show stat\\n")
print(b"".join(iter(lambda: s.recv(65536), b"")).decode())`;
  const stat = await mustRun(context, app, ["python3", "-c", program]);
  return haproxyServerUp(stat, "postgres-replicas", node.name);
}

/**
 * From HAProxy's `show stat`.
 * @throws DrillError when it has no such server: whoever looks for the wrong one never finds it up
 */
export function haproxyServerUp(stat: string, proxy: string, server: string): boolean {
  const [head = "", ...lines] = stat.replace(/^# /, "").trim().split("\n");
  const status = head.split(",").indexOf("status");
  const row = lines.map((line) => line.split(",")).find(([px, sv]) => px === proxy && sv === server);
  if (!row || status < 0) throw new DrillError(`HAProxy has no server ${server} in ${proxy}`);
  return row[status]?.startsWith("UP") ?? false;
}

export const postgresMemberDrills: readonly Drill[] = [nodeAnew, volumeLost, rewindLogin];
