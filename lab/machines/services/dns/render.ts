/** Configuration of the authoritative server (PowerDNS) and of the resolver (unbound). */
import { serviceFolder } from "../in-tree.ts";
import type { Delegations } from "./delegations.ts";
import type { ServedZone } from "./zones.ts";

/** pdns.conf: zones from files, nothing else. */
export function renderPdns(address: string): string {
  return `launch=bind
bind-config=${serviceFolder}/named.conf
# Only when told to.
bind-check-interval=0
local-address=${address}
socket-dir=${serviceFolder}
setuid=pdns
setgid=pdns
disable-axfr=yes
version-string=anonymous
security-poll-suffix=
# A record that was changed is answered at once.
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
`;
}

/** The list of zones, in BIND's format. */
export function renderZoneList(zones: readonly ServedZone[]): string {
  return zones.map(({ name, file }) => `zone "${name}" { type master; file "${serviceFolder}/${file}"; };\n`).join("");
}

export interface ResolverSpec {
  /** Addresses to answer at. */
  readonly addresses: readonly string[];
  readonly authoritative: string;
  /** Names of the zones that the authoritative server knows. */
  readonly zones: readonly string[];
  /** Zones that others answer for; one that the authoritative server knows too is theirs. */
  readonly delegations: Delegations;
  /** Addresses of names outside all zones; names below them have the same address. */
  readonly hosts: Readonly<Record<string, string>>;
}

/** Seconds for which machines may keep the address of a host of the lab. */
const HOST_TTL = 60;

/** unbound.conf: zones by the authoritative server or those that they are delegated to, hosts from here, and no way to anything else. */
export function renderUnbound({ addresses, authoritative, zones, delegations, hosts }: ResolverSpec): string {
  const servers: [string, readonly string[]][] = [
    ...zones.filter((zone) => !(zone in delegations)).map((zone): [string, string[]] => [zone, [authoritative]]),
    ...Object.entries(delegations),
  ];
  return `server:
  directory: "${serviceFolder}"
  chroot: ""
  username: "unbound"
  pidfile: ""
  use-syslog: no
  log-time-ascii: no
  verbosity: 0
  num-threads: 1
${addresses.map((address) => `  interface: ${address}\n`).join("")}  access-control: 0.0.0.0/0 allow
  access-control: ::/0 allow
  module-config: "iterator"
  do-not-query-localhost: no
  hide-version: yes
  # Nobody outside is asked: what is not named below does not exist.
  local-zone: "." static
${servers.map(([zone]) => `  local-zone: "${zone}." transparent\n`).join("")}${Object.entries(hosts)
  .map(([name, address]) => `  local-zone: "${name}." redirect\n  local-data: "${name}. ${HOST_TTL} A ${address}"\n`)
  .join("")}
remote-control:
  control-enable: yes
  control-interface: ${serviceFolder}/control.sock
  control-use-cert: no

${servers.map(([zone, own]) => `stub-zone:\n  name: "${zone}."\n${own.map((address) => `  stub-addr: ${address}\n`).join("")}\n`).join("")}`;
}
