/** What drills find out about the stack that they are to break. */
import { z } from "zod";
import { DrillError } from "./errors.ts";
import { lookUp } from "./name-servers.ts";
import { paths } from "./platform.ts";
import type { ShopAddress } from "./shop-writer.ts";
import type { World } from "./world.ts";

/** Name of the workload's database, from the environment that the workload itself has. */
export async function workloadDatabase(world: World): Promise<string> {
  const app = (await world.machines()).find((machine) => machine.role === "app" && machine.status === "running");
  if (!app) throw new DrillError("no app server runs: bring the stack up first (npx sovereign lab up)");
  const ran = await world.run(app, [
    "sed",
    "-n",
    "s/^DATABASE_URL=.*\\/\\([a-z0-9_]*\\)?.*/\\1/p",
    paths.workloadEnvironment,
  ]);
  const name = ran.stdout.trim();
  if (ran.code !== 0 || name === "") throw new DrillError(`${app.name} has no DATABASE_URL: ${ran.stderr.trim()}`);
  return name;
}

const balancers = z.object({
  load_balancers: z.array(
    z.object({
      public_net: z.object({ ipv4: z.object({ ip: z.string() }) }),
      services: z.array(
        z.object({
          protocol: z.string(),
          listen_port: z.int(),
          http: z.object({ certificates: z.array(z.int()).optional() }).optional(),
        }),
      ),
    }),
  ),
});
const certificate = z.object({ certificate: z.object({ domain_names: z.array(z.string()).min(1) }) });

/** Public addresses of the stack's own name servers, where it has some. */
async function nameServers(world: World): Promise<string[]> {
  const gateways = (await world.machines()).filter(({ role }) => role === "gateway");
  return gateways.flatMap(({ publicAddress }) => publicAddress ?? []);
}

/** Where the stack's load balancer answers, and the name that it has a certificate for. */
export async function shopAddress(world: World, stack: string): Promise<ShopAddress> {
  const { load_balancers } = balancers.parse(await world.api("GET", `/load_balancers?label_selector=stack==${stack}`));
  for (const balancer of load_balancers) {
    const service = balancer.services.find((candidate) => candidate.protocol === "https");
    const id = service?.http?.certificates?.[0];
    if (!service || id === undefined) continue;
    const { domain_names } = certificate.parse(await world.api("GET", `/certificates/${id}`)).certificate;
    const domain = domain_names[0]!;
    const servers = await nameServers(world);
    const find = servers.length > 0 ? lookUp(servers, domain) : undefined;
    return { address: balancer.public_net.ipv4.ip, find, port: service.listen_port, domain };
  }
  throw new DrillError(`the stack ${stack} has no load balancer with HTTPS: orders can be placed nowhere`);
}
