import type { Role } from "../host/role.ts";
import { ports } from "../ports.ts";
import { pdnsDropIn, renderPdns, renderZoneList, zoneFile, zoneList } from "./pdns.ts";
import { renderStatusProgram, statusProgram, statusService, statusTimer } from "./status.ts";
import { renderZone, statusName, type ZoneSpec } from "./zone.ts";

/** One name server, as its files need it. Addresses may be tokens. */
export interface GatewaySpec extends ZoneSpec {
  /** Its own place among `nameServers`, from 0. */
  readonly index: number;
  /** Ranges of the monitoring hosts. */
  readonly monitoringRanges: readonly string[];
}

/** The job of the name server's own metrics. */
export const dnsJob = "pdns";

/** Everything on a name server's machine. Pure: addresses that are not known yet are tokens, so files that hold some are the server's alone. */
export function gatewayRole(spec: GatewaySpec): Role {
  const own = spec.nameServers[spec.index];
  if (!own) throw new Error(`name server ${spec.index + 1} is not one of the ${spec.nameServers.length}`);
  const readable = { owner: "root:pdns", mode: "0640" };
  const { intervalSeconds } = spec.health;
  const { hostname, protocol } = new URL(spec.health.url);
  return {
    name: "gateway",
    packages: ["pdns-server", "pdns-backend-bind"],
    files: [
      {
        path: "/etc/powerdns/pdns.conf",
        content: renderPdns({ addresses: [own.ipv4, own.ipv6], intervalSeconds, metricsFrom: spec.monitoringRanges }),
        ...readable,
      },
      { path: zoneList, content: renderZoneList(spec.zone) },
      { path: zoneFile, content: renderZone(spec), ...readable },
      { path: statusProgram, content: renderStatusProgram(own.ipv4, statusName(spec.zone)), mode: "0750" },
    ],
    units: [
      { name: "pdns.service", dropIn: pdnsDropIn },
      { name: "sovereign-dns-status.service", content: statusService },
      { name: "sovereign-dns-status.timer", content: statusTimer },
    ],
    openings: [],
    publicOpenings: [
      { port: ports.dns, protocol: "udp", purpose: "DNS questions of the public" },
      { port: ports.dns, protocol: "tcp", purpose: "DNS questions of the public that are too long for UDP" },
    ],
    scrape: [{ job: dnsJob, port: ports.pdnsMetrics }],
    egress: [
      {
        host: hostname,
        port: protocol === "https:" ? 443 : 80,
        user: "pdns",
        purpose: "health checks of each location's load balancer",
      },
    ],
  };
}
