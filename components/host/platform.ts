import type * as pulumi from "@pulumi/pulumi";
import type { LocationName } from "../../catalogue/hetzner/locations.ts";
import type { Network } from "../network/network.ts";
import type { SubnetRole } from "../network/plan.ts";
import type { Pki } from "../pki/pki.ts";
import type { EgressPolicy } from "./egress.ts";
import type { Role } from "./role.ts";

/** A machine as the parts that are on many of them tell machines apart. */
export interface HostPlace {
  readonly role: SubnetRole;
  /** From 1. */
  readonly ordinal: number;
  /** Whether it is replaced freely, with whatever is on it. */
  readonly isStateless: boolean;
}

/** What every part of a deployment stands on. */
export interface Platform {
  /** Prefix of every resource: the stack's name. */
  readonly name: string;
  readonly location: LocationName;
  /** The same ground in another location: everything but `location` and the agents' settings is shared. */
  readonly at: (location: LocationName) => Platform;
  readonly network: Network;
  readonly pki: Pki;
  /** Names or ids of SSH keys put on new machines. */
  readonly sshKeys: pulumi.Input<pulumi.Input<string>[]>;
  /** Labels for every resource that takes some. */
  readonly labels: Readonly<Record<string, string>>;
  /** Roles that a machine has besides its own: the agents of monitoring. */
  readonly commonRoles: (host: HostPlace) => readonly Role[];
  /** Values for the secret tokens in the files of those roles. @default none */
  readonly commonSecrets?: Readonly<Record<string, pulumi.Input<string>>>;
  /** What machines of a role may reach outside besides their own needs. @default everything goes out */
  readonly egress?: ((role: SubnetRole) => EgressPolicy) | undefined;
  /** Whether a stateful resource is kept from being replaced or deleted: all are that the config does not name. */
  readonly isProtected: (name: string) => boolean;
  /** Generation of one machine with data, in place of its part's. @default the part's */
  readonly generationOf?: ((host: string) => number | undefined) | undefined;
  /** Id of the firewall that closes the public side of every machine but for SSH from the administrators' ranges. */
  readonly publicFirewallId: pulumi.Input<number>;
}

/** `<stack>-<role>-<location>-<ordinal>`. */
export function hostName(platform: Pick<Platform, "name" | "location">, role: string, ordinal: number): string {
  return `${platform.name}-${role}-${platform.location}-${ordinal}`;
}
