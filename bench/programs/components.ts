import { parseStackConfig } from "../../stacks/config/parse.ts";
import { createDeployment } from "../../stacks/deployment.ts";
import { useNativeStackTraces } from "../../stacks/stack-traces.ts";

/** Stateful machines of one deployment: Postgres 3, Redis 3, monitoring 1. */
const stateful = 7;
const mostAppServers = 40;

function config(appServers: number) {
  const parsed = parseStackConfig({
    topology: "single-region",
    domain: "shop.example.eu",
    admin: { cidrs: [{ cidr: "203.0.113.10/32", country: "DE" }] },
    app: {
      servers: appServers,
      maxServers: appServers,
      workload: { kind: "service", command: ["/opt/shop/shop"], packages: ["nodejs"] },
    },
    postgres: { backup: false, serverType: "ccx43" },
    loadBalancer: { type: "lb31", certificate: { kind: "none" } },
  });
  if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
  return parsed.config;
}

/** As many whole deployments, side by side, as make the number of servers asked for. */
export default function main(): void {
  useNativeStackTraces();
  const servers = Number(process.env.BENCH_SERVERS);
  const deployments = Math.ceil(servers / (stateful + mostAppServers));
  const share = (index: number) => Math.floor((servers + index) / deployments) - stateful;
  for (let index = 0; index < deployments; index++) createDeployment(config(share(index)), `bench-${index + 1}`);
}
