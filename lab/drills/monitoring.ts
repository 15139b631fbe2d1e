/** Alerts, as Prometheus of the stack knows them. */
import { z } from "zod";
import { lastLine } from "./cluster.ts";
import { DrillError } from "./errors.ts";
import { ports } from "./platform.ts";
import type { Machine, World } from "./world.ts";

const rulesSchema = z.object({
  data: z.object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({
            name: z.string(),
            /** Seconds of `for`. */
            duration: z.number().optional(),
            alerts: z
              .array(z.object({ labels: z.record(z.string(), z.string()), state: z.enum(["pending", "firing"]) }))
              .optional(),
          }),
        ),
      }),
    ),
  }),
});

export interface AlertState {
  /** Seconds of the rule's `for`. */
  readonly forSeconds: number;
  /** Labels of those that fire. */
  readonly firing: readonly Readonly<Record<string, string>>[];
  /** How many will, unless their cause goes before the rule's time is over. */
  readonly pending: number;
}

/** Rules by name from the answer of `/api/v1/rules`. */
export function parseRules(answer: unknown): Map<string, AlertState> {
  const { data } = rulesSchema.parse(answer);
  return new Map(
    data.groups
      .flatMap((group) => group.rules)
      .map((rule) => [
        rule.name,
        {
          forSeconds: rule.duration ?? 0,
          firing: (rule.alerts ?? []).filter((alert) => alert.state === "firing").map((alert) => alert.labels),
          pending: (rule.alerts ?? []).filter((alert) => alert.state === "pending").length,
        },
      ]),
  );
}

export class Monitoring {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  async host(): Promise<Machine> {
    const host = (await this.#world.machines()).find((machine) => machine.role === "monitoring");
    if (!host) throw new DrillError("the stack has no monitoring machine: is it deployed in this lab?");
    return host;
  }

  async rules(): Promise<Map<string, AlertState>> {
    const host = await this.host();
    const url = `http://${host.privateAddress}:${ports.prometheus}/api/v1/rules?type=alert`;
    const ran = await this.#world.run(host, ["curl", "-sf", "--max-time", "5", url]);
    if (ran.code !== 0)
      throw new DrillError(`Prometheus does not answer: ${lastLine(ran.stderr) || `curl ended with ${ran.code}`}`);
    return parseRules(JSON.parse(ran.stdout));
  }

  /** @throws DrillError when there is no rule of that name */
  async alert(name: string): Promise<AlertState> {
    const state = (await this.rules()).get(name);
    if (!state) throw new DrillError(`Prometheus has no alert ${name}`);
    return state;
  }
}
