/** Drills that have to find a loss: they prove that the others can fail. */
import { lastLine } from "../cluster.ts";
import type { Drill, DrillContext } from "../drill.ts";
import { untilFine } from "../patience.ts";
import { paths } from "../platform.ts";
import { crashed } from "../run.ts";
import { mustRun, stallReplication } from "./steps.ts";

/** A command that changes the cluster's shared settings; `hands_off` keeps the stack from putting its own back. */
const configuring = (settings: readonly string[]): string[] => [
  ...["patronictl", "-c", paths.patroniConfig, "edit-config", "--quiet", "--force"],
  ...settings.flatMap((setting) => ["-s", setting]),
];

const configure = async (context: DrillContext, argv: readonly string[]): Promise<void> => {
  await mustRun(context, await context.postgres.primary({ seconds: 120, signal: context.signal }), argv);
};

const lagBound = (bytes: number): string => `maximum_lag_on_failover=${bytes}`;

const asynchronous = configuring([
  ...["hands_off=true", "synchronous_mode=false", "synchronous_mode_strict=false"],
  lagBound(1_048_576),
]);
const synchronous = configuring([
  ...["hands_off=null", "synchronous_mode=quorum", "synchronous_mode_strict=true"],
  lagBound(Number.MAX_SAFE_INTEGER),
]);

const lowLatency: Drill = {
  name: "control-low-latency",
  family: "controls",
  title: "Without synchronous replication and with stalled replicas, the primary is lost",
  proves:
    "A loss is reported as one: with `low-latency` durability, what replicas had not received is gone, and the comparison says so.",
  writer: "sql",
  limits: { outage: 60 },
  expectsLoss: true,
  crashAgain: false,
  async prepare(context) {
    await context.breaking(
      "commits no longer wait for a standby (durability low-latency)",
      () => configure(context, asynchronous),
      () => configure(context, synchronous),
      [{ kind: "run", argv: synchronous }],
    );
    await untilFine(
      "commits do not wait",
      async () => {
        const primary = await context.postgres.primary({ seconds: 60, signal: context.signal });
        const ran = await context.postgres.sql(primary, "SHOW synchronous_standby_names");
        if (ran.code !== 0) return lastLine(ran.stderr);
        return ran.stdout.trim() === "" ? undefined : `they wait for ${ran.stdout.trim()}`;
      },
      { seconds: 60, signal: context.signal },
    );
  },
  async break(context) {
    const primary = await context.postgres.primary({ seconds: 60, signal: context.signal });
    await stallReplication(context, primary);
    await context.pause(2);
    await crashed(context, primary);
  },
};

export const controlDrills: readonly Drill[] = [lowLatency];
