import { locationNames } from "../../../catalogue/hetzner/locations.ts";
import type { FirewallRule } from "../../api/model.ts";
import type { Attachment, Member, NetworkOf } from "./members.ts";
import {
  linkLocal,
  memberNamespace,
  networkNamespace,
  PRIVATE_MTU,
  PUBLIC,
  PUBLIC_GATEWAY_IPV4,
  PUBLIC_GATEWAY_IPV6,
  PUBLIC_MTU,
  privateDevice,
  publicMac,
  ROUTER_MAC,
  routerDevice,
  SERVICE_ADDRESSES,
  SERVICES,
} from "./names.ts";

/** The lab's network as it shall be. Everything is plain data, so that two plans can be compared. */
export interface Plan {
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** By a key of their own. */
  readonly links: ReadonlyMap<string, Link>;
}

export interface Namespace {
  readonly name: string;
  /** Below /proc/sys/net. */
  readonly settings: Readonly<Record<string, string>>;
  /** Addresses and routes that belong to no cable. */
  readonly entries: readonly Entry[];
  /** What passes; undefined where no packet is looked at. */
  readonly guard?: Guard | undefined;
}

/** Object and arguments of iproute2: `address 10.0.0.1/32 dev lo`, `route ...`, `neighbour ...`. */
export type Entry = `${"address" | "route" | "neighbour"} ${string}`;

export interface Guard {
  /** Devices that lead to members, by the member's id: where it is cut off. */
  readonly devices: ReadonlyMap<number, string>;
  /** Devices behind which a server with firewalls is. */
  readonly filtered: readonly { readonly device: string; readonly rules: readonly FirewallRule[] }[];
  readonly isPublic: boolean;
}

/** A cable between two namespaces. */
export interface Link {
  readonly mtu: number;
  readonly ends: readonly [LinkEnd, LinkEnd];
  /** Milliseconds that a packet takes each way; undefined: none. */
  readonly oneWayMs?: number | undefined;
}

export interface LinkEnd {
  readonly namespace: string;
  readonly device: string;
  readonly mac: string;
  readonly entries: readonly Entry[];
}

/** Time that packets take between two locations and back. */
export interface Delay {
  /** Names of the locations. */
  readonly between: readonly [string, string];
  /** Milliseconds. */
  readonly roundTripMs: number;
}

const ROUTER_SETTINGS = {
  "ipv4/ip_forward": "1",
  "ipv6/conf/all/forwarding": "1",
  // Nobody sends with an address that is somebody else's.
  "ipv4/conf/all/rp_filter": "1",
  "ipv4/conf/default/rp_filter": "1",
  "ipv4/conf/all/send_redirects": "0",
  "ipv4/conf/default/send_redirects": "0",
};
/** A new namespace begins with the host's settings for IPv4; a machine with Linux' own. */
const MACHINE_SETTINGS = {
  "ipv4/ip_forward": "0",
  "ipv4/conf/all/rp_filter": "0",
  "ipv4/conf/default/rp_filter": "0",
};

/** Swallows what leads nowhere without a word, as the provider does: a machine that is gone must not be told from one that is cut off. */
const NOWHERE: readonly Entry[] = ["route blackhole 0.0.0.0/0 metric 9999", "route blackhole ::/0 metric 9999"];

/** What the network shall be for the members that are there. */
export function planNetwork(members: readonly Member[], delays: readonly Delay[]): Plan {
  const namespaces = [publicNamespace(members), servicesNamespace(), ...members.map(memberNamespaceOf)];
  const links: [string, Link][] = [["services", servicesLink()]];
  for (const member of members) {
    const link = publicLink(member);
    if (link) links.push([`${PUBLIC}/${link.ends[0].device}`, link]);
  }
  for (const part of networkParts(members, delays.length > 0)) {
    namespaces.push(partNamespace(part));
    for (const { member, attachment } of part.members) {
      const device = routerDevice("private", member.type, member.id);
      links.push([`${part.name}/${device}`, privateLink(part.name, member, attachment)]);
    }
    for (const other of part.others) {
      if (part.location < other.location) links.push([`${part.name}/${other.name}`, trunk(part, other, delays)]);
    }
  }
  return { namespaces: new Map(namespaces.map((one) => [one.name, one])), links: new Map(links) };
}

