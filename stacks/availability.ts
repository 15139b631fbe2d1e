import { z } from "zod";
import type { ProviderApi } from "../components/load-balancer/health.ts";

const answer = z.object({
  server_types: z.array(
    z.object({
      name: z.string(),
      locations: z.array(z.object({ name: z.string(), available: z.boolean().optional() })).default([]),
    }),
  ),
});

/** Longest that the question may take, ms: it is asked at every preview. */
const requestTimeoutMs = 5000;

/** A type by its name; undefined when it is not offered. */
async function findServerType(api: ProviderApi, name: string) {
  const response = await fetch(`${api.endpoint}/server_types?name=${encodeURIComponent(name)}`, {
    headers: { authorization: `Bearer ${api.token}` },
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  if (!response.ok) throw new Error(`the provider's API answered ${response.status}`);
  return answer.parse(await response.json()).server_types.find((type) => type.name === name);
}

/**
 * What to warn of before anything is created: server types that cannot be had in a location just now. Servers that exist
 * already are not concerned, so it is no error. Empty when the provider cannot be asked: its plugin will say why.
 */
export async function unavailableServerTypes(
  api: ProviderApi,
  location: string,
  types: readonly string[],
): Promise<string[]> {
  const wanted = [...new Set(types)].sort();
  try {
    const found = await Promise.all(wanted.map((name) => findServerType(api, name)));
    return wanted.flatMap((name, i) => {
      if (!found[i]) return [`server type ${name} is no longer offered`];
      const place = found[i].locations.find((l) => l.name === location);
      return place && place.available !== false
        ? []
        : [`server type ${name} is not available in ${location} at the moment`];
    });
  } catch {
    return [];
  }
}
