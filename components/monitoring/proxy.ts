import type { Role } from "../host/role.ts";
import { type SubnetRole, subnetRoles } from "../network/plan.ts";
import { tlsPaths } from "../pki/paths.ts";
import { ports } from "../ports.ts";
import { renderHealthProxy } from "./health.ts";

export interface ProxySpec {
  /** Private address of the monitoring host. */
  readonly address: string;
  /** Role of the host that watches this one. @default nobody does */
  readonly watchedFrom?: SubnetRole | undefined;
}

/** Wherever machines of the core stand, now or later: a load balancer's subnet has none, and the edge is outside. */
const senders = subnetRoles.filter((role) => role !== "load-balancer" && role !== "edge");

/** What other machines reach of the monitoring host, by TLS and with a certificate of the stack's authority only. */
export function proxyRole(spec: ProxySpec): Role {
  const { watchedFrom } = spec;
  return {
    name: "monitoring-proxy",
    packages: ["haproxy"],
    files: [{ path: "/etc/haproxy/haproxy.cfg", content: renderProxy(spec) }],
    units: [{ name: "haproxy.service" }],
    openings: [
      { port: ports.journalRemote, from: senders, purpose: "journals of all machines" },
      ...(watchedFrom === undefined
        ? []
        : [{ port: ports.health, from: [watchedFrom], purpose: "whether Prometheus and Alertmanager work" }]),
    ],
    scrape: [],
  };
}

/** A sender of journals keeps its connection open for as long as it runs, mostly silent. */
export function renderProxy(spec: Pick<ProxySpec, "address" | "watchedFrom">): string {
  return `global
    log /dev/log local0 notice
    chroot /var/lib/haproxy
    user haproxy
    group haproxy
    maxconn 2000
    ssl-default-bind-options ssl-min-ver TLSv1.2

defaults
    mode tcp
    log global
    timeout connect 5s
    timeout client 1d
    timeout server 1d
    option clitcpka

listen journals
    bind ${spec.address}:${ports.journalRemote} ssl crt ${tlsPaths.bundle} ca-file ${tlsPaths.ca} verify required
    server local 127.0.0.1:${ports.journalSink}
${spec.watchedFrom === undefined ? "" : renderHealthProxy(spec.address)}`;
}
