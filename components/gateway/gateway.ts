import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import type { LocationName } from "../../catalogue/hetzner/locations.ts";
import type { ServerTypeName } from "../../catalogue/hetzner/server-types.ts";
import type { CostItem } from "../cost.ts";
import { Host, type HostArgs } from "../host/host.ts";
import { hostName, type Platform } from "../host/platform.ts";
import type { PublicOpening } from "../host/role.ts";
import { fillSecrets, secretToken } from "../host/secret-token.ts";
import type { NameServer, NameServerAddresses } from "./addresses.ts";
import type { EntranceSpec, NearbyClients } from "./entrances.ts";
import { gatewayProblems } from "./problems.ts";
import type { DnsRecord } from "./records.ts";
import { type GatewaySpec, gatewayRole } from "./role.ts";
import { renderZone, serialOf } from "./zone.ts";

/** The way into one location: its load balancer's public addresses. */
export interface Entrance {
  readonly location: LocationName;
  readonly ipv4: pulumi.Input<string>;
  readonly ipv6?: pulumi.Input<string>;
  /** Left out of every answer. @default false */
  readonly drained?: boolean;
}

export interface GatewayArgs {
  /** Of the location that the gateway stands in; it is the gateway with the ordinal 1 there. */
  readonly platform: Platform;
  /** Those of all gateways, this one's location among them. A changed zone is a new set of name servers. */
  readonly addresses: NameServerAddresses;
  /** Whole names that lead to the entrances, such as `shop.example.eu`. A change reaches gateways with their next generation. */
  readonly servedNames: readonly string[];
  /** In order: a client is led to the first healthy one. The same for all gateways. With the next generation. */
  readonly entrances: readonly Entrance[];
  /** Clients that are led to another location first, and then by the distance from there. With the next generation. @default none */
  readonly near?: readonly NearbyClients[];
  /**
   * Asked of every entrance, by its address and under this name; only the status 200 is healthy. With the next generation.
   * @default `https://<first served name>/healthz`
   */
  readonly healthUrl?: string;
  /**
   * Asked likewise: 200 where an entrance also reaches its data. One that does not is left out while another one does. With the next generation.
   * @default `https://<first served name>/readyz/location`
   */
  readonly readyUrl?: string;
  /** Seconds that resolvers may keep an entrance's address, 1 to 300. With the next generation. @default 5 */
  readonly ttlSeconds?: number;
  /** The zone's other records. With the next generation. @default none */
  readonly records?: readonly DnsRecord[];
  /** Changed in place, with a power-off: one gateway at a time. @default "cpx12" */
  readonly serverType?: ServerTypeName;
  /** Raised, replaces the machine with today's user data, image and keys; its addresses stay. One gateway at a time. @default 1 */
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly transform?: HostArgs["transform"];
}

/** Together with a TTL of 5 s an entrance that is lost is out of every resolver's memory 10 s later. */
const health = { intervalSeconds: 2, timeoutSeconds: 3 };
const defaultTtlSeconds = 5;
const ordinal = 1;

const serialToken = "dns.serial";
const nameServerToken = (index: number, family: string): string => `dns.ns${index + 1}.${family}`;
const entranceToken = (location: string, family: string): string => `dns.entrance.${location}.${family}`;

const urlOf = ({ healthUrl, servedNames }: Pick<GatewayArgs, "healthUrl" | "servedNames">): string =>
  healthUrl ?? `https://${servedNames[0]}/healthz`;

/** The name server's files, with tokens for what is known only once it exists. */
export function gatewaySpec(args: GatewayArgs): GatewaySpec {
  const { addresses, platform } = args;
  return {
    zone: addresses.zone,
    index: addresses.nameServers.findIndex(({ location }) => location === platform.location),
    nameServers: addresses.nameServers.map(({ name }, index) => ({
      name,
      ipv4: secretToken(nameServerToken(index, "ipv4")),
      ipv6: secretToken(nameServerToken(index, "ipv6")),
    })),
    servedNames: args.servedNames,
    entrances: args.entrances.map(
      ({ location, ipv6, drained }): EntranceSpec => ({
        location,
        ipv4: secretToken(entranceToken(location, "ipv4")),
        ipv6: ipv6 === undefined ? undefined : secretToken(entranceToken(location, "ipv6")),
        isDrained: drained ?? false,
      }),
    ),
    near: args.near ?? [],
    health: {
      url: urlOf(args),
      readyUrl: args.readyUrl ?? `https://${args.servedNames[0]}/readyz/location`,
      ...health,
    },
    ttlSeconds: args.ttlSeconds ?? defaultTtlSeconds,
    records: args.records ?? [],
    serial: secretToken(serialToken),
    monitoringRanges: platform.network.ranges("monitoring"),
  };
}

