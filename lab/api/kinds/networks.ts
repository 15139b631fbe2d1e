import { z } from "zod";
import { limits } from "../../../catalogue/hetzner/limits.ts";
import { networkZones } from "../../../catalogue/hetzner/locations.ts";
import { ApiError, invalidInput, limitExceeded, notUnique, protectedError } from "../core/errors.ts";
import { gatewayOf, PUBLIC_GATEWAY } from "../core/ipam.ts";
import {
  type Cidr,
  contains,
  formatCidr,
  formatIpv4,
  holds,
  isPrivate,
  overlaps,
  parseCidr,
  parseIpv4,
} from "../core/ipv4.ts";
import { action, create, type Kind, update } from "../core/kind.ts";
import type { Lab } from "../core/lab.ts";
import { deleteProtectionSchema, labelsSchema, nameAndLabels, nameSchema } from "../core/schemas.ts";
import { ATTACHMENTS, NETWORKS, type NetworkRecord, type SubnetRecord } from "../model.ts";

const subnetBody = z.object({
  type: z.enum(["cloud", "server", "vswitch"]),
  ip_range: z.string().max(50).optional(),
  network_zone: z.string(),
  vswitch_id: z.int().min(1).optional(),
});
const routeBody = z.object({ destination: z.string().max(50), gateway: z.string().max(50) });
const createBody = z.object({
  name: nameSchema,
  ip_range: z.string().max(50),
  labels: labelsSchema.optional(),
  subnets: z.array(subnetBody).max(limits.subnetsPerNetwork).optional(),
  routes: z.array(routeBody).max(limits.routesPerNetwork).optional(),
  expose_routes_to_vswitch: z.boolean().optional(),
});
const updateBody = nameAndLabels.extend({ expose_routes_to_vswitch: z.boolean().optional() });

export const networks: Kind<NetworkRecord> = {
  path: "networks",
  singular: "network",
  collection: NETWORKS,
  moreCollections: [ATTACHMENTS],
  render: (lab, network) => ({
    id: network.id,
    name: network.name,
    ip_range: network.ip_range,
    subnets: network.subnets.map((subnet) => ({
      type: subnet.type,
      ip_range: subnet.ip_range,
      network_zone: subnet.network_zone,
      gateway: formatIpv4(gatewayOf(network)),
      ...(subnet.vswitch_id === undefined ? {} : { vswitch_id: subnet.vswitch_id }),
    })),
    routes: network.routes,
    servers: attachedIds(lab, network.id, "server"),
    load_balancers: attachedIds(lab, network.id, "load_balancer"),
    protection: network.protection,
    labels: network.labels,
    created: network.created,
    expose_routes_to_vswitch: network.expose_routes_to_vswitch,
  }),
  create: create(createBody, (lab, body) => {
    if (lab.nameTaken(NETWORKS, body.name)) throw notUnique("network", "name");
    const empty: NetworkRecord = {
      ...lab.fresh(body.labels),
      name: body.name,
      ip_range: formatCidr(networkRange(body.ip_range)),
      subnets: [],
      routes: [],
      protection: { delete: false },
      expose_routes_to_vswitch: body.expose_routes_to_vswitch ?? false,
    };
    const withSubnets = (body.subnets ?? []).reduce(addSubnet, empty);
    const network = lab.store.insert(NETWORKS, (body.routes ?? []).reduce(addRoute, withSubnets));
    return { network: networks.render(lab, network) };
  }),
  update: update(updateBody, (lab, network: NetworkRecord, body) => {
    lab.assertUnlocked("network", network.id, "conflict");
    if (body.name !== undefined && lab.nameTaken(NETWORKS, body.name, network.id)) throw notUnique("network", "name");
    return lab.store.update(NETWORKS, network.id, body);
  }),
  remove: (lab, network) => {
    lab.assertUnlocked("network", network.id, "conflict");
    if (network.protection.delete) throw protectedError("network", "deletion");
    lab.deleting("network", network.id);
    for (const attachment of lab.store.by(ATTACHMENTS, "network", network.id)) {
      lab.store.delete(ATTACHMENTS, attachment.id);
    }
    lab.store.delete(NETWORKS, network.id);
    return undefined;
  },
  actions: {
    add_subnet: action(subnetBody, (lab, network: NetworkRecord, body) =>
      change(lab, network, "add_subnet", addSubnet(network, body)),
    ),
    delete_subnet: action(z.object({ ip_range: z.string() }), (lab, network: NetworkRecord, { ip_range }) =>
      change(lab, network, "delete_subnet", deleteSubnet(lab, network, ip_range)),
    ),
    add_route: action(routeBody, (lab, network: NetworkRecord, body) =>
      change(lab, network, "add_route", addRoute(network, body)),
    ),
    delete_route: action(routeBody, (lab, network: NetworkRecord, route) => {
      const routes = network.routes.filter(
        ({ destination, gateway }) => destination !== route.destination || gateway !== route.gateway,
      );
      if (routes.length === network.routes.length) throw new ApiError("not_found", "the network has no such route");
      return change(lab, network, "delete_route", { ...network, routes });
    }),
    change_ip_range: action(z.object({ ip_range: z.string() }), (lab, network: NetworkRecord, { ip_range }) => {
      const range = networkRange(ip_range);
      const now = parseCidr(network.ip_range)!;
      if (range.first !== now.first || range.bits > now.bits) {
        throw invalidInput("ip_range", `must begin like ${network.ip_range} and may only grow`);
      }
      return change(lab, network, "change_ip_range", { ...network, ip_range: formatCidr(range) });
    }),
    change_protection: action(deleteProtectionSchema, (lab, network: NetworkRecord, body) =>
      change(lab, network, "change_protection", {
        ...network,
        protection: { delete: body.delete ?? network.protection.delete },
      }),
    ),
  },
};

