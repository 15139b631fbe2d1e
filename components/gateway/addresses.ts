import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import type { LocationName } from "../../catalogue/hetzner/locations.ts";
import { hostName, type Platform } from "../host/platform.ts";
import { isHostName } from "./names.ts";

export interface NameServerAddressesArgs {
  readonly platform: Platform;
  /** The name servers' names are in it: `ns1.<zone>`, `ns2.<zone>`, in the order of the locations. */
  readonly zone: string;
  /** One name server in each. At least two, so that the loss of one is not the loss of all. Append only: the names at the registrar stay. */
  readonly locations: readonly LocationName[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** A name server: what the registrar has to know, and what its machine needs. */
export interface NameServer {
  /** Whole name, such as `ns1.example.eu`. */
  readonly name: string;
  readonly location: LocationName;
  readonly ipv4: pulumi.Output<string>;
  readonly ipv6: pulumi.Output<string>;
  readonly ipv4Id: pulumi.Output<number>;
  readonly ipv6Id: pulumi.Output<number>;
}

/** The machine's own address in its IPv6 network, as the provider's image sets it: the first. */
export function firstAddress(network: string): string {
  const address = network.replace(/\/\d+$/, "");
  return address.endsWith("::") ? `${address}1` : address;
}

/** Everything wrong with the arguments, each with the field; empty when nothing is. */
export function nameServerProblems({ zone, locations }: Pick<NameServerAddressesArgs, "zone" | "locations">): string[] {
  return [
    ...(isHostName(zone) ? [] : [`zone: ${JSON.stringify(zone)} is not a domain name in lower case`]),
    ...(locations.length < 2
      ? ["locations: name at least two: with one name server, its loss is that of the zone"]
      : []),
    ...(new Set(locations).size < locations.length ? ["locations: one is named twice"] : []),
  ];
}

/**
 * The public addresses of the name servers. They are made before any machine, and outlive each: the registrar has them as glue
 * records, so that changing one takes days. Every gateway needs those of all.
 *
 * Cost: IPv4 0.50 EUR each month for each (part of the gateway's own cost line), IPv6 is free.
 *
 * @throws RunError with every problem of the arguments
 */
export class NameServerAddresses extends pulumi.ComponentResource {
  readonly zone: string;
  readonly nameServers: readonly NameServer[];

  constructor(name: string, args: NameServerAddressesArgs, opts?: pulumi.ComponentResourceOptions) {
    const problems = nameServerProblems(args);
    if (problems.length) throw new pulumi.RunError(`${name}: ${problems.join("; ")}`);
    super("sovereign:gateway:NameServerAddresses", name, {}, opts);
    this.zone = args.zone;
    this.nameServers = args.locations.map((location, index) => {
      const ip = (type: "ipv4" | "ipv6") => this.#primaryIp(args, location, type);
      const [ipv4, ipv6] = [ip("ipv4"), ip("ipv6")];
      return {
        name: `ns${index + 1}.${args.zone}`,
        location,
        ipv4: ipv4.ipAddress,
        ipv6: ipv6.ipAddress.apply(firstAddress),
        ipv4Id: ipv4.id.apply(Number),
        ipv6Id: ipv6.id.apply(Number),
      };
    });
    this.registerOutputs({ nameServers: this.nameServers.map(({ name, ipv4, ipv6 }) => ({ name, ipv4, ipv6 })) });
  }

  #primaryIp(args: NameServerAddressesArgs, location: LocationName, type: "ipv4" | "ipv6"): hcloud.PrimaryIp {
    const { platform } = args;
    const name = `${hostName({ name: platform.name, location }, "gateway", 1)}-${type}`;
    const protect = platform.isProtected(name);
    return new hcloud.PrimaryIp(
      name,
      {
        name,
        type,
        location,
        assigneeType: "server",
        autoDelete: false,
        deleteProtection: protect,
        labels: { ...platform.labels, ...args.labels, role: "gateway" },
      },
      { parent: this, protect },
    );
  }
}
