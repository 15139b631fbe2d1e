import { locations } from "../../catalogue/hetzner/locations.ts";
import { ACTIONS } from "../api/core/actions.ts";
import type { Fault } from "../api/core/faults.ts";
import { attachmentsOf } from "../api/core/ipam.ts";
import { holds, parseCidr, parseIpv4 } from "../api/core/ipv4.ts";
import type { Lab } from "../api/core/lab.ts";
import type { BaseRecord, Collection } from "../api/core/store.ts";
import { firewallsOf } from "../api/kinds/firewalls.ts";
import {
  ATTACHMENTS,
  NETWORKS,
  type NetworkRecord,
  PRIMARY_IPS,
  SERVERS,
  type ServerRecord,
  VOLUMES,
  type VolumeRecord,
} from "../api/model.ts";
import { FLOATING_IPS, LOAD_BALANCERS } from "../api/model-traffic.ts";
import type { Calls } from "./calls.ts";
import { byName, grouped, listed } from "./listed.ts";
import type {
  FaultView,
  LabFacts,
  Level,
  LocationView,
  NetworkView,
  PageView,
  ServerView,
  VolumeView,
} from "./model.ts";
import { firewallsView, loadBalancersView, zonesView } from "./traffic.ts";

/** What stands behind the servers and what happens to them now, looked up once per view. */
interface Activity {
  /** By server; undefined when the driver has no machines. */
  readonly booted: ReadonlyMap<number, boolean> | undefined;
  /** Command of the action that runs, by server. */
  readonly actions: ReadonlyMap<number, string>;
}

/** Everything that the page shows of a lab. Reads only. */
export function pageView(lab: Lab, calls: Pick<Calls, "last" | "total">, started: string): PageView {
  const activity = activityOf(lab);
  return {
    lab: factsOf(lab, activity, calls.total, started),
    locations: locationsView(lab, activity),
    servers: listed(lab, SERVERS, (server) => serverView(lab, server, activity)),
    loadBalancers: loadBalancersView(lab),
    networks: listed(lab, NETWORKS, (network) => networkView(lab, network)),
    volumes: listed(lab, VOLUMES, (volume) => volumeView(lab, volume)),
    firewalls: firewallsView(lab),
    zones: zonesView(lab),
    faults: lab.faults.list().map(faultView),
    calls: calls.last(),
  };
}

function activityOf(lab: Lab): Activity {
  const machines = lab.driver.machines?.();
  const actions = new Map<number, string>();
  // What comes after a creation counts as running from the beginning; the first is what happens now.
  const running = lab.store.by(ACTIONS, "running", "yes").sort((a, b) => b.startedMs - a.startedMs || b.id - a.id);
  for (const action of running)
    for (const { type, id } of action.locks) if (type === "server") actions.set(id, action.command);
  return { booted: machines && new Map(machines.map(({ server, booted }) => [server, booted])), actions };
}

function factsOf(lab: Lab, { booted }: Activity, calls: number, started: string): LabFacts {
  const { [ACTIONS.name]: kept = 0, ...records } = lab.store.counts();
  const up = [...(booted?.values() ?? [])].filter(Boolean).length;
  return {
    name: lab.name,
    started,
    driver: lab.driver.name,
    machines: booted ? { booted: up, booting: booted.size - up } : null,
    actions: { running: lab.store.by(ACTIONS, "running", "yes").length, kept },
    records: Object.entries(records)
      .filter(([, count]) => count > 0)
      .map(([kind, count]) => ({ kind, count })),
    calls,
  };
}

/** Well is a server that runs and, where machines stand behind the servers, has booted. */
function levelOf({ id, status }: ServerRecord, { booted }: Activity): Level {
  if (status === "running") return booted === undefined || booted.get(id) ? "good" : "busy";
  return status === "off" || status === "unknown" ? "bad" : "busy";
}

function machineOf(server: ServerRecord, { booted }: Activity): ServerView["machine"] {
  const state = booted?.get(server.id);
  if (state === undefined) return null;
  return state ? "booted" : "booting";
}

const roleOf = (server: ServerRecord): string => server.labels.role ?? "";

function serverView(lab: Lab, server: ServerRecord, activity: Activity): ServerView {
  const { id, name, status, server_type, location } = server;
  const { store } = lab;
  const ips = [...store.by(PRIMARY_IPS, "server", id), ...store.by(FLOATING_IPS, "server", id)];
  return {
    id,
    name,
    status,
    level: levelOf(server, activity),
    machine: machineOf(server, activity),
    action: activity.actions.get(id) ?? null,
    type: server_type,
    location,
    role: roleOf(server),
    privateIps: attachmentsOf(lab, { type: "server", id }).flatMap(({ ip, alias_ips }) => [ip, ...alias_ips]),
    publicIps: ips.sort((a, b) => a.type.localeCompare(b.type) || a.id - b.id).map(({ ip }) => ip),
    volumes: store.by(VOLUMES, "server", id).map((volume) => volume.name),
    firewalls: firewallsOf(lab, server).map((firewall) => firewall.name),
  };
}

function locationsView(lab: Lab, activity: Activity): LocationView[] {
  const servers = grouped(lab.store.all(SERVERS), (server) => server.location);
  const countAt = <T extends BaseRecord & { location: string }>(of: Collection<T>, name: string) =>
    lab.store.all(of).filter((record) => record.location === name).length;
  return locations
    .map(({ name, city, country, eu, networkZone }) => ({
      name,
      city,
      country,
      eu,
      networkZone,
      roles: rolesOf(servers.get(name) ?? [], activity),
      loadBalancers: countAt(LOAD_BALANCERS, name),
      volumes: countAt(VOLUMES, name),
    }))
    .filter(({ roles, loadBalancers, volumes }) => roles.length + loadBalancers + volumes > 0);
}

function rolesOf(servers: readonly ServerRecord[], activity: Activity): LocationView["roles"] {
  return [...grouped(servers, roleOf)]
    .sort(([a], [b]) => byName(a, b))
    .map(([role, members]) => {
      const levels = members.map((server) => levelOf(server, activity));
      const count = (wanted: Level) => levels.filter((level) => level === wanted).length;
      return { role, well: count("good"), changing: count("busy"), off: count("bad") };
    });
}

function networkView(lab: Lab, { id, name, ip_range, subnets, routes }: NetworkRecord): NetworkView {
  const addresses = lab.store.by(ATTACHMENTS, "network", id).map(({ ip }) => parseIpv4(ip)!);
  return {
    id,
    name,
    range: ip_range,
    subnets: subnets.map((subnet) => {
      const range = parseCidr(subnet.ip_range)!;
      return {
        range: subnet.ip_range,
        type: subnet.type,
        zone: subnet.network_zone,
        attached: addresses.filter((address) => holds(range, address)).length,
      };
    }),
    routes: routes.map(({ destination, gateway }) => `${destination} via ${gateway}`),
  };
}

function volumeView(lab: Lab, volume: VolumeRecord): VolumeView {
  const { id, name, size, format, location, status, server, protection } = volume;
  const owner = server === null ? undefined : lab.store.get(SERVERS, server);
  return { id, name, size, format, location, status, server: owner?.name ?? null, protected: protection.delete };
}

function faultView({ id, type, hits, count, ...settings }: Fault): FaultView {
  const shown = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  return { id, type, settings: shown.join(", "), hits, left: count === undefined ? null : Math.max(0, count - hits) };
}
