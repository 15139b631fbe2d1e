import { Graphviz } from "@hpcc-js/wasm-graphviz";
import { planWithoutProvider } from "../components/nothing-exists.ts";
import type { StackConfig } from "./config/schema.ts";
import { type PicturedHost, renderTopologyDot } from "./picture.ts";
import { createSingleRegion } from "./single-region.ts";

/** SVG of the topology that a configuration leads to, made from the same machines that would be deployed. */
export async function drawTopology(config: StackConfig, title: string): Promise<string> {
  await planWithoutProvider("sovereign", "picture");
  // Credentials are no part of the picture.
  const backup = config.postgres.backup && { ...config.postgres.backup, accessKey: "-", secretKey: "-" };
  const drawn = { ...config, postgres: { ...config.postgres, backup } };
  const { platform, hosts } = createSingleRegion(drawn, "picture");
  const entrance: PicturedHost = {
    name: "load-balancer",
    role: "load-balancer",
    location: platform.location,
    detail: config.loadBalancer.type,
    openings: [],
  };
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
  return graphviz.dot(renderTopologyDot(title, [entrance, ...machines])).replace(/<!--.*?-->\n?/gs, "");
}
