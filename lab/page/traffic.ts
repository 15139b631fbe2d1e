/** The part of the view that leads traffic to servers: load balancers, firewalls, DNS. */
import type { Lab } from "../api/core/lab.ts";
import { rrsetsOf } from "../api/kinds/dns/zone-access.ts";
import { firewallsOf } from "../api/kinds/firewalls.ts";
import { renderTarget } from "../api/kinds/load-balancers/health.ts";
import type { Service } from "../api/kinds/load-balancers/services.ts";
import { ATTACHMENTS, FIREWALLS, type FirewallRecord, type FirewallRule, SERVERS } from "../api/model.ts";
import { LOAD_BALANCERS, type LoadBalancerRecord, ZONES, type ZoneRecord } from "../api/model-traffic.ts";
import { listed } from "./listed.ts";
import type { FirewallView, Health, Listed, LoadBalancerView, ServiceView, ZoneView } from "./model.ts";

/** Targets, rules or record sets of one thing that are shown at most. */
const MAX_PARTS = 100;
/** Characters of a DNS record's value that are shown: a key in a TXT record has hundreds. */
const MAX_VALUE = 120;

/** What the API shows of a target, as far as it is needed here. */
interface RenderedTarget {
  readonly server?: { readonly id: number };
  readonly ip?: { readonly ip: string };
  readonly targets?: readonly RenderedTarget[];
  readonly health_status?: readonly { readonly listen_port: number; readonly status: Health }[];
}

export function loadBalancersView(lab: Lab): Listed<LoadBalancerView> {
  return listed(lab, LOAD_BALANCERS, (balancer) => loadBalancerView(lab, balancer));
}

function loadBalancerView(lab: Lab, balancer: LoadBalancerRecord): LoadBalancerView {
  const { id, name, type, location, algorithm, public_net, services } = balancer;
  const targets = balancer.targets.flatMap((target) => {
    const rendered = renderTarget(lab, balancer, target) as RenderedTarget;
    return rendered.targets ?? [rendered];
  });
  return {
    id,
    name,
    type,
    location,
    algorithm,
    publicIps: public_net.enabled ? [public_net.ipv4.ip, public_net.ipv6.ip] : [],
    privateIps: lab.store.by(ATTACHMENTS, "owner", `load_balancer ${id}`).map(({ ip }) => ip),
    services: services.map((service) => serviceView(lab, service, targets)),
  };
}

const WORST_FIRST: readonly Health[] = ["unhealthy", "unknown", "healthy"];

function serviceView(lab: Lab, service: Service, targets: readonly RenderedTarget[]): ServiceView {
  const seen = targets.map((target) => ({
    name: target.server ? (lab.store.get(SERVERS, target.server.id)?.name ?? "") : (target.ip?.ip ?? ""),
    health: target.health_status?.find((one) => one.listen_port === service.listen_port)?.status ?? "unknown",
  }));
  const count = (wanted: Health) => seen.filter(({ health }) => health === wanted).length;
  return {
    protocol: service.protocol,
    listenPort: service.listen_port,
    destinationPort: service.destination_port,
    check: checkOf(service),
    healthy: count("healthy"),
    unhealthy: count("unhealthy"),
    total: seen.length,
    targets: seen.sort((a, b) => WORST_FIRST.indexOf(a.health) - WORST_FIRST.indexOf(b.health)).slice(0, MAX_PARTS),
  };
}

function checkOf({ health_check: { protocol, port, interval, http } }: Service): string {
  // A query may carry a key.
  const path = protocol === "http" ? (http?.path ?? "").replace(/[?#].*$/, "") : "";
  return `${protocol} :${port}${path} every ${interval} s`;
}

export function firewallsView(lab: Lab): Listed<FirewallView> {
  const servers = new Map<number, number>();
  for (const server of lab.store.all(SERVERS))
    for (const { id } of firewallsOf(lab, server)) servers.set(id, (servers.get(id) ?? 0) + 1);
  return listed(lab, FIREWALLS, (firewall) => firewallView(firewall, servers.get(firewall.id) ?? 0));
}

function firewallView({ id, name, rules, applied_to }: FirewallRecord, servers: number): FirewallView {
  return {
    id,
    name,
    rules: rules.slice(0, MAX_PARTS).map(ruleText),
    selectors: applied_to.flatMap((target) => (target.type === "label_selector" ? [target.selector] : [])),
    servers,
  };
}

function ruleText({ direction, protocol, port, source_ips, destination_ips }: FirewallRule): string {
  const [way, ips] = direction === "in" ? ["from", source_ips] : ["to", destination_ips];
  return [direction, protocol, ...(port === null ? [] : [port]), way, ips.join(", ")].join(" ");
}

export function zonesView(lab: Lab): Listed<ZoneView> {
  return listed(lab, ZONES, (zone) => zoneView(lab, zone));
}

function zoneView(lab: Lab, zone: ZoneRecord): ZoneView {
  const { id, name, mode, ttl } = zone;
  const rrsets = rrsetsOf(lab, zone);
  return {
    id,
    name,
    mode,
    ttl,
    total: rrsets.length,
    records: rrsets.slice(0, MAX_PARTS).map((rrset) => ({
      name: rrset.name,
      type: rrset.type,
      ttl: rrset.ttl ?? ttl,
      values: rrset.records.map(({ value }) => shortened(value)),
    })),
  };
}

const shortened = (text: string): string => (text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text);
