/** Keys that say where a stack stands, and what they have to do with each other. */
import { z } from "zod";
import { euLocations, type LocationName } from "../../catalogue/hetzner/locations.ts";
import { totalNodes } from "../../components/postgres/members.ts";
import { type NodeCounts, nodesIn, servingOf, usualLocations } from "../places.ts";
import { location } from "./fields.ts";

const fromTwo = ["multi-region-eu", "hybrid"] as const;

export const topologyKeys = {
  topology: z
    .enum(["single-region", ...fromTwo])
    .describe(
      "single-region: everything in one location. multi-region-eu: two or three, any of which may be lost. hybrid: the same or one location, and edge sites for public content that may be outside the EU",
    ),
  location: location
    .optional()
    .describe(
      "Of `single-region`: location of every machine; default: fsn1. A change would replace everything: to move, use `multi-region-eu`",
    ),
  locations: z
    .array(location)
    .min(1)
    .max(3)
    .refine((given) => new Set(given).size === given.length, "names one twice")
    .optional()
    .describe(
      `Of the other topologies, in order: primary, secondary, tertiary; default: ${usualLocations.join(", ")}. One can be added, in place. Another primary: switch over to it first`,
    ),
  retained: z
    .array(location)
    .max(2)
    .default([])
    .describe(
      "Locations that no longer serve, and keep what holds data until they are taken out here: the way back from more locations",
    ),
};

/** Data nodes: a number, or one for each location. */
export const postgresNodes = z
  .union(
    [
      z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)]),
      z.strictObject(
        Object.fromEntries(euLocations().map((name) => [name, z.int().min(1).max(5).optional()])) as Record<
          keyof NodeCounts & string,
          z.ZodOptional<z.ZodInt>
        >,
      ),
    ],
    { error: "is neither a number from 1 to 5 nor one for each location, such as {fsn1: 3, nbg1: 1, hel1: 1}" },
  )
  .describe(
    "Primary and replicas; default: 3 in one location, 1 in each of several. A number is that of the primary location, and others have 1; or one for each: {fsn1: 3, nbg1: 1, hel1: 1}",
  );

interface Placed {
  readonly topology: "single-region" | (typeof fromTwo)[number];
  readonly location?: LocationName | undefined;
  readonly locations?: readonly LocationName[] | undefined;
  readonly retained: readonly LocationName[];
  readonly postgres: {
    readonly nodes?: number | NodeCounts | undefined;
    readonly witness?: boolean | LocationName | undefined;
    readonly generation: number | readonly number[];
    readonly backup: false | { readonly endpoint: string };
  };
  readonly dns?: { readonly servers: "provider" | "own"; readonly drained: readonly LocationName[] } | undefined;
  readonly loadBalancer: { readonly certificate: { readonly kind: string } };
}

/** What is wrong with where a stack stands. */
export function checkPlaces(config: Placed, context: z.RefinementCtx): void {
  const problem = (path: (string | number)[], message: string, input?: unknown) =>
    context.addIssue({ code: "custom", path, message, input });
  const { topology, retained, postgres, dns } = config;
  if (topology === "single-region" && config.locations)
    problem(["locations"], "is for multi-region-eu and hybrid: single-region has `location`", config.locations);
  if (topology !== "single-region" && config.location)
    problem(["location"], `is for single-region: ${topology} has \`locations\`, the primary's first`, config.location);
  if (topology === "multi-region-eu" && config.locations?.length === 1)
    problem(["locations"], "is one location: name two or three, or use single-region", config.locations);

  const serving = servingOf(config);
  const stays = [...serving, ...retained];
  for (const [index, name] of retained.entries())
    if (serving.includes(name)) problem(["retained", index], "serves: it is among the locations already", name);
  if (typeof postgres.nodes === "object") {
    for (const name of Object.keys(postgres.nodes) as LocationName[])
      if (!stays.includes(name))
        problem(["postgres", "nodes", name], `is for ${name}, no location of this stack`, postgres.nodes[name]);
    if (!postgres.nodes[serving[0]!])
      problem(["postgres", "nodes"], `has none in ${serving[0]}, the primary location`, postgres.nodes);
  }
  const all = totalNodes(nodesIn(postgres.nodes, stays));
  if (typeof postgres.generation === "object" && postgres.generation.length !== all)
    problem(["postgres", "generation"], `is for another number of nodes than ${all}`, postgres.generation);
  if (stays.length === 1) {
    if (dns?.servers === "own")
      problem(["dns", "servers"], "needs two locations, so that the loss of one is not that of the zone", "own");
  } else if (postgres.backup !== false && postgres.backup.endpoint.startsWith(`${serving[0]}.`)) {
    const message = `is in ${serving[0]}, the primary location: backups have to outlive it; use a store in another`;
    problem(["postgres", "backup", "endpoint"], message, postgres.backup.endpoint);
  }
  for (const [index, name] of (dns?.drained ?? []).entries())
    if (!serving.includes(name)) problem(["dns", "drained", index], "is no serving location", name);
  if (dns && serving.every((name) => dns.drained.includes(name)) && dns.drained.length > 0)
    problem(["dns", "drained"], "is every location: nobody could come in", dns.drained);
  if (dns?.servers === "own" && config.loadBalancer.certificate.kind === "managed") {
    const message = "is proven by a record in the provider's DNS, which does not have the zone: use uploaded";
    problem(["loadBalancer", "certificate", "kind"], message, "managed");
  }
  if (typeof postgres.witness === "string" && stays.includes(postgres.witness) && stays.length === 2)
    problem(
      ["postgres", "witness"],
      "is a location with nodes: its vote would be lost together with theirs",
      postgres.witness,
    );
}
