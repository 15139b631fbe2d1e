/** Finds a service as its visitors do: by asking the stack's own name servers. */
import { Resolver } from "node:dns/promises";
import { DrillError } from "./errors.ts";

export interface Found {
  readonly address: string;
  /** Seconds that it may be kept. */
  readonly ttl: number;
}

/** Asks one name server. */
export type Ask = (server: string, name: string) => Promise<Found>;

const askOne: Ask = async (server, name) => {
  // A resolver that gets no answer asks the next name server: as most do, after a second.
  const resolver = new Resolver({ timeout: 1000, tries: 1 });
  resolver.setServers([server]);
  const [first] = await resolver.resolve4(name, { ttl: true });
  if (!first) throw new DrillError(`${server} names no address of ${name}`);
  return first;
};

/**
 * Where a name leads, kept as long as its answer says. The name server that answered is asked again the next time.
 * @param servers addresses of the name servers
 */
export function lookUp(
  servers: readonly string[],
  name: string,
  ask: Ask = askOne,
  now = Date.now,
): () => Promise<string> {
  let order = [...servers];
  let kept: { address: string; until: number } | undefined;
  return async () => {
    if (kept && now() < kept.until) return kept.address;
    const errors: string[] = [];
    for (const server of order) {
      try {
        const { address, ttl } = await ask(server, name);
        order = [server, ...order.filter((other) => other !== server)];
        kept = { address, until: now() + ttl * 1000 };
        return address;
      } catch (error) {
        errors.push(`${server}: ${(error as Error).message}`);
      }
    }
    throw new DrillError(`no name server answers for ${name}: ${errors.join("; ")}`);
  };
}
