/** The configuration that a choice leads to. */
import { readFileSync } from "node:fs";
import { parse as parseDomain } from "tldts";
import { parse } from "yaml";
import { euLocations, findLocation, type LocationName } from "../../catalogue/hetzner/locations.ts";
import { stackConfigFile } from "../project.ts";
import type { Answers } from "./answers.ts";
import type { Candidate } from "./candidates.ts";

/** Keys of a stack's configuration without their namespace, in the order in which they are written. */
export type ConfigInput = Readonly<Record<string, unknown>>;

/** The name that is registered: `example.eu` of `shop.example.eu`. */
export const registrable = (domain: string): string =>
  parseDomain(domain, { allowPrivateDomains: true }).domain ?? domain;

/** Domain of a site outside the core: one wildcard certificate serves all of them, and is none for the core. */
export function edgeDomain(domain: string, location: LocationName): string {
  const name = `${location}.edge.${registrable(domain)}`;
  return name === domain ? `static.${name}` : name;
}

/** Whether the stack answers for its own names: what leads visitors away from a location that is lost. */
export const hasOwnDns = ({ locations }: Pick<Candidate, "locations">): boolean => locations.length > 1;

/** The example shop, as its own stack runs it. */
function exampleWorkload(): Record<string, unknown> {
  const file = parse(readFileSync(stackConfigFile("single-region"), "utf8"));
  const { classes: _, ...workload } = file.config["sovereign:app"].workload;
  return workload;
}

/** Buckets are named by everybody in one space: after the domain. */
const bucketName = (domain: string): string => `${domain.replaceAll(".", "-").slice(0, 55).replace(/-$/, "")}-backups`;

/** The provider's object storage: where nothing stands if there is such a location, and never the primary's. */
function storeOf({ backup, domain }: Answers, { locations }: Candidate) {
  if (backup === "none") return false;
  if (backup !== "hetzner") return backup;
  const region = euLocations().find((name) => !locations.includes(name)) ?? locations.at(-1)!;
  return {
    endpoint: `${region}.your-objectstorage.com`,
    country: findLocation(region)!.country,
    region,
    bucket: bucketName(domain),
  };
}

function edgePathsOf({ data, edgePaths }: Answers) {
  return (
    edgePaths ??
    (["static", "public"] as const)
      .filter((name) => data.includes(name))
      .map((name) => ({ path: name === "static" ? "/assets/" : "/public/", class: name }))
  );
}

function edgeOf(answers: Answers, edges: readonly LocationName[]) {
  const paths = edgePathsOf(answers);
  return {
    admin: {
      cidrs: answers.admins,
      sshKeys: answers.edgeSshKeys.map((publicKey, index) => ({ name: `edge-${index + 1}`, publicKey })),
    },
    sites: edges.map((location) => ({
      kind: "static-cache",
      location,
      domain: edgeDomain(answers.domain, location),
      classes: [...new Set(paths.map((path) => path.class))],
      certificate: { kind: "uploaded" },
      paths,
    })),
  };
}

function dnsOf({ domain, zoneExists }: Answers, candidate: Candidate) {
  return hasOwnDns(candidate) ? { zone: domain, servers: "own" } : { zone: registrable(domain), create: !zoneExists };
}

export const topologyOf = ({ locations }: Candidate, edges: readonly LocationName[]) =>
  edges.length > 0 ? "hybrid" : locations.length > 1 ? "multi-region-eu" : "single-region";

/**
 * @param edges locations outside the EU with a cache of public content
 * @param workload what runs on the app servers unless an image was given. @default the example shop
 */
export function configOf(
  answers: Answers,
  candidate: Candidate,
  edges: readonly LocationName[],
  workload: Readonly<Record<string, unknown>> = exampleWorkload(),
): ConfigInput {
  const { domain, data, admins, sshKeys, image } = answers;
  const topology = topologyOf(candidate, edges);
  const store = storeOf(answers, candidate);
  return {
    topology,
    ...(topology === "single-region" ? { location: candidate.locations[0] } : { locations: candidate.locations }),
    domain,
    dns: dnsOf(answers, candidate),
    ...(hasOwnDns(candidate) ? { loadBalancer: { certificate: { kind: "uploaded" } } } : {}),
    admin: {
      cidrs: admins,
      sshKeys: sshKeys.map((publicKey, index) => ({ name: `operations-${index + 1}`, publicKey })),
    },
    app: {
      servers: candidate.appServers,
      workload: { classes: data, ...(image === undefined ? workload : { kind: "container", image }) },
    },
    redis: { classes: data, nodes: candidate.redisNodes },
    monitoring: { classes: data },
    postgres: {
      classes: data,
      ...(candidate.locations.length === 1 ? { nodes: candidate.postgresNodes } : {}),
      durability: candidate.durability,
      backup: store && { classes: data, ...store },
    },
    ...(edges.length > 0 ? { edge: edgeOf(answers, edges) } : {}),
  };
}