/** Values of the tokens. The serial follows from the zone with its addresses. */
function tokenValues(args: GatewayArgs, spec: GatewaySpec): Record<string, pulumi.Input<string>> {
  const known: Record<string, pulumi.Input<string>> = Object.fromEntries([
    ...args.addresses.nameServers.flatMap(({ ipv4, ipv6 }, index) => [
      [nameServerToken(index, "ipv4"), ipv4],
      [nameServerToken(index, "ipv6"), ipv6],
    ]),
    ...args.entrances.flatMap(({ location, ipv4, ipv6 }) => [
      [entranceToken(location, "ipv4"), ipv4],
      ...(ipv6 === undefined ? [] : [[entranceToken(location, "ipv6"), ipv6]]),
    ]),
  ]);
  const serial = pulumi
    .all(known)
    .apply((values) => String(serialOf(fillSecrets(renderZone(spec), { ...values, [serialToken]: "" }))));
  return { ...known, [serialToken]: serial };
}

/**
 * An authoritative name server of the zone, which leads clients to the first healthy location: PowerDNS asks each
 * load balancer every 2 s and leaves out those that do not answer. Have one in each of two or three locations.
 *
 * Cost: 11.99 EUR each month (cpx12 with its IPv4 address).
 *
 * @throws RunError with every problem of the arguments
 */
export class Gateway extends pulumi.ComponentResource {
  readonly host: Host;
  readonly nameServer: NameServer;
  readonly costs: readonly CostItem[];

  constructor(name: string, args: GatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    const { platform, addresses, serverType = "cpx12", generation = 1 } = args;
    const { location } = platform;
    const spec = gatewaySpec(args);
    const problems = gatewayProblems({
      zone: addresses.zone,
      nameServers: addresses.nameServers,
      servedNames: args.servedNames,
      entrances: args.entrances,
      near: spec.near,
      healthUrl: spec.health.url,
      readyUrl: spec.health.readyUrl,
      ttlSeconds: spec.ttlSeconds,
      records: spec.records,
      location,
      serverType,
      generation,
    });
    if (problems.length) throw new pulumi.RunError(`${name}: ${problems.join("; ")}`);
    super("sovereign:gateway:Gateway", name, {}, opts);

    this.nameServer = addresses.nameServers[spec.index]!;
    const hostname = hostName(platform, "gateway", ordinal);
    const role = gatewayRole(spec);
    const firewallId = this.#firewall(hostname, args, role.publicOpenings ?? []);
    const { ipv4Id, ipv6Id } = this.nameServer;
    this.host = new Host(
      hostname,
      {
        platform,
        role: "gateway",
        ordinal,
        serverType,
        state: { kind: "stateful", address: platform.network.plan.address("gateway", location, ordinal), generation },
        roles: [role],
        secrets: tokenValues(args, spec),
        ...(args.labels ? { labels: args.labels } : {}),
        transform: {
          ...args.transform,
          server: (server) =>
            (args.transform?.server ?? ((a) => a))({
              ...server,
              firewallIds: [platform.publicFirewallId, firewallId],
              publicNets: [{ ipv4Enabled: true, ipv4: ipv4Id, ipv6Enabled: true, ipv6: ipv6Id }],
            }),
        },
      },
      { parent: this },
    );
    this.costs = this.host.costs;
    this.registerOutputs({ name: this.nameServer.name });
  }

  /** What the provider lets in besides SSH. */
  #firewall(
    name: string,
    { platform, labels }: GatewayArgs,
    openings: readonly PublicOpening[],
  ): pulumi.Output<number> {
    return new hcloud.Firewall(
      name,
      {
        name,
        labels: { ...platform.labels, ...labels, role: "gateway" },
        rules: openings.map(({ port, protocol = "tcp", purpose }) => ({
          direction: "in",
          protocol,
          port: `${port}`,
          sourceIps: ["0.0.0.0/0", "::/0"],
          description: purpose,
        })),
      },
      { parent: this },
    ).id.apply(Number);
  }
}
