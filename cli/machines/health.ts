/** Whether everything that a stack put on a lab's machines does its work. */
import { z } from "zod";
import type { Machine } from "../../lab/session/machines.ts";

interface Target {
  readonly health_status?: readonly { readonly status: string }[] | undefined;
  readonly targets?: readonly Target[] | undefined;
}

const target: z.ZodType<Target> = z.lazy(() =>
  z.object({
    health_status: z.array(z.object({ status: z.string() })).optional(),
    targets: z.array(target).optional(),
  }),
);

const schema = z.object({ load_balancers: z.array(z.object({ name: z.string(), targets: z.array(target) })) });

export type LoadBalancers = z.infer<typeof schema>["load_balancers"];

export const parseLoadBalancers = (answer: unknown): LoadBalancers => schema.parse(answer).load_balancers;

export interface Health {
  readonly machines: number;
  readonly booted: number;
  /** Of load balancers: a target counts once for each service. */
  readonly targets: number;
  readonly healthyTargets: number;
  /** Names of what is not there yet. */
  readonly waitingFor: readonly string[];
  /** What will not mend itself, each with the machine's name. */
  readonly failures: readonly { readonly machine: string; readonly why: string }[];
}

const statuses = (targets: readonly Target[]): string[] =>
  targets.flatMap((t) => [...(t.health_status ?? []).map((h) => h.status), ...statuses(t.targets ?? [])]);

export function healthOf(machines: readonly Machine[], loadBalancers: LoadBalancers): Health {
  const checks = loadBalancers.flatMap(({ name, targets }) => statuses(targets).map((status) => ({ name, status })));
  const unhealthy = [...new Set(checks.filter((c) => c.status !== "healthy").map((c) => c.name))];
  return {
    machines: machines.length,
    booted: machines.filter((m) => m.booted).length,
    targets: checks.length,
    healthyTargets: checks.filter((c) => c.status === "healthy").length,
    waitingFor: [...machines.filter((m) => !m.booted || m.failedUnits.length > 0).map((m) => m.name), ...unhealthy],
    failures: machines.flatMap((m) => (m.failed === null ? [] : [{ machine: m.name, why: m.failed }])),
  };
}

/** Units that have failed are listed only at the end: systemd starts many of them again. */
export function failedUnits(machines: readonly Machine[]): string[] {
  return machines.flatMap((m) => m.failedUnits.map((unit) => `${m.name}: ${unit}`));
}

export function renderHealth({ machines, booted, targets, healthyTargets, waitingFor }: Health): string {
  const [first, ...more] = waitingFor;
  return [
    `${booted} of ${machines} machines booted`,
    ...(targets > 0 ? [`${healthyTargets} of ${targets} targets healthy`] : []),
    ...(first ? [`waiting for ${first}${more.length > 0 ? ` and ${more.length} more` : ""}`] : []),
  ].join(" · ");
}
