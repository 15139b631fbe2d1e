import type { LoadBalancerArgs } from "./load-balancer.ts";

export interface HealthCheck {
  readonly path: string;
  /** 3 to 60. */
  readonly intervalSeconds: number;
  /** 1 to 60, less than the interval. */
  readonly timeoutSeconds: number;
  /** Failures in a row that take a server out: 1 to 5. */
  readonly retries: number;
}

const within = (name: string, value: number, min: number, max: number): string[] =>
  Number.isInteger(value) && value >= min && value <= max
    ? []
    : [`${name}: ${value} is not a whole number from ${min} to ${max}`];

/** Everything wrong with the arguments; empty when nothing is. Limits of the health check: the provider's API reference, 2026-02. */
export function loadBalancerProblems(
  args: Pick<LoadBalancerArgs, "certificate" | "targets"> & { healthCheck: HealthCheck },
): string[] {
  const { certificate, healthCheck } = args;
  return [
    ...(args.targets.trim() === "" ? ["targets: an empty selector would take every server of the project"] : []),
    ...(certificate.kind === "managed" && certificate.domainNames.length === 0
      ? ["certificate.domainNames: is empty"]
      : []),
    ...(/^\/[\w.~/-]*$/.test(healthCheck.path)
      ? []
      : [`healthCheck.path: ${healthCheck.path} is not a plain path such as /healthz`]),
    ...within("healthCheck.intervalSeconds", healthCheck.intervalSeconds, 3, 60),
    ...within("healthCheck.timeoutSeconds", healthCheck.timeoutSeconds, 1, 60),
    ...(healthCheck.timeoutSeconds >= healthCheck.intervalSeconds
      ? [
          `healthCheck.timeoutSeconds: ${healthCheck.timeoutSeconds} is not less than intervalSeconds (${healthCheck.intervalSeconds})`,
        ]
      : []),
    ...within("healthCheck.retries", healthCheck.retries, 1, 5),
  ];
}
