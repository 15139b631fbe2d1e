import { findLoadBalancerType } from "../../catalogue/hetzner/load-balancer-types.ts";
import { certificateProblems } from "./certificate.ts";
import type { LoadBalancerArgs } from "./load-balancer.ts";

/** How the load balancer finds out whether a server can be used. */
export interface HealthCheck {
  /** 3 to 60 s. In place. @default 5 */
  readonly intervalSeconds?: number;
  /** 1 to 60 s, not more than the interval. In place. @default 3 */
  readonly timeoutSeconds?: number;
  /** Failures in a row until a server gets no more requests, 1 to 5. In place. @default 2 */
  readonly retries?: number;
  /** In place. @default "/healthz" */
  readonly path?: string;
}

export const healthCheckDefaults: Required<HealthCheck> = {
  intervalSeconds: 5,
  timeoutSeconds: 3,
  retries: 2,
  path: "/healthz",
};

export const algorithms = ["round_robin", "least_connections"] as const;
export type Algorithm = (typeof algorithms)[number];

function healthCheckProblems(check: Required<HealthCheck>): string[] {
  const within = (field: "intervalSeconds" | "timeoutSeconds" | "retries", least: number, most: number) =>
    Number.isInteger(check[field]) && check[field] >= least && check[field] <= most
      ? []
      : [`healthCheck.${field}: ${check[field]} is not a whole number from ${least} to ${most}`];
  const problems = [
    ...within("intervalSeconds", 3, 60),
    ...within("timeoutSeconds", 1, 60),
    ...within("retries", 1, 5),
  ];
  if (check.timeoutSeconds > check.intervalSeconds) {
    problems.push(
      `healthCheck.timeoutSeconds: ${check.timeoutSeconds} is more than intervalSeconds (${check.intervalSeconds})`,
    );
  }
  if (!/^\/[\w.~/-]*$/.test(check.path))
    problems.push(`healthCheck.path: ${JSON.stringify(check.path)} is not a plain path`);
  return problems;
}

/** Everything wrong with the arguments, each with the field; empty when nothing is. */
export function loadBalancerProblems(args: Omit<LoadBalancerArgs, "platform">): string[] {
  const { type = "lb11", certificates, algorithm = "least_connections" } = args;
  const problems = healthCheckProblems({ ...healthCheckDefaults, ...args.healthCheck });
  const limits = findLoadBalancerType(type);
  if (!limits) problems.push(`type: ${JSON.stringify(type)} is not known`);
  if (limits && args.maxTargets > limits.maxTargets) {
    problems.push(
      `type: ${type} takes ${limits.maxTargets} targets, and there may be ${args.maxTargets}: use a larger one`,
    );
  }
  if (!algorithms.includes(algorithm))
    problems.push(`algorithm: ${JSON.stringify(algorithm)} is not one of ${algorithms.join(", ")}`);
  if (!args.targetSelector) problems.push("targetSelector: is empty, which would select every server of the project");
  if (certificates !== "none") {
    if (certificates.length === 0) problems.push('certificates: none given; for plain HTTP say "none"');
    if (limits && certificates.length > limits.maxAssignedCertificates) {
      problems.push(`certificates: ${type} takes ${limits.maxAssignedCertificates}, not ${certificates.length}`);
    }
    problems.push(
      ...certificates.flatMap((certificate, index) =>
        certificateProblems(certificate).map((problem) => `certificates[${index}].${problem}`),
      ),
    );
  }
  return problems;
}
