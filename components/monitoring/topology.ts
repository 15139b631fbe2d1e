import type { LocationName } from "../../catalogue/hetzner/locations.ts";
import type { ScrapeTarget } from "../host/role.ts";
import type { NetworkPlan, SubnetRole } from "../network/plan.ts";

/** A machine as the monitoring sees it. */
export interface MonitoredHost {
  readonly name: string;
  readonly role: SubnetRole;
  readonly location: LocationName;
  /** Planned private address; undefined where the provider chooses one and the monitoring has to find the machine itself. */
  readonly address: string | undefined;
  readonly scrape: readonly ScrapeTarget[];
}

/** Machines of one role in one location that come and go: found by their node exporter in the role's subnet. */
export interface DiscoveredHosts {
  readonly role: SubnetRole;
  readonly location: LocationName;
  /** Range that is swept. */
  readonly subnet: string;
  readonly scrape: readonly ScrapeTarget[];
}

/** A host whose address is known beforehand. */
export type PlannedHost = MonitoredHost & { readonly address: string };

/** Everything to scrape, by how it is found. The number of discovered machines is not in it: scaling changes no file. */
export interface Topology {
  readonly planned: readonly PlannedHost[];
  readonly discovered: readonly DiscoveredHosts[];
}

/** Splits hosts by whether their address is planned; those without are found in the subnet of their role. */
export function topologyOf(hosts: readonly MonitoredHost[], plan: Pick<NetworkPlan, "subnet">): Topology {
  const planned = hosts.filter((host): host is PlannedHost => host.address !== undefined);
  const groups = new Map<string, MonitoredHost[]>();
  for (const host of hosts.filter((host) => host.address === undefined)) {
    const subnet = plan.subnet(host.role, host.location);
    groups.set(subnet, [...(groups.get(subnet) ?? []), host]);
  }
  return {
    planned,
    discovered: [...groups].map(([subnet, members]) => ({
      role: members[0]!.role,
      location: members[0]!.location,
      subnet,
      scrape: distinct(members.flatMap((member) => member.scrape)),
    })),
  };
}

/** Names of the jobs that have at least one target, sorted. */
export function jobsOf(topology: Topology): string[] {
  const targets = [...topology.planned, ...topology.discovered].flatMap((source) => source.scrape);
  return [...new Set(targets.map((target) => target.job))].sort();
}

function distinct(targets: readonly ScrapeTarget[]): ScrapeTarget[] {
  return [...new Map(targets.map((target) => [`${target.job} ${target.port} ${target.path ?? ""}`, target])).values()];
}

/** The path as a label that Prometheus takes for this target alone. */
export function pathLabel(target: ScrapeTarget): Record<string, string> {
  return target.path === undefined ? {} : { __metrics_path__: target.path };
}
