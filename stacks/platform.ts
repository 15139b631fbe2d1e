import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { closest } from "fastest-levenshtein";
import type { LocationName } from "../catalogue/hetzner/locations.ts";
import type { Platform } from "../components/host/platform.ts";
import { agentsRole, journalUrl } from "../components/monitoring/agents.ts";
import { Network } from "../components/network/network.ts";
import type { SubnetRole } from "../components/network/plan.ts";
import { PublicFirewall } from "../components/network/public-firewall.ts";
import { Pki } from "../components/pki/pki.ts";
import type { StackConfig } from "./config/schema.ts";

/** Longest stack name: it begins every resource's name, and host names end at 63 characters. */
const longestName = 24;

/** A platform that knows what its configuration says of protection. */
export interface StackPlatform extends Platform {
  /** What is wrong with `protection.except` once everything is created: names that nothing has. */
  exceptionProblems(): string[];
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
  const journal = journalUrl(network.plan.address("monitoring", location, 1));
  return {
    name,
    location,
    network,
    pki: new Pki(`${name}-pki`, { generation: config.pki.generation, protect: isProtected(`${name}-pki`) }),
    sshKeys: config.admin.sshKeys.map(
      (key) =>
        new hcloud.SshKey(`${name}-${key.name}`, { name: `${name}-${key.name}`, publicKey: key.publicKey, labels }).id,
    ),
    commonRoles: ({ role, isStateless }) => [
      agentsRole({ journalUrl: role === "monitoring" ? undefined : journal, isStateless }),
    ],
    labels,
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
