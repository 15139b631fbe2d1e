import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { ports } from "../ports.ts";
import {
  egressPaths,
  egressUser,
  renderEgressProxy,
  renderFindUser,
  renderMetrics,
  renderMetricsUnit,
  renderMirrors,
  renderProxyUnit,
} from "./egress-proxy.ts";
import type { EgressNeed, Role, ScrapeTarget } from "./role.ts";

/** What a machine may reach outside besides what its roles say they need. */
export interface EgressPolicy {
  /** Host names, `*.` and a domain, addresses or ranges: entries of the register. Reached on 443 and 80. */
  readonly approved: readonly string[];
  /** Addresses of the only DNS servers that are asked. */
  readonly resolvers: readonly string[];
}

/** A name, or with `*.` all below it, and a port. */
export interface NamedPort {
  readonly host: string;
  readonly port: number;
  readonly purpose: string;
}

/** A port outside, and the proxy's port on loopback that connections to it are led to. */
export interface ProxiedPort {
  readonly port: number;
  readonly localPort: number;
  /** How names are told apart there; `relay`: not at all, the port leads to one server. */
  readonly by: "tls" | "http" | "relay";
}

/** A port outside that a user reaches without the proxy. */
export interface DirectPort {
  readonly user: string;
  readonly port: number;
  readonly purpose: string;
}

/** All ways out of a machine, by how they are told apart. */
export interface Outgoing {
  /** By the name in the TLS hello. */
  readonly tls: readonly NamedPort[];
  /** By the Host header. */
  readonly http: readonly NamedPort[];
  /** One for each port: what is spoken there begins without a name. */
  readonly relays: readonly NamedPort[];
  readonly proxied: readonly ProxiedPort[];
  /** Addresses and ranges, which nothing needs to look at. */
  readonly addresses: readonly NamedPort[];
  /** Users that reach a port outside at whatever address they choose. */
  readonly direct: readonly DirectPort[];
  readonly resolvers: readonly string[];
}

/** The proxy's metrics: refused connections among them. */
export const egressJob = "egress";
export const egressScrape: ScrapeTarget = { job: egressJob, port: ports.egressMetrics };

const webPorts = [443, 80];
const approvedPurpose = "approved in the register";
const isAddress = (host: string): boolean => isIP(host) !== 0 || ipaddr.isValidCIDR(host);

/** `new URL` keeps the brackets of an IPv6 address. */
const bare = (host: string): string => host.replace(/^\[(.*)\]$/, "$1").toLowerCase();

function protocolOf({ port, protocol }: EgressNeed): NonNullable<EgressNeed["protocol"]> {
  return protocol ?? ({ 25: "relay", 80: "http", 123: "ntp", 587: "relay" } as const)[port] ?? "tls";
}

/** Each way once, in an order that the order of roles does not change. */
function distinct(ways: readonly NamedPort[]): NamedPort[] {
  const byPlace = new Map<string, NamedPort>();
  for (const way of ways) {
    const key = `${way.host}:${way.port}`;
    if (!byPlace.has(key)) byPlace.set(key, way);
  }
  return [...byPlace].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, way]) => way);
}

/** Sorts needs and approvals by how they are let out. Time is left out: the packet filter lets the time service out, and nobody else. */
export function outgoingOf(policy: EgressPolicy, needs: readonly EgressNeed[]): Outgoing {
  const stated = needs
    .filter((need) => need.user === undefined)
    .map((need) => ({ host: bare(need.host), port: need.port, purpose: need.purpose, protocol: protocolOf(need) }))
    .filter((need) => need.protocol !== "ntp");
  const approved = policy.approved.flatMap((host) =>
    webPorts.map((port) => ({
      host,
      port,
      purpose: approvedPurpose,
      protocol: protocolOf({ host, port, purpose: "" }),
    })),
  );
  const all = [...stated, ...approved];
  const named = all.filter((way) => !isAddress(way.host));
  const by = (protocol: string) => distinct(named.filter((way) => way.protocol === protocol).map(withoutProtocol));
  const [tls, http, relays] = [by("tls"), by("http"), by("relay")];
  return {
    tls,
    http,
    relays,
    proxied: proxiedPorts({ tls: [443, ...portsOf(tls)], http: [80, ...portsOf(http)], relay: portsOf(relays) }),
    addresses: distinct(all.filter((way) => isAddress(way.host)).map(withoutProtocol)),
    direct: needs.flatMap(({ user, port, purpose }) => (user === undefined ? [] : [{ user, port, purpose }])),
    resolvers: policy.resolvers,
  };
}

const portsOf = (ways: readonly NamedPort[]): number[] => ways.map((way) => way.port);

function proxiedPorts(byKind: Readonly<Record<ProxiedPort["by"], readonly number[]>>): ProxiedPort[] {
  const kinds = Object.keys(byKind) as ProxiedPort["by"][];
  return kinds
    .flatMap((by) => [...new Set(byKind[by])].sort((a, b) => a - b).map((port) => ({ port, by })))
    .map((way, index) => ({ ...way, localPort: ports.egress + index }));
}

const withoutProtocol = ({ host, port, purpose }: NamedPort): NamedPort => ({ host, port, purpose });

/** What cannot be told apart, for people; empty when all can. */
export function egressProblems({ proxied, relays, tls, http }: Outgoing): string[] {
  const mixed = proxied.filter((way, index) => proxied.findIndex((other) => other.port === way.port) < index);
  const shared = relays.filter((way, index) => relays.findIndex((other) => other.port === way.port) < index);
  const hosts = (port: number) =>
    [...tls, ...http, ...relays].filter((way) => way.port === port).map((way) => way.host);
  return [...mixed, ...shared].map(
    ({ port }) =>
      `egress to ${hosts(port).join(" and ")} on port ${port} cannot be told apart: use TLS from the first byte (https, or port 465 for mail), or another port`,
  );
}

/**
 * The proxy that lets a machine's connections out by name, without reading them: whoever connects, the name that was
 * stated is looked up anew, so that a false name leads to that name's server and nowhere else. The packet filter leads connections to it.
 * @param hasHaproxy whether another role runs Debian's own HAProxy service, which is masked otherwise
 */
export function egressRole(outgoing: Outgoing, privateRange: string, hasHaproxy: boolean): Role {
  const list = (ways: readonly NamedPort[]) =>
    ways.map(({ host, port }) => `${host.replace(/^\*/, "")}:${port}\n`).join("");
  const ways = [...outgoing.tls, ...outgoing.http];
  const isWildcard = ({ host }: NamedPort) => host.startsWith("*.");
  return {
    name: "egress",
    packages: ["haproxy"],
    files: [
      { path: egressPaths.config, content: renderEgressProxy(outgoing, privateRange) },
      { path: egressPaths.names, content: list(ways.filter((way) => !isWildcard(way))) },
      { path: egressPaths.suffixes, content: list(ways.filter(isWildcard)) },
      { path: egressPaths.findUser, content: renderFindUser() },
      { path: egressPaths.mirrorsScript, content: renderMirrors(), mode: "0755" },
      { path: egressPaths.metricsScript, content: renderMetrics(), mode: "0755" },
    ],
    units: [
      ...(hasHaproxy ? [] : [{ name: "haproxy.service", state: "masked" as const }]),
      { name: "sovereign-egress.service", content: renderProxyUnit() },
      { name: "sovereign-egress-metrics.service", content: renderMetricsUnit() },
    ],
    // Before the packet filter, which speaks of the user.
    setup: [`id -u ${egressUser} >/dev/null 2>&1 || useradd --system ${egressUser}`],
    openings: [],
    scrape: [egressScrape],
  };
}
