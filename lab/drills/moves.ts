/** Moves of a stack as edits of its configuration, as docs/topologies.md describes them. Pure. */
import { DrillError } from "./errors.ts";
import type { Changes } from "./world.ts";

/** The configuration's values by key, without the prefix. */
type Values = Record<string, unknown>;

/** Edits a configuration in place. */
export type Move = (config: Values) => void;

/** Where a configuration in one location stands that names none. */
const usualLocation = "fsn1";

const partOf = (config: Values, key: string): Values => {
  config[key] ??= {};
  return config[key] as Values;
};

/** Locations that serve, the primary first. @throws DrillError for several locations that are not named */
export function locationsOf({ topology, location, locations }: Values): readonly string[] {
  if (topology === "single-region") return [(location as string | undefined) ?? usualLocation];
  if (!locations)
    throw new DrillError(
      "the stack's configuration names no locations: write the key locations out, the primary first",
    );
  return locations as string[];
}

/** To these locations, the primary first. */
export const intoLocations =
  (locations: readonly string[]): Move =>
  (config) => {
    const before = locationsOf(config);
    config.topology = "multi-region-eu";
    config.locations = [...locations];
    delete config.location;
    delete config.retained;
    // The witness of two locations keeps its vote where it stands, which is the third.
    if (before.length === 2 && locations.length === 3)
      partOf(config, "postgres").witness = locations.find((location) => !before.includes(location));
  };

/** Another primary location, after a planned switchover to it. */
export const withPrimary =
  (location: string): Move =>
  (config) => {
    const locations = locationsOf(config);
    const postgres = partOf(config, "postgres");
    const { nodes } = postgres;
    // A number is that of the primary location, which is about to be another.
    if (typeof nodes === "number")
      postgres.nodes = Object.fromEntries(locations.map((name, index) => [name, index === 0 ? nodes : 1]));
    config.locations = [location, ...locations.filter((other) => other !== location)];
  };

/** What stands at the edge, and the data classes of all that stands in the core. */
export interface EdgeOfMove {
  readonly edge: Values;
  readonly classes: Readonly<Record<"workload" | "redis" | "monitoring" | "postgres", readonly string[]>>;
}

export const toHybrid =
  ({ edge, classes }: EdgeOfMove): Move =>
  (config) => {
    config.topology = "hybrid";
    config.edge = edge;
    const postgres = partOf(config, "postgres");
    const parts: [Values, readonly string[]][] = [
      [partOf(partOf(config, "app"), "workload"), classes.workload],
      [partOf(config, "redis"), classes.redis],
      [partOf(config, "monitoring"), classes.monitoring],
      [postgres, classes.postgres],
      ...(postgres.backup ? [[postgres.backup as Values, classes.postgres] as [Values, readonly string[]]] : []),
    ];
    for (const [part, own] of parts) part.classes = [...own];
  };

/** Out of hybrid: the core stays as it is. */
export const withoutEdge: Move = (config) => {
  config.topology = "multi-region-eu";
  delete config.edge;
};

/** Back to the primary location; the others keep what holds data. */
export const intoOne: Move = (config) => {
  const [first, ...others] = locationsOf(config);
  config.topology = "single-region";
  config.location = first;
  config.retained = others;
  delete config.locations;
  delete config.edge;
};

/** Without the locations that only kept data. */
export const lettingGo: Move = (config) => {
  const [first] = locationsOf(config);
  const postgres = partOf(config, "postgres");
  if (typeof postgres.nodes === "object" && postgres.nodes !== null)
    postgres.nodes = (postgres.nodes as Record<string, number>)[first!];
  delete postgres.witness;
  delete config.retained;
};

/** Larger machines, and larger volumes. */
export const withLargerPostgres =
  (larger: { readonly serverType: string; readonly storageGb: number }): Move =>
  (config) => {
    Object.assign(partOf(config, "postgres"), larger);
  };

/** The role in a machine's name, or in that of a thing of its own such as a volume; undefined where it has none. Stacks may be called `my-app-x`. */
export const roleOf = (name: string): string | undefined => /^.*-([a-z]+)-[a-z]{3}\d?-\d+(?:-|$)/.exec(name)?.[1];

/** Whether what has this name may be made anew as often as one likes: app servers, edge sites and what is theirs. */
export const isStateless = (name: string): boolean => ["app", "edge", "tools"].includes(roleOf(name) ?? "");

/** Whether a resource, such as `Server shop-app-fsn1-1`, holds data or is what others know a stack by: all of the provider's but what is stateless and what only ties things together. */
export const holdsData = (resource: string): boolean =>
  /^(Server|Volume|VolumeAttachment|Network|LoadBalancer|PrimaryIp|Zone) /.test(resource) && !isStateless(resource);

/** What holds data and was replaced or deleted: none, whatever the move. */
export const lostOf = ({ replaced = [], deleted = [] }: Changes): string[] =>
  [...replaced, ...deleted].filter(holdsData);

/** Machines and entrances that were made. */
export const made = ({ changes }: { readonly changes: Changes }): string[] =>
  (changes.created ?? []).filter((name) => /^(Server|LoadBalancer) /.test(name));
