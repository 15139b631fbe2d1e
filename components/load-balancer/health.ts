import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

/** Where the provider's API is, and what opens it. */
export interface ProviderApi {
  readonly endpoint: string;
  readonly token: string;
}

export interface HealthWait {
  readonly api: ProviderApi;
  readonly loadBalancerId: number;
  /** Servers that must pass the health checks of every service, by name. */
  readonly servers: ReadonlyMap<number, string>;
  readonly timeoutMs: number;
  /** @default 5000 */
  readonly intervalMs?: number;
  /** Told now and then who is waited for. */
  readonly onWaiting?: (names: readonly string[]) => void;
}

const target = z.object({
  server: z.object({ id: z.number() }).optional(),
  health_status: z.array(z.object({ status: z.string() })).default([]),
});
const answer = z.object({
  load_balancer: z.object({ targets: z.array(target.extend({ targets: z.array(target).default([]) })) }),
});

/** Longest that one question may take. */
const requestTimeoutMs = 10_000;

async function healthyServers({ api, loadBalancerId }: HealthWait): Promise<ReadonlySet<number>> {
  const response = await fetch(`${api.endpoint}/load_balancers/${loadBalancerId}`, {
    headers: { authorization: `Bearer ${api.token}` },
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  if (!response.ok) throw new Error(`the provider's API answered ${response.status}`);
  const { targets } = answer.parse(await response.json()).load_balancer;
  const healthy = targets
    .flatMap((t) => [t, ...t.targets])
    .filter((t) => t.health_status.length > 0 && t.health_status.every(({ status }) => status === "healthy"));
  return new Set(healthy.flatMap((t) => (t.server ? [t.server.id] : [])));
}

/**
 * Resolves when the load balancer finds all servers healthy. What goes wrong with a single question is asked again.
 * @throws when it takes longer than `timeoutMs`, naming the servers and the last thing that went wrong
 */
export async function waitUntilHealthy(wait: HealthWait): Promise<void> {
  const deadline = Date.now() + wait.timeoutMs;
  let missing = [...wait.servers.values()];
  let trouble = "";
  for (;;) {
    try {
      const healthy = await healthyServers(wait);
      missing = [...wait.servers].filter(([id]) => !healthy.has(id)).map(([, name]) => name);
      trouble = "";
      if (missing.length === 0) return;
    } catch (error) {
      trouble = `; ${error instanceof Error ? error.message : String(error)}`;
    }
    if (Date.now() >= deadline) {
      throw new Error(`not healthy after ${Math.round(wait.timeoutMs / 1000)} s: ${missing.join(", ")}${trouble}`);
    }
    wait.onWaiting?.(missing);
    await sleep(Math.min(wait.intervalMs ?? 5000, Math.max(0, deadline - Date.now())));
  }
}