function publicNamespace(members: readonly Member[]): Namespace {
  const cabled = members.filter((member) => publicLink(member) !== undefined);
  const deviceOf = ({ type, id }: Member) => routerDevice("public", type, id);
  return {
    name: PUBLIC,
    settings: ROUTER_SETTINGS,
    entries: [`address ${PUBLIC_GATEWAY_IPV4}/32 dev lo`, ...NOWHERE],
    guard: {
      devices: new Map(cabled.map((member) => [member.id, deviceOf(member)])),
      filtered: cabled.flatMap((member) =>
        member.firewall === undefined ? [] : [{ device: deviceOf(member), rules: member.firewall }],
      ),
      isPublic: true,
    },
  };
}

const servicesNamespace = (): Namespace => ({ name: SERVICES, settings: MACHINE_SETTINGS, entries: [] });

const memberNamespaceOf = ({ type, id }: Member): Namespace => ({
  name: memberNamespace(type, id),
  settings: MACHINE_SETTINGS,
  entries: [],
});

/** Both ends of a public interface that has these addresses; `network` is the interface's own IPv6 network. */
function publicEnds(
  router: { readonly namespace: string; readonly device: string },
  machine: { readonly namespace: string; readonly mac: string },
  ipv4: readonly string[],
  ipv6: readonly string[],
  floating: readonly string[],
): Link {
  const device = "eth0";
  const { mac } = machine;
  const local = linkLocal(mac);
  const leadHere = (ip: string): Entry[] =>
    ip.includes(":")
      ? [`route ${ip} via ${local} dev ${router.device}`]
      : [`neighbour ${ip} lladdr ${mac} dev ${router.device} nud permanent`, `route ${ip}/32 dev ${router.device}`];
  const routed = [...ipv4, ...ipv6, ...floating];
  return {
    mtu: PUBLIC_MTU,
    ends: [
      {
        ...router,
        mac: ROUTER_MAC,
        entries: [
          `address ${PUBLIC_GATEWAY_IPV6}/64 dev ${router.device} nodad`,
          `neighbour ${local} lladdr ${mac} dev ${router.device} nud permanent`,
          ...routed.flatMap(leadHere),
        ],
      },
      {
        ...machine,
        device,
        entries: [
          `address ${local}/64 dev ${device} nodad`,
          ...ipv4.map((ip): Entry => `address ${ip}/32 dev ${device}`),
          ...ipv6.map(
            (net): Entry => `address ${net.endsWith("::/64") ? `${net.slice(0, -3)}1/64` : net} dev ${device} nodad`,
          ),
          ...(ipv4.length === 0
            ? []
            : ([
                `route ${PUBLIC_GATEWAY_IPV4} dev ${device} scope link`,
                `route default via ${PUBLIC_GATEWAY_IPV4} dev ${device} onlink`,
              ] as const)),
          ...(ipv6.length === 0 ? [] : ([`route default via ${PUBLIC_GATEWAY_IPV6} dev ${device}`] as const)),
        ],
      },
    ],
  };
}

/** A member without any public address has no public interface. */
function publicLink({ type, id, ipv4, ipv6, floating }: Member): Link | undefined {
  if (ipv4 === undefined && ipv6 === undefined) return undefined;
  return publicEnds(
    { namespace: PUBLIC, device: routerDevice("public", type, id) },
    { namespace: memberNamespace(type, id), mac: publicMac(id) },
    ipv4 === undefined ? [] : [ipv4],
    ipv6 === undefined ? [] : [ipv6],
    floating,
  );
}

function servicesLink(): Link {
  const { resolvers, nameserver, objectStorage, webhook } = SERVICE_ADDRESSES;
  return publicEnds(
    { namespace: PUBLIC, device: SERVICES },
    { namespace: SERVICES, mac: publicMac(0) },
    [...resolvers.filter((ip) => !ip.includes(":")), nameserver, ...Object.values(objectStorage), webhook],
    resolvers.filter((ip) => ip.includes(":")).map((ip) => `${ip}/128`),
    [],
  );
}

/** A private network, or the part of it in one location when locations are apart. */
interface NetworkPart {
  readonly name: string;
  readonly network: NetworkOf;
  readonly location: string;
  readonly members: readonly { readonly member: Member; readonly attachment: Attachment }[];
  /** The other locations' parts of the same network. */
  readonly others: readonly NetworkPart[];
}

