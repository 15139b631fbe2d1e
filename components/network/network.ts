import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { findLocation, type LocationName, locations } from "../../catalogue/hetzner/locations.ts";
import { type NetworkPlan, planNetwork, type SubnetRole } from "./plan.ts";

export interface NetworkArgs {
  /** Private IPv4 range, /20 or larger. A change replaces the network: refused while anything stateful stands in it. @default "10.0.0.0/16" */
  readonly cidr?: string;
  /** Locations whose subnets are made, all in one network zone. Adding one moves nothing. */
  readonly locations: readonly LocationName[];
  /** Roles whose subnets are made, in every location or by location. Adding one moves nothing. */
  readonly roles: readonly SubnetRole[] | ((location: LocationName) => readonly SubnetRole[]);
  readonly labels?: Readonly<Record<string, string>>;
  /** Keeps the network from being deleted, in the engine and at the provider. @default true */
  readonly protect?: boolean;
}

/**
 * The private network with one subnet per role and location, from one address plan.
 *
 * Cost: free. Limits: 100 servers and load balancers, 50 subnets.
 */
export class Network extends pulumi.ComponentResource {
  readonly plan: NetworkPlan;
  readonly locations: readonly LocationName[];
  readonly id: pulumi.Output<number>;
  readonly #subnets = new Map<string, hcloud.NetworkSubnet>();

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sovereign:network:Network", name, {}, opts);
    const protect = args.protect ?? true;
    this.plan = planNetwork(args.cidr ?? "10.0.0.0/16");
    this.locations = args.locations;
    const network = new hcloud.Network(
      name,
      { name, ipRange: this.plan.cidr, labels: { ...args.labels }, deleteProtection: protect },
      { parent: this, protect },
    );
    this.id = network.id.apply(Number);
    for (const location of args.locations) {
      for (const role of typeof args.roles === "function" ? args.roles(location) : args.roles) {
        const subnet = new hcloud.NetworkSubnet(
          `${name}-${role}-${location}`,
          {
            networkId: this.id,
            type: "cloud",
            networkZone: findLocation(location)!.networkZone,
            ipRange: this.plan.subnet(role, location),
          },
          { parent: this },
        );
        this.#subnets.set(`${role} ${location}`, subnet);
      }
    }
    this.registerOutputs({ id: this.id, cidr: this.plan.cidr });
  }

  /** The subnet of a role. Throws when it was not asked for. */
  subnet(role: SubnetRole, location: LocationName): hcloud.NetworkSubnet {
    const subnet = this.#subnets.get(`${role} ${location}`);
    if (!subnet)
      throw new Error(`the network has no subnet for ${role} in ${location}: name the role in NetworkArgs.roles`);
    return subnet;
  }

  /**
   * Ranges of a role in every location of the network's zone, whether its subnet is made or not: what a machine lets in does not change
   * when a location is added, so the new one is let in by machines that keep their user data.
   */
  ranges(role: SubnetRole): string[] {
    const zone = findLocation(this.locations[0] ?? "")?.networkZone;
    return locations.filter((l) => l.networkZone === zone).map((l) => this.plan.subnet(role, l.name));
  }
}
