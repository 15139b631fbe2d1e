import type { LocationName } from "../catalogue/hetzner/locations.ts";
import type { ServerTypeName } from "../catalogue/hetzner/server-types.ts";
import { type Cost, objectStorageCost, totalCost } from "../components/cost.ts";
import type { Edge } from "../components/edge/edge.ts";
import { planWithoutProvider } from "../components/nothing-exists.ts";
import type { StackConfig } from "./config/schema.ts";
import { createDeployment, type Deployment } from "./deployment.ts";
import { createEdge } from "./edge.ts";

/** What a stack costs, as its output `monthlyCost` says it. */
export function monthlyCostOf(
  config: StackConfig,
  { regions, hosts }: Pick<Deployment, "regions" | "hosts">,
  edge: Pick<Edge, "costs"> | undefined,
): Cost {
  return totalCost([
    ...regions.flatMap(({ loadBalancer }) => loadBalancer.costs),
    ...hosts.flatMap((host) => host.costs),
    ...(edge?.costs ?? []),
    ...(config.postgres.backup ? [objectStorageCost(config.postgres.backup.bucket)] : []),
  ]);
}

/** The same configuration with nothing in it that only the environment or an encrypted value has. For plans that reach nobody. */
export function withoutCredentials(config: StackConfig): StackConfig {
  const certificate = { kind: "none" as const };
  const { backup } = config.postgres;
  return {
    ...config,
    loadBalancer: { ...config.loadBalancer, certificate },
    postgres: { ...config.postgres, backup: backup && { ...backup, accessKey: "-", secretKey: "-" } },
    ...(config.edge
      ? { edge: { ...config.edge, sites: config.edge.sites.map((site) => ({ ...site, certificate })) } }
      : {}),
  };
}

/** A machine of a plan. */
export interface PlannedMachine {
  readonly role: string;
  readonly location: LocationName;
  readonly serverType: ServerTypeName;
}

export interface StackPlan {
  readonly cost: Cost;
  /** Of the core, and sites at the edge. */
  readonly machines: readonly PlannedMachine[];
}

let standIn: Promise<unknown> | undefined;

/**
 * What a configuration will lead to, from the same parts that would be deployed; neither engine, provider nor credentials are needed.
 * @param name of the stack
 */
export async function planStack(config: StackConfig, name: string): Promise<StackPlan> {
  // One for all plans of a process: what a plan has begun goes on behind it, and would miss its stand-in.
  standIn ??= planWithoutProvider("sovereign", name);
  await standIn;
  const planned = withoutCredentials(config);
  const deployment = createDeployment(planned, name);
  const edge = createEdge(planned, name);
  const sites = (edge?.sites ?? []).flatMap(({ hosts }) => hosts.map((host) => ({ ...place(host), role: "edge" })));
  return {
    cost: monthlyCostOf(config, deployment, edge),
    machines: [...deployment.hosts.map((host) => ({ ...place(host), role: host.role })), ...sites],
  };
}

const place = ({ location, serverType }: Omit<PlannedMachine, "role">) => ({ location, serverType });
