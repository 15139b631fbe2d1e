import { resolve } from "node:path";
import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { closest } from "fastest-levenshtein";
import type { LocationName } from "../catalogue/hetzner/locations.ts";
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
  /** What is wrong with `protection.except` once everything is created: names that nothing has. */
  exceptionProblems(): string[];
  /** Role of the host that watches the monitoring host; undefined where there would be nobody to tell. */
  readonly watchedFrom: SubnetRole | undefined;
}

/** Ground that every topology stands on: network, certificates, public firewall, administrators' keys. */
export function createPlatform(config: StackConfig, name: string, roles: readonly SubnetRole[]): StackPlatform {
  if (!new RegExp(`^[a-z][a-z0-9-]{0,${longestName - 1}}$`).test(name)) {
    throw new pulumi.RunError(
      `stack name ${name}: it becomes part of host names; use at most ${longestName} of a-z, 0-9 and -, beginning with a letter`,
    );
  }
  const location = config.location as LocationName;
  const labels = { stack: name, "managed-by": "sovereign" };
  const exceptions = new Set(config.protection.except);
  const known = new Set<string>();
  const isProtected = (resource: string) => {
    known.add(resource);
    return !exceptions.has("*") && !exceptions.has(resource);
  };
  const network = new Network(name, {
    cidr: config.network.cidr,
    locations: [location],
    roles,
    labels,
    protect: isProtected(name),
  });
  const firewall = new PublicFirewall(`${name}-public`, { adminCidrs: config.admin.cidrs.map((c) => c.cidr), labels });
  const monitoring = {
    name: hostName({ name, location }, "monitoring", 1),
    address: network.plan.address("monitoring", location, 1),
  };
  const receivers = receiversOf(config);
  const isWatched = watchReceivers(receivers.map(plainReceiver)).length > 0;
  const watch = ({ role, ordinal }: HostPlace) =>
    isWatched && role === watcherPlace.role && ordinal === watcherPlace.ordinal
      ? [
          watchRole({
            stack: name,
            location,
            name: hostName({ name, location }, role, ordinal),
            watched: monitoring,
            receivers: receivers.map(plainReceiver),
          }),
        ]
      : [];
  return {
    name,
    location,
    network,
    pki: new Pki(`${name}-pki`, { generation: config.pki.generation, protect: isProtected(`${name}-pki`) }),
    sshKeys: config.admin.sshKeys.map(
      (key) =>
        new hcloud.SshKey(`${name}-${key.name}`, { name: `${name}-${key.name}`, publicKey: key.publicKey, labels }).id,
    ),
    commonRoles: (host) => [
      agentsRole({
        journalUrl: host.role === "monitoring" ? undefined : journalUrl(monitoring.address),
        isStateless: host.isStateless,
      }),
      ...watch(host),
    ],
    commonSecrets: receiverSecrets(receivers),
    watchedFrom: isWatched ? watcherPlace.role : undefined,
    labels,
    egress: egressOf(config.egress, resolve(import.meta.dirname, "..")),
    isProtected,
    exceptionProblems: () =>
      [...exceptions]
        .filter((exception) => exception !== "*" && !known.has(exception))
        .map(
          (exception) =>
            `protection.except: nothing is called ${exception}; did you mean ${closest(exception, [...known])}?`,
        ),
    publicFirewallId: firewall.id,
  };
}
