import { Graphviz } from "@hpcc-js/wasm-graphviz";
import { siteRole } from "../components/edge/site.ts";
import { planWithoutProvider } from "../components/nothing-exists.ts";
import type { StackConfig } from "./config/schema.ts";
import { withoutCredentials } from "./cost.ts";
import { createDeployment } from "./deployment.ts";
import { createEdge } from "./edge.ts";
import { type PicturedHost, renderTopologyDot } from "./picture.ts";

/** SVG of the topology that a configuration leads to, made from the same machines that would be deployed. */
export async function drawTopology(config: StackConfig, title: string): Promise<string> {
  await planWithoutProvider("sovereign", "picture");
  const drawn = withoutCredentials(config);
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
  const sites = (createEdge(drawn, "picture")?.sites ?? []).flatMap((site, index) =>
    site.hosts.map((host): PicturedHost => {
      const { hostname: name, location, serverType: detail } = host;
      return { name, role: siteRole(config.edge!.sites[index]!), location, detail, openings: [] };
    }),
  );
  const graphviz = await Graphviz.load();
  return graphviz.dot(renderTopologyDot(title, [...entrances, ...machines, ...sites])).replace(/<!--.*?-->\n?/gs, "");
}