function change(lab: Lab, network: NetworkRecord, command: string, changed: NetworkRecord) {
  lab.assertUnlocked("network", network.id, "conflict");
  lab.store.update(NETWORKS, network.id, changed);
  return { action: lab.act(command, [{ type: "network", id: network.id }]) };
}

function attachedIds({ store }: Lab, network: number, type: "server" | "load_balancer"): number[] {
  const owners = store.by(ATTACHMENTS, "network", network).map((attachment) => attachment.owner);
  return owners.flatMap((owner) => (owner.type === type ? [owner.id] : [])).sort((a, b) => a - b);
}

function networkRange(text: string): Cidr {
  const range = parseCidr(text);
  if (!range) throw invalidInput("ip_range", "must be a range in CIDR notation without host bits, such as 10.0.0.0/16");
  if (!isPrivate(range)) throw invalidInput("ip_range", "must lie in one of the private ranges of RFC 1918");
  if (range.bits > 24) throw invalidInput("ip_range", "must be a /24 or larger");
  return range;
}

/** The network with one more subnet. @throws ApiError when it does not fit */
export function addSubnet(network: NetworkRecord, body: z.output<typeof subnetBody>): NetworkRecord {
  if (network.subnets.length >= limits.subnetsPerNetwork) throw limitExceeded("subnets", limits.subnetsPerNetwork);
  if (!(networkZones as readonly string[]).includes(body.network_zone)) {
    throw invalidInput("network_zone", `must be one of ${networkZones.join(", ")}`);
  }
  if ((body.type === "vswitch") !== (body.vswitch_id !== undefined)) {
    throw invalidInput("vswitch_id", "must be given for subnets of type vswitch, and only for those");
  }
  const range = body.ip_range === undefined ? firstFreeRange(network) : subnetRange(network, body.ip_range);
  const subnet: SubnetRecord = {
    type: body.type,
    ip_range: formatCidr(range),
    network_zone: body.network_zone,
    ...(body.vswitch_id === undefined ? {} : { vswitch_id: body.vswitch_id }),
  };
  return { ...network, subnets: [...network.subnets, subnet] };
}

