import { resolve } from "node:path";
import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { closest } from "fastest-levenshtein";
import { type LocationName, locationNames } from "../catalogue/hetzner/locations.ts";
import { type HostPlace, hostName, type Platform } from "../components/host/platform.ts";
import { agentsRole, journalUrl } from "../components/monitoring/agents.ts";
import { plainReceiver, receiverSecrets } from "../components/monitoring/monitoring.ts";
import { watcherPlace, watchReceivers, watchRole } from "../components/monitoring/watch.ts";
import { Network } from "../components/network/network.ts";
import type { SubnetRole } from "../components/network/plan.ts";
import { PublicFirewall } from "../components/network/public-firewall.ts";
import { Pki } from "../components/pki/pki.ts";
import type { StackConfig } from "./config/schema.ts";
import { egressOf } from "./egress.ts";
import { receiversOf } from "./receivers.ts";

/** Longest stack name: it begins every resource's name, and host names end at 63 characters. */
const longestName = 24;

/** A platform that knows what its configuration says of protection. */
export interface StackPlatform extends Platform {
  readonly at: (location: LocationName) => StackPlatform;
  /** What is wrong with `protection.except` and `generations` once everything is created: names that nothing has. */
  exceptionProblems(): string[];
  /** Role of the host that watches the monitoring host; undefined where there would be nobody to tell. */
  readonly watchedFrom: SubnetRole | undefined;
}

/** Where a topology stands. */
export interface Ground {
  /** Locations with a monitoring host of their own, the primary first. Each is watched from the one before it. */
  readonly monitored: readonly LocationName[];
  /** Roles that have machines in a location; none where the topology has nothing. */
  readonly roles: (location: LocationName) => readonly SubnetRole[];
}

/** On everything that a stack makes. */
export const stackLabels = (stack: string) => ({ stack, "managed-by": "sovereign" });

/** Ground that every topology stands on: network, certificates, public firewall, administrators' keys. In the primary location. */
export function createPlatform(config: StackConfig, name: string, { monitored, roles }: Ground): StackPlatform {
  if (!new RegExp(`^[a-z][a-z0-9-]{0,${longestName - 1}}$`).test(name)) {
    throw new pulumi.RunError(
      `stack name ${name}: it becomes part of host names; use at most ${longestName} of a-z, 0-9 and -, beginning with a letter`,
    );
  }
  const primary = monitored[0]!;
  const labels = stackLabels(name);
  const exceptions = new Set(config.protection.except);
  const known = new Set<string>();
  const isProtected = (resource: string) => {
    known.add(resource);
    return !exceptions.has("*") && !exceptions.has(resource);
  };
  const machines = new Set<string>();
  const generationOf = (host: string) => {
    machines.add(host);
    return config.generations[host];
  };
  const network = new Network(name, {
    cidr: config.network.cidr,
    locations: locationNames.filter((location) => roles(location).length > 0),
    roles,
    labels,
    protect: isProtected(name),
  });
  const firewall = new PublicFirewall(`${name}-public`, { adminCidrs: config.admin.cidrs.map((c) => c.cidr), labels });
  const monitoringIn = (location: LocationName) => ({
    name: hostName({ name, location }, "monitoring", 1),
    address: network.plan.address("monitoring", location, 1),
  });
  /** A location without one tells the primary's. */
  const nearest = (location: LocationName) => monitoringIn(monitored.includes(location) ? location : primary);
  const receivers = receiversOf(config);
  const isWatched = watchReceivers(receivers.map(plainReceiver)).length > 0;
  const watch = (location: LocationName, { role, ordinal }: HostPlace) => {
    const place = monitored.indexOf(location);
    if (!isWatched || place < 0 || role !== watcherPlace.role || ordinal !== watcherPlace.ordinal) return [];
    const watched = monitored[(place + 1) % monitored.length]!;
    return [
      watchRole({
        stack: name,
        location,
        name: hostName({ name, location }, role, ordinal),
        watched: monitoringIn(watched),
        receivers: receivers.map(plainReceiver),
      }),
    ];
  };
  const common = {
    name,
    network,
    pki: new Pki(`${name}-pki`, { generation: config.pki.generation, protect: isProtected(`${name}-pki`) }),
    sshKeys: config.admin.sshKeys.map(
      (key) =>
        new hcloud.SshKey(`${name}-${key.name}`, { name: `${name}-${key.name}`, publicKey: key.publicKey, labels }).id,
    ),
    commonSecrets: receiverSecrets(receivers),
    watchedFrom: isWatched ? watcherPlace.role : undefined,
    labels,
    egress: egressOf(config.egress, resolve(import.meta.dirname, "..")),
    isProtected,
    generationOf,
    publicFirewallId: firewall.id,
    exceptionProblems: () => [
      ...unknownNames(
        "protection.except",
        [...exceptions].filter((exception) => exception !== "*"),
        known,
      ),
      ...unknownNames("generations", Object.keys(config.generations), machines),
    ],
  };
  const at = (location: LocationName): StackPlatform => ({
    ...common,
    location,
    at,
    commonRoles: (host) => [
      agentsRole({
        journalUrl: host.role === "monitoring" ? undefined : journalUrl(nearest(location).address),
        isStateless: host.isStateless,
      }),
      ...watch(location, host),
    ],
  });
  return at(primary);
}

/** Names in a setting that nothing has. */
function unknownNames(setting: string, names: readonly string[], known: ReadonlySet<string>): string[] {
  return names
    .filter((name) => !known.has(name))
    .map((name) => `${setting}: nothing is called ${name}; did you mean ${closest(name, [...known])}?`);
}
