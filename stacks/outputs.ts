import * as pulumi from "@pulumi/pulumi";
import type { Edge } from "../components/edge/edge.ts";
import type { StackConfig } from "./config/schema.ts";
import { monthlyCostOf } from "./cost.ts";
import { createDeployment, type Deployment } from "./deployment.ts";
import { boundaryOf, createEdge } from "./edge.ts";
import { foresee } from "./foresight.ts";
import { placesOf } from "./places.ts";
import { durabilityOf } from "./postgres.ts";
import { providerApi } from "./provider-api.ts";
import { holdUntilServing } from "./serving.ts";

/** Makes what the configuration says and returns the stack's outputs. */
export async function deploy(config: StackConfig): Promise<Record<string, unknown>> {
  await lookAhead(config);
  const stack = pulumi.getStack();
  const boundary = boundaryOf(config, stack);
  const deployment = createDeployment(config, stack);
  const edge = createEdge(config, stack, deployment.zone?.name);
  await boundary?.verify();
  const unknown = deployment.platform.exceptionProblems();
  if (unknown.length) throw new pulumi.RunError(unknown.join("\n"));
  await Promise.all(
    deployment.regions.map(
      ({ loadBalancer, app }) => app && holdUntilServing(loadBalancer, app, config.app.waitMinutes),
    ),
  );
  return outputsOf(config, deployment, edge);
}

function outputsOf(config: StackConfig, deployment: Deployment, edge: Edge | undefined): Record<string, unknown> {
  const { regions, hosts, monitoring, places, traffic } = deployment;
  const entrances = regions.map(({ location, loadBalancer: { ipv4, ipv6 } }) => ({ location, ipv4, ipv6 }));
  const [primary] = monitoring;
  const pending = hosts.map((host) => host.rolloutPending.apply((behind) => (behind ? [host.hostname] : [])));
  return {
    url: `${config.loadBalancer.certificate.kind === "none" ? "http" : "https"}://${config.domain}`,
    loadBalancer: { ipv4: entrances[0]?.ipv4, ipv6: entrances[0]?.ipv6 },
    ...(entrances.length > 1 ? { entrances } : {}),
    ...(traffic.nameServers ? { nameServers: traffic.nameServers } : {}),
    hosts: hosts.map((host) => ({
      name: host.hostname,
      role: host.role,
      location: host.location,
      serverType: host.serverType,
      privateAddress: host.privateAddress,
      publicAddress: host.server.ipv4Address,
    })),
    ...(edge
      ? {
          edge: edge.sites.map(({ location, url, hosts }) => ({
            location,
            url,
            addresses: hosts.map(({ ipv4 }) => ipv4),
          })),
        }
      : {}),
    durability: durabilityOf(config, places),
    monitoring: { prometheus: primary.prometheusUrl, alertmanager: primary.alertmanagerUrl },
    ...(primary.grafanaPassword ? { grafanaPassword: primary.grafanaPassword } : {}),
    monthlyCost: monthlyCostOf(config, deployment, edge),
    pendingRollouts: pulumi.all(pending).apply((names) => names.flat()),
  };
}

/** @throws RunError before anything is touched, when the provider would refuse half way */
async function lookAhead(config: StackConfig): Promise<void> {
  const { app, postgres, redis, monitoring } = config;
  const wanted = new Map(
    Object.entries({ app, postgres, redis, monitoring }).map(([role, { serverType }]) => [role, serverType]),
  );
  const { serving } = placesOf(config);
  const { problems, warnings } = await foresee(providerApi(), pulumi.getStack(), {
    locations: serving,
    serverTypes: wanted,
    networkCidr: config.network.cidr,
  });
  for (const warning of warnings) await pulumi.log.warn(warning);
  if (problems.length) throw new pulumi.RunError(problems.join("\n"));
}