function subnetRange(network: NetworkRecord, text: string): Cidr {
  const range = parseCidr(text);
  if (!range || range.bits > 30) {
    throw invalidInput("ip_range", "must be a /30 or larger in CIDR notation without host bits");
  }
  if (!contains(parseCidr(network.ip_range)!, range)) {
    throw invalidInput("ip_range", `must lie within the network's range ${network.ip_range}`);
  }
  const taken = takenRanges(network).find((other) => overlaps(other, range));
  if (taken) throw invalidInput("ip_range", `overlaps with ${formatCidr(taken)}`);
  return range;
}

function firstFreeRange(network: NetworkRecord): Cidr {
  const whole = parseCidr(network.ip_range)!;
  const taken = takenRanges(network);
  for (let first = whole.first; first < whole.last; first += 256) {
    const range = { first, last: first + 255, bits: 24 };
    if (!taken.some((other) => overlaps(other, range))) return range;
  }
  throw new ApiError("no_subnet_available", `the network ${network.ip_range} has no free /24`);
}

function takenRanges(network: NetworkRecord): Cidr[] {
  const routes = network.routes.filter(({ destination }) => destination !== "0.0.0.0/0");
  return [...network.subnets.map((subnet) => subnet.ip_range), ...routes.map((route) => route.destination)].map(
    (text) => parseCidr(text)!,
  );
}

function deleteSubnet(lab: Lab, network: NetworkRecord, ip_range: string): NetworkRecord {
  const subnets = network.subnets.filter((subnet) => subnet.ip_range !== ip_range);
  if (subnets.length === network.subnets.length) throw new ApiError("not_found", "the network has no such subnet");
  const range = parseCidr(ip_range)!;
  const attached = lab.store.by(ATTACHMENTS, "network", network.id);
  if (attached.some(({ ip, alias_ips }) => [ip, ...alias_ips].some((one) => holds(range, parseIpv4(one)!)))) {
    throw new ApiError("service_error", "cannot remove subnet because servers are attached to it");
  }
  return { ...network, subnets };
}

/** The network with one more route. @throws ApiError when it does not fit */
export function addRoute(network: NetworkRecord, body: z.output<typeof routeBody>): NetworkRecord {
  if (network.routes.length >= limits.routesPerNetwork) throw limitExceeded("routes", limits.routesPerNetwork);
  const destination = parseCidr(body.destination);
  if (!destination || (destination.bits !== 0 && !isPrivate(destination))) {
    throw invalidInput("destination", "must be 0.0.0.0/0 or lie in one of the private ranges of RFC 1918");
  }
  if (network.routes.some((route) => route.destination === formatCidr(destination))) {
    throw invalidInput("destination", "there is a route to it already");
  }
  if (destination.bits !== 0) {
    const taken = takenRanges(network).find((other) => overlaps(other, destination));
    if (taken) throw invalidInput("destination", `overlaps with ${formatCidr(taken)}`);
    if (holds(destination, PUBLIC_GATEWAY)) throw invalidInput("destination", "overlaps with 172.31.1.1");
  }
  const gateway = parseIpv4(body.gateway);
  if (gateway === undefined || !holds(parseCidr(network.ip_range)!, gateway)) {
    throw invalidInput("gateway", `must be an address of the network ${network.ip_range}`);
  }
  const behindVswitch = network.subnets.some(
    (subnet) => subnet.type === "vswitch" && holds(parseCidr(subnet.ip_range)!, gateway),
  );
  if (gateway === gatewayOf(network) || gateway === PUBLIC_GATEWAY || behindVswitch) {
    throw invalidInput("gateway", "must not be the network's own gateway, 172.31.1.1 or behind a vSwitch");
  }
  const route = { destination: formatCidr(destination), gateway: formatIpv4(gateway) };
  return { ...network, routes: [...network.routes, route] };
}
