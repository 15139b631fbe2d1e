/** Drills that have to find a loss: they prove that the others can fail. */
import { lastLine } from "../cluster.ts";
import type { Drill, DrillContext } from "../drill.ts";
import { untilFine } from "../patience.ts";
import { paths } from "../platform.ts";
import { crashed } from "../run.ts";
import { mustRun, stallReplication } from "./steps.ts";

/** What a durability is in the cluster's shared settings, on three nodes; a test compares it with what the stack writes. */
export const durabilitySettings = {
  "low-latency": { synchronous_mode: false, synchronous_mode_strict: false, maximum_lag_on_failover: 1_048_576 },
  "zero-loss": {
    synchronous_mode: "quorum",
    synchronous_mode_strict: true,
    maximum_lag_on_failover: Number.MAX_SAFE_INTEGER,
  },
} as const;

/** A command that changes the cluster's shared settings; `hands_off` keeps the stack from putting its own back. */
const configuring = (durability: keyof typeof durabilitySettings, handsOff: "true" | "null"): string[] => [
  ...["patronictl", "-c", paths.patroniConfig, "edit-config", "--quiet", "--force", "-s", `hands_off=${handsOff}`],
  ...Object.entries(durabilitySettings[durability]).flatMap(([name, value]) => ["-s", `${name}=${value}`]),
];

const configure = async (context: DrillContext, argv: readonly string[]): Promise<void> => {
  await mustRun(context, await context.postgres.primary({ seconds: 120, signal: context.signal }), argv);
};

const asynchronous = configuring("low-latency", "true");
const synchronous = configuring("zero-loss", "null");

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
