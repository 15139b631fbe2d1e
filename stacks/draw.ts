import { Graphviz } from "@hpcc-js/wasm-graphviz";
import { planWithoutProvider } from "../components/nothing-exists.ts";
import type { StackConfig } from "./config/schema.ts";
import { createDeployment } from "./deployment.ts";
import { type PicturedHost, renderTopologyDot } from "./picture.ts";

/** SVG of the topology that a configuration leads to, made from the same machines that would be deployed. */
export async function drawTopology(config: StackConfig, title: string): Promise<string> {
  await planWithoutProvider("sovereign", "picture");
  // Credentials are no part of the picture.
  const backup = config.postgres.backup && { ...config.postgres.backup, accessKey: "-", secretKey: "-" };
  const loadBalancer = { ...config.loadBalancer, certificate: { kind: "none" as const } };
  const drawn = { ...config, loadBalancer, postgres: { ...config.postgres, backup } };
  const { regions, hosts } = createDeployment(drawn, "picture");
  const entrances = regions.map(({ location }): PicturedHost => {
    return { name: "load-balancer", role: "load-balancer", location, detail: config.loadBalancer.type, openings: [] };
  });
  const machines = hosts.map(
    (host): PicturedHost => ({
      name: host.hostname,
      role: host.role,
      location: host.location,
      detail: host.serverType,
      openings: host.machine.openings,
    }),
  );
  const graphviz = await Graphviz.load();
  return graphviz.dot(renderTopologyDot(title, [...entrances, ...machines])).replace(/<!--.*?-->\n?/gs, "");
}