function networkParts(members: readonly Member[], apart: boolean): NetworkPart[] {
  const parts = new Map<string, NetworkPart & { members: NetworkPart["members"][number][]; others: NetworkPart[] }>();
  for (const member of members) {
    for (const attachment of member.attachments) {
      const { network } = attachment;
      const name = networkNamespace(network.id, apart ? member.location : undefined);
      const part = parts.get(name) ?? {
        name,
        network,
        location: apart ? member.location : "",
        members: [],
        others: [],
      };
      part.members.push({ member, attachment });
      parts.set(name, part);
    }
  }
  const all = [...parts.values()];
  for (const part of all) {
    part.others.push(...all.filter((one) => one !== part && one.network.id === part.network.id));
  }
  return all;
}

function partNamespace(part: NetworkPart): Namespace {
  const { gateway } = part.network;
  return {
    name: part.name,
    settings: ROUTER_SETTINGS,
    entries: [`address ${gateway}/32 dev lo`, ...NOWHERE],
    guard: {
      devices: new Map(part.members.map(({ member }) => [member.id, routerDevice("private", member.type, member.id)])),
      filtered: [],
      isPublic: false,
    },
  };
}

function privateLink(namespace: string, { type, id }: Member, { ip, aliases, mac, slot, network }: Attachment): Link {
  const own = [ip, ...aliases];
  const router = routerDevice("private", type, id);
  const device = privateDevice(slot);
  return {
    mtu: PRIVATE_MTU,
    ends: [
      {
        namespace,
        device: router,
        mac: ROUTER_MAC,
        entries: [
          ...own.flatMap((one): Entry[] => [
            `neighbour ${one} lladdr ${mac} dev ${router} nud permanent`,
            `route ${one}/32 dev ${router}`,
          ]),
          ...routesThrough(network, own).map(
            ({ destination, gateway }): Entry => `route ${destination} via ${gateway} dev ${router} onlink`,
          ),
        ],
      },
      {
        namespace: memberNamespace(type, id),
        device,
        mac,
        entries: [
          `address ${ip}/32 dev ${device}`,
          `route ${network.gateway} dev ${device} scope link`,
          `route ${network.range} via ${network.gateway} dev ${device} onlink`,
        ],
      },
    ],
  };
}

const routesThrough = (network: NetworkOf, addresses: readonly string[]) =>
  network.routes.filter((route) => addresses.includes(route.gateway));

/** Each location's address on the lines to the others; never seen outside of them. */
const trunkIp = (location: string): string => `169.254.1.${1 + (locationNames as readonly string[]).indexOf(location)}`;

/** The line between a network's parts in two locations. */
function trunk(a: NetworkPart, b: NetworkPart, delays: readonly Delay[]): Link {
  const roundTripMs = delays.find(
    ({ between: [one, two] }) =>
      (one === a.location && two === b.location) || (one === b.location && two === a.location),
  )?.roundTripMs;
  return {
    mtu: PRIVATE_MTU,
    ends: [trunkEnd(a, b, "02:00:00:00:01:01"), trunkEnd(b, a, "02:00:00:00:01:02")],
    ...(roundTripMs === undefined || roundTripMs === 0 ? {} : { oneWayMs: roundTripMs / 2 }),
  };
}

function trunkEnd(here: NetworkPart, there: NetworkPart, mac: string): LinkEnd {
  const device = `to-${there.location}`;
  const addresses = there.members.flatMap(({ attachment }) => [attachment.ip, ...attachment.aliases]);
  const behind = routesThrough(there.network, addresses).map((route) => route.destination);
  const destinations = [...addresses.map((ip) => `${ip}/32`), ...behind];
  return {
    namespace: here.name,
    device,
    mac,
    entries: [
      // Both ends need one for ARP: the gateway's address is that of the other end as well.
      `address ${trunkIp(here.location)}/32 dev ${device}`,
      `route ${trunkIp(there.location)}/32 dev ${device}`,
      ...destinations.map((one): Entry => `route ${one} via ${trunkIp(there.location)} dev ${device} onlink`),
    ],
  };
}
