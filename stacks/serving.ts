import * as pulumi from "@pulumi/pulumi";
import type { AppServers } from "../components/app/app-servers.ts";
import { waitUntilHealthy } from "../components/load-balancer/health.ts";
import type { LoadBalancer } from "../components/load-balancer/load-balancer.ts";
import { providerApi } from "./provider-api.ts";

/** The value of an output, for work that the program itself waits for. Never resolves at a preview that does not know it. */
const settled = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => void output.apply((value) => resolve(value as T)));

/**
 * Lets the program end when the load balancer finds every app server healthy. The engine deletes servers that have
 * successors after that, and not at all when the program fails: a bad release leaves the old servers serving.
 * @throws RunError when they do not get healthy in time
 */
export async function holdUntilServing(
  { loadBalancer, service, target }: LoadBalancer,
  app: AppServers,
  waitMinutes: number,
): Promise<void> {
  if (pulumi.runtime.isDryRun() || waitMinutes === 0) return;
  const [loadBalancerId] = await settled(pulumi.all([loadBalancer.id, service.id, target.id]));
  const ids = await settled(
    pulumi.all(app.hosts.map((host) => pulumi.all([host.server.id, host.privateAddress]).apply(([id]) => Number(id)))),
  );
  try {
    await waitUntilHealthy({
      api: providerApi(),
      loadBalancerId: Number(loadBalancerId),
      servers: new Map(ids.map((id, i) => [id, app.hosts[i]!.hostname])),
      timeoutMs: waitMinutes * 60_000,
      onWaiting: (names) => void pulumi.log.info(`waiting for the health check of ${names.join(", ")}`, app, 0, true),
    });
  } catch (error) {
    throw new pulumi.RunError(
      `app servers ${(error as Error).message}. Servers that they were to replace are kept. Look at /var/log/cloud-init-output.log and the journal of one, mend the cause and run again; app.waitMinutes says how long is waited`,
    );
  }
}
