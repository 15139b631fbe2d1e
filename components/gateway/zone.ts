import { createHash } from "node:crypto";
import {
  answerable,
  type EntranceSpec,
  type HealthSpec,
  type NearbyClients,
  renderAnswer,
  renderStatus,
} from "./entrances.ts";
import { type DnsRecord, recordTtl, renderRecord } from "./records.ts";

/** A name server as the zone names it. Addresses may be tokens. */
export interface NameServerSpec {
  /** Whole name, such as `ns1.example.eu`. */
  readonly name: string;
  readonly ipv4: string;
  readonly ipv6: string;
}

export interface ZoneSpec {
  readonly zone: string;
  readonly nameServers: readonly NameServerSpec[];
  /** Whole names that lead to the entrances. */
  readonly servedNames: readonly string[];
  /** In order: the first healthy one is answered. */
  readonly entrances: readonly EntranceSpec[];
  readonly near: readonly NearbyClients[];
  readonly health: HealthSpec;
  /** Seconds that resolvers may keep an entrance's address. */
  readonly ttlSeconds: number;
  readonly records: readonly DnsRecord[];
  /** A token, as it follows from the addresses. */
  readonly serial: string;
}

/** Seconds that resolvers may keep who the name servers are. */
const nameServerTtl = 3600;
/** Seconds that resolvers may keep that a name does not exist. */
const negativeTtl = 60;

/** Name of the record that says which entrances are healthy. */
export const statusName = (zone: string): string => `_entrances.${zone}`;

/** Everything about the zone, in the format of RFC 1035. `LUA` is the server's own type: it answers as A, AAAA or TXT. */
export function renderZone(spec: ZoneSpec): string {
  const { zone, nameServers, servedNames, entrances, near, health, ttlSeconds } = spec;
  const lua = (name: string, type: string, code: string) => `${name}. ${ttlSeconds} IN LUA ${type} "${code}"\n`;
  const families = [
    ["A", "ipv4"],
    ["AAAA", "ipv6"],
  ] as const;
  const answers = families
    .filter(([, family]) => answerable(entrances, family).length > 0)
    .map(([type, family]) => ({ type, code: renderAnswer(entrances, near, health, family) }));
  return [
    `$TTL ${recordTtl}\n`,
    `${zone}. ${nameServerTtl} IN SOA ${nameServers[0]!.name}. hostmaster.${zone}. ${spec.serial} 3600 600 604800 ${negativeTtl}\n`,
    ...nameServers.map(({ name }) => `${zone}. ${nameServerTtl} IN NS ${name}.\n`),
    ...nameServers.flatMap(({ name, ipv4, ipv6 }) => [
      `${name}. ${nameServerTtl} IN A ${ipv4}\n`,
      `${name}. ${nameServerTtl} IN AAAA ${ipv6}\n`,
    ]),
    ...servedNames.flatMap((name) => answers.map(({ type, code }) => lua(name, type, code))),
    lua(statusName(zone), "TXT", renderStatus(entrances, health)),
    ...spec.records.map(renderRecord),
  ].join("");
}

/**
 * A serial that follows from the content, so that it is the same on all name servers when what they serve is the same. It does not
 * grow: nobody transfers the zone, each name server has it from the stack.
 */
export function serialOf(content: string): number {
  return createHash("sha256").update(content).digest().readUInt32BE(0) || 1;
}
