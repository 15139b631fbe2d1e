import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { findLocation, type LocationName } from "../../catalogue/hetzner/locations.ts";
import type { ServerTypeName } from "../../catalogue/hetzner/server-types.ts";
import { type CostItem, serverCost } from "../cost.ts";
import type { Role } from "../host/role.ts";
import { secretNames } from "../host/secret-token.ts";
import { secretUserData } from "../host/secret-user-data.ts";
import { encodeUserData, renderCloudConfig, userDataProblem } from "../host/user-data.ts";
import { composeEdgeMachine, type EdgeMachine } from "./machine.ts";

export interface EdgeHostArgs {
  readonly location: LocationName;
  /** Changed in place, with a power-off. */
  readonly serverType: ServerTypeName;
  readonly roles: readonly Role[];
  /** Values for the secret tokens in the roles' files: the site's own, never the core's. */
  readonly secrets?: Readonly<Record<string, pulumi.Input<string>>>;
  readonly firewallId: pulumi.Input<number>;
  readonly sshKeys: readonly pulumi.Input<string>[];
  readonly placementGroupId?: pulumi.Input<number>;
  /** With the data classes. */
  readonly labels: Readonly<Record<string, string>>;
  /** @default "debian-13" */
  readonly image?: string;
  /** Last word on the server's arguments. */
  readonly transform?: { readonly server?: (args: hcloud.ServerArgs) => hcloud.ServerArgs };
}

/**
 * A server with a public address and nothing else: no private network, no certificate of the core, no agents. Stateless, replaced
 * create-before-delete. As for hosts of the core, what is on it can be read as the component's input `userData`.
 *
 * Cost: the server type and 0.50 EUR for IPv4, each month; more outside the EU.
 */
export class EdgeHost extends pulumi.ComponentResource {
  readonly hostname: string;
  readonly location: LocationName;
  readonly serverType: ServerTypeName;
  readonly machine: EdgeMachine;
  readonly server: hcloud.Server;
  readonly ipv4: pulumi.Output<string>;
  readonly ipv6: pulumi.Output<string>;
  readonly costs: readonly CostItem[];

  constructor(name: string, args: EdgeHostArgs, opts?: pulumi.ComponentResourceOptions) {
    const machine = composeEdgeMachine(name, args.roles);
    const cloudConfig = renderCloudConfig(machine.cloudConfig);
    // For reading alone: how small it is does not matter, how long it takes does.
    const readable = encodeUserData(cloudConfig, 1);
    const tooLarge = userDataProblem(machine.cloudConfig, cloudConfig, readable);
    if (tooLarge) throw new pulumi.RunError(tooLarge);

    super("sovereign:edge:EdgeHost", name, { userData: readable, egress: machine.egress, stateful: false }, opts);
    this.hostname = name;
    this.location = args.location;
    this.serverType = args.serverType;
    this.machine = machine;
    this.server = new hcloud.Server(
      name,
      (args.transform?.server ?? ((a) => a))({
        serverType: args.serverType,
        location: args.location,
        labels: { ...args.labels },
        image: args.image ?? "debian-13",
        sshKeys: [...args.sshKeys],
        userData: this.#userData(cloudConfig, args.secrets ?? {}),
        firewallIds: [args.firewallId],
        placementGroupId: args.placementGroupId,
        keepDisk: true,
        shutdownBeforeDeletion: true,
      }),
      { parent: this, ignoreChanges: ["sshKeys"] },
    );
    this.ipv4 = this.server.ipv4Address;
    this.ipv6 = this.server.ipv6Address;
    const cost = serverCost(name, args.serverType);
    // Outside the EU the provider charges more; how much is not in our price list.
    this.costs = [findLocation(args.location)?.eu ? cost : { ...cost, monthlyEur: null }];
    this.registerOutputs({ hostname: name, ipv4: this.ipv4, ipv6: this.ipv6 });
  }

  /** The user data with its secrets; readable as a whole where it has none. */
  #userData(cloudConfig: string, given: Readonly<Record<string, pulumi.Input<string>>>): pulumi.Input<string> {
    return secretNames(cloudConfig).length === 0
      ? encodeUserData(cloudConfig)
      : secretUserData(this.hostname, cloudConfig, given);
  }
}
