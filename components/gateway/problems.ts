import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { isLocationName, type LocationName } from "../../catalogue/hetzner/locations.ts";
import { findServerType, type ServerTypeName } from "../../catalogue/hetzner/server-types.ts";
import type { NearbyClients } from "./entrances.ts";
import { isHostName } from "./names.ts";
import { type DnsRecord, recordProblems, servedNameProblem } from "./records.ts";
import { statusName } from "./zone.ts";

/** What can be judged of a gateway's arguments before any address is known. */
export interface GatewayFacts {
  readonly zone: string;
  readonly servedNames: readonly string[];
  readonly entrances: readonly { readonly location: LocationName; readonly drained?: boolean }[];
  readonly near: readonly NearbyClients[];
  readonly healthUrl: string;
  readonly readyUrl: string;
  readonly ttlSeconds: number;
  readonly records: readonly DnsRecord[];
  readonly nameServers: readonly { readonly name: string; readonly location: LocationName }[];
  /** Where this one stands. */
  readonly location: LocationName;
  readonly serverType: ServerTypeName;
  readonly generation: number;
}

/** One answer names them all, and each network is compared with at each question. */
const [mostServedNames, mostNetworks] = [50, 100];
const [shortestTtl, longestTtl] = [1, 300];
const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 80) ?? "undefined";

const repeated = <T>(values: readonly T[]): T[] => [
  ...new Set(values.filter((value, index) => values.indexOf(value) !== index)),
];

/** Without a port: the server sends its questions to 443 or 80 of the address that is checked. */
const checkedUrl = /^https?:\/\/([a-z0-9.-]+)(\/[\w.~/-]*)$/;

function nearProblems(near: readonly NearbyClients[], locations: readonly LocationName[]): string[] {
  const networks = near.flatMap((clients) => clients.networks);
  return [
    ...near.flatMap(({ location, networks: own }, index) => [
      ...(locations.includes(location) ? [] : [`near[${index}].location: ${shown(location)} has no entrance`]),
      ...own
        .filter((network) => !ipaddr.isValidCIDR(network) || isIP(network.split("/")[0]!) === 0)
        .map((network) => `near[${index}].networks: ${shown(network)} is not a range such as 192.0.2.0/24`),
    ]),
    ...repeated(near.map(({ location }) => location)).map((location) => `near: ${location} is named twice`),
    ...repeated(networks).map((network) => `near: ${network} is named twice`),
    ...(networks.length > mostNetworks ? [`near: ${networks.length} networks are more than ${mostNetworks}`] : []),
  ];
}

/** Everything wrong with the arguments, each with the field; empty when nothing is. */
export function gatewayProblems(facts: GatewayFacts): string[] {
  const { zone, servedNames, entrances, nameServers } = facts;
  const problems: string[] = [];
  if (!isHostName(zone)) return [`zone: ${shown(zone)} is not a domain name in lower case, without a dot at its end`];
  if (servedNames.length === 0) problems.push("servedNames: is empty, so nothing would lead to the entrances");
  if (servedNames.length > mostServedNames)
    problems.push(`servedNames: ${servedNames.length} are more than ${mostServedNames}`);
  const ownNames = [...nameServers.map(({ name }) => name), statusName(zone)];
  for (const name of servedNames) {
    const problem = servedNameProblem(name, zone);
    if (problem) problems.push(`servedNames: ${problem}`);
    if (ownNames.includes(name)) problems.push(`servedNames: ${name} is the name servers' own`);
  }
  for (const name of repeated(servedNames)) problems.push(`servedNames: ${name} is named twice`);
  if (entrances.every((entrance) => entrance.drained)) {
    problems.push("entrances: none is left: name at least one that is not drained");
  }
  for (const { location } of entrances) {
    if (!isLocationName(location)) problems.push(`entrances: ${shown(location)} is not a location`);
  }
  for (const location of repeated(entrances.map((e) => e.location)))
    problems.push(`entrances: ${location} is named twice`);
  for (const key of ["healthUrl", "readyUrl"] as const) {
    const host = checkedUrl.exec(facts[key])?.[1];
    if (!host || !isHostName(host))
      problems.push(`${key}: ${shown(facts[key])} is not a URL such as https://${zone}/healthz, without a port`);
  }
  if (!(Number.isInteger(facts.ttlSeconds) && facts.ttlSeconds >= shortestTtl && facts.ttlSeconds <= longestTtl)) {
    problems.push(`ttlSeconds: ${facts.ttlSeconds} is not a whole number from ${shortestTtl} to ${longestTtl}`);
  }
  if (!nameServers.some(({ location }) => location === facts.location)) {
    problems.push(`nameServers: none is in ${facts.location}, where this gateway stands`);
  }
  if (!findServerType(facts.serverType)) problems.push(`serverType: ${shown(facts.serverType)} is not known`);
  if (!(Number.isInteger(facts.generation) && facts.generation >= 1)) {
    problems.push(`generation: ${facts.generation} is not a whole number from 1`);
  }
  return [
    ...problems,
    ...nearProblems(
      facts.near,
      entrances.map((entrance) => entrance.location),
    ),
    ...recordProblems(facts.records, { zone, servedNames, ownNames }),
  ];
}
