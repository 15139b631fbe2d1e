import { z } from "zod";
import type { ProviderApi } from "../components/load-balancer/health.ts";

const serverType = z.object({
  name: z.string(),
  architecture: z.string(),
  disk: z.number(),
  locations: z.array(z.object({ name: z.string(), available: z.boolean().optional() })).default([]),
});
const networks = z.object({ networks: z.array(z.object({ name: z.string(), ip_range: z.string() })) });
const serverTypes = z.object({ server_types: z.array(serverType) });
const servers = z.object({
  servers: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      labels: z.record(z.string(), z.string()),
      primary_disk_size: z.number(),
      server_type: z.object({ name: z.string(), architecture: z.string() }),
    }),
  ),
  meta: z.object({ pagination: z.object({ next_page: z.number().nullable() }) }),
});
type ServerType = z.output<typeof serverType>;
type ExistingServer = z.output<typeof servers>["servers"][number];

/** What the provider says of a plan before anything is touched. */
export interface Foresight {
  /** What cannot work, and would leave machines switched off half way. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Longest that one question may take, ms: they are asked at every preview. */
const requestTimeoutMs = 5000;

async function ask<T>(api: ProviderApi, path: string, schema: z.ZodType<T>): Promise<T> {
  const response = await fetch(`${api.endpoint}${path}`, {
    headers: { authorization: `Bearer ${api.token}` },
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  if (!response.ok) throw new Error(`the provider's API answered ${response.status}`);
  return schema.parse(await response.json());
}

async function findServerType(api: ProviderApi, name: string): Promise<ServerType | undefined> {
  const found = await ask(api, `/server_types?name=${encodeURIComponent(name)}`, serverTypes);
  return found.server_types.find((type) => type.name === name);
}

async function existingServers(api: ProviderApi, stack: string): Promise<ExistingServer[]> {
  const all: ExistingServer[] = [];
  for (let page: number | null = 1; page !== null; ) {
    const answer: z.output<typeof servers> = await ask(
      api,
      `/servers?label_selector=${encodeURIComponent(`stack=${stack}`)}&per_page=50&page=${page}`,
      servers,
    );
    all.push(...answer.servers);
    page = answer.meta.pagination.next_page;
  }
  return all;
}

/** The plugin would power the server off first, be refused, and leave it off. */
function changeProblems(server: ExistingServer, wanted: ServerType): string[] {
  const { name, server_type: is, primary_disk_size: disk } = server;
  if (is.name === wanted.name) return [];
  const change = `${name} is a ${is.name} and cannot become a ${wanted.name} in place`;
  if (is.architecture !== wanted.architecture) return [`${change}: its processor is another (${wanted.architecture})`];
  if (wanted.disk < disk) return [`${change}: its disk of ${disk} GB does not fit into ${wanted.disk} GB`];
  return [];
}

/** What a configuration wants that exists already in another form. */
export interface Wanted {
  readonly locations: readonly string[];
  /** By role, as machines are labelled. */
  readonly serverTypes: ReadonlyMap<string, string>;
  readonly networkCidr: string;
}

/** Every address of a stack follows from its network's range. */
async function networkProblems(api: ProviderApi, stack: string, cidr: string): Promise<string[]> {
  const { networks: found } = await ask(api, `/networks?name=${encodeURIComponent(stack)}`, networks);
  return found
    .filter(({ name, ip_range }) => name === stack && ip_range !== cidr)
    .map(
      ({ ip_range }) =>
        `network.cidr: the network of ${stack} is ${ip_range} and cannot become ${cidr}: the addresses of all machines are in it, so every machine with data would be made anew. Set network.cidr to ${ip_range} again; for another range make a second stack, restore the backup there (postgres.restore) and change the domain's records over`,
    );
}

/**
 * Asks the provider before anything is created or changed. Empty when it cannot be asked: its plugin will say why.
 */
export async function foresee(
  api: ProviderApi,
  stack: string,
  { locations, serverTypes: wanted, networkCidr }: Wanted,
): Promise<Foresight> {
  const names = [...new Set(wanted.values())].sort();
  try {
    const [ranges, found, existing] = await Promise.all([
      networkProblems(api, stack, networkCidr),
      Promise.all(names.map((name) => findServerType(api, name))),
      existingServers(api, stack),
    ]);
    const types = new Map(found.flatMap((type) => (type ? [[type.name, type]] : [])));
    return {
      problems: [
        ...ranges,
        ...existing.flatMap((server) => {
          const type = types.get(wanted.get(server.labels.role ?? "") ?? "");
          return type ? changeProblems(server, type) : [];
        }),
      ],
      warnings: [
        ...names.flatMap((name) => unavailable(name, types.get(name), locations)),
        ...existing
          .filter((server) => server.status === "off")
          .map((server) => `${server.name} is switched off: no update will start it; do it at the provider`),
      ],
    };
  } catch {
    return { problems: [], warnings: [] };
  }
}

/** Servers that exist already are not concerned, so it is no error. */
function unavailable(name: string, type: ServerType | undefined, locations: readonly string[]): string[] {
  const rest = "servers that exist stay, new ones cannot be made; choose another serverType";
  if (!type) return [`server type ${name} is no longer offered: ${rest}`];
  const isAvailable = (location: string) =>
    type.locations.some((place) => place.name === location && place.available !== false);
  return locations
    .filter((location) => !isAvailable(location))
    .map((location) => `server type ${name} is not available in ${location} at the moment: ${rest}`);
}
