import * as pulumi from "@pulumi/pulumi";
import type { AppServers } from "../components/app/app-servers.ts";
import { type ProviderApi, waitUntilHealthy } from "../components/load-balancer/health.ts";
import type { LoadBalancer } from "../components/load-balancer/load-balancer.ts";

/**
 * Lets the program end when the load balancer finds every app server healthy. The engine deletes servers that have
 * successors after that, and not at all when the program fails: a bad release leaves the old servers serving.
 */
export function holdUntilServing(
  { loadBalancer, service, target }: LoadBalancer,
  app: AppServers,
  waitMinutes: number,
): void {
  if (pulumi.runtime.isDryRun() || waitMinutes === 0) return;
  const balancer = pulumi.all([loadBalancer.id, service.id, target.id]).apply(([id]) => Number(id));
  const servers = pulumi.all(
    app.hosts.map((host) => pulumi.all([host.server.id, host.privateAddress]).apply(([id]) => Number(id))),
  );
  pulumi.all([balancer, servers]).apply(async ([loadBalancerId, ids]) => {
    try {
      await waitUntilHealthy({
        api: providerApi(),
        loadBalancerId,
        servers: new Map(ids.map((id, i) => [id, app.hosts[i]!.hostname])),
        timeoutMs: waitMinutes * 60_000,
        onWaiting: (names) => void pulumi.log.info(`waiting for the health check of ${names.join(", ")}`, app, 0, true),
      });
    } catch (error) {
      throw new pulumi.RunError(
        `app servers ${(error as Error).message}. Servers that they were to replace are kept. Look at /var/log/cloud-init-output.log and the journal of one, mend the cause and run again; app.waitMinutes says how long is waited`,
      );
    }
  });
}

/** As the provider's plugin finds it: configuration first, then the environment. */
function providerApi(): ProviderApi {
  const config = new pulumi.Config("hcloud");
  return {
    endpoint: config.get("endpoint") ?? process.env.HCLOUD_ENDPOINT ?? "https://api.hetzner.cloud/v1",
    token: config.get("token") ?? process.env.HCLOUD_TOKEN ?? "",
  };
}
