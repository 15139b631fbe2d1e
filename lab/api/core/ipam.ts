import { limits } from "../../../catalogue/hetzner/limits.ts";
import { ATTACHMENTS, type AttachmentRecord, type NetworkRecord, type SubnetRecord } from "../model.ts";
import { ApiError, invalidInput, limitExceeded } from "./errors.ts";
import { type Cidr, formatIpv4, holds, parseCidr, parseIpv4 } from "./ipv4.ts";
import type { Lab } from "./lab.ts";
import type { Reading } from "./store.ts";

/** Hetzner's gateway of the public interface: never an address inside a network. */
export const PUBLIC_GATEWAY = parseIpv4("172.31.1.1")!;

export interface AddressWish {
  /** Network zone of whatever wants to be attached. */
  zone: string;
  /** Wanted address. */
  ip?: string | undefined;
  /** Range of the subnet that the address shall come from. */
  ip_range?: string | undefined;
}

/** The first address of a network: the gateway of everything in it. */
export function gatewayOf(network: Pick<NetworkRecord, "ip_range">): number {
  return parseCidr(network.ip_range)!.first + 1;
}

/**
 * Picks the address for an attachment: the wanted one when it is free, otherwise the first free one of the first subnet
 * of the zone that has one. Never given are a network's gateway, a subnet's first and last address, and 172.31.1.1.
 *
 * @throws ApiError `ip_not_available`, `no_subnet_available`, or `invalid_input` for what is no address
 */
export function pickAddress(
  network: Pick<NetworkRecord, "ip_range" | "subnets">,
  used: ReadonlySet<number>,
  { zone, ip, ip_range }: AddressWish,
): number {
  const reserved = (range: Cidr, address: number) =>
    address === range.first || address === range.last || address === gatewayOf(network) || address === PUBLIC_GATEWAY;
  const subnets = usableSubnets(network.subnets, zone, ip_range);
  if (ip === undefined) {
    for (const range of subnets) {
      for (let address = range.first + 1; address < range.last; address++) {
        if (!used.has(address) && !reserved(range, address)) return address;
      }
    }
    throw new ApiError("no_subnet_available", `no subnet with a free address in the network zone ${zone}`);
  }
  const wanted = parseIpv4(ip);
  if (wanted === undefined) throw invalidInput("ip", `'${ip.slice(0, 50)}' is not an IPv4 address`);
  const range = subnets.find((subnet) => holds(subnet, wanted));
  if (!range) {
    throw new ApiError("no_subnet_available", `no subnet of the network zone ${zone} has the address ${ip}`);
  }
  if (used.has(wanted) || reserved(range, wanted)) {
    throw new ApiError("ip_not_available", `the address ${ip} is in use or reserved`);
  }
  return wanted;
}

function usableSubnets(subnets: readonly SubnetRecord[], zone: string, ip_range: string | undefined): Cidr[] {
  const ofZone = subnets.filter((subnet) => subnet.type !== "vswitch" && subnet.network_zone === zone);
  const chosen = ip_range === undefined ? ofZone : ofZone.filter((subnet) => subnet.ip_range === ip_range);
  if (chosen.length === 0) {
    const which = ip_range === undefined ? "" : ` with the range ${ip_range.slice(0, 50)}`;
    throw new ApiError("no_subnet_available", `the network has no subnet${which} in the network zone ${zone}`);
  }
  return chosen.map((subnet) => parseCidr(subnet.ip_range)!);
}

/** All addresses of a network that somebody has, aliases included. */
export function usedAddresses({ store }: Lab, network: number): Set<number> {
  return new Set(
    store
      .by(ATTACHMENTS, "network", network)
      .flatMap((attachment) => [attachment.ip, ...attachment.alias_ips])
      .map((ip) => parseIpv4(ip)!),
  );
}

/** An owner's attachments, oldest first. */
export function attachmentsOf({ store }: Reading, owner: AttachmentRecord["owner"]): AttachmentRecord[] {
  return store.by(ATTACHMENTS, "owner", `${owner.type} ${owner.id}`).sort((a, b) => a.id - b.id);
}

/**
 * Attaches a server or load balancer to a network, in the current transaction.
 * The caller has checked that it is not attached yet.
 *
 * @throws ApiError as {@link pickAddress}, or `resource_limit_exceeded`
 */
export function attach(
  lab: Lab,
  network: NetworkRecord,
  owner: AttachmentRecord["owner"],
  wish: AddressWish & { alias_ips?: readonly string[] | undefined },
): AttachmentRecord {
  const { store } = lab;
  const limit = limits.attachmentsPerNetwork;
  if (store.ids(ATTACHMENTS.name, "network", network.id).length >= limit) {
    throw limitExceeded("attached resources of a network", limit);
  }
  const used = usedAddresses(lab, network.id);
  const address = pickAddress(network, used, wish);
  used.add(address);
  const id = store.nextId();
  return store.insert(ATTACHMENTS, {
    id,
    network: network.id,
    owner,
    ip: formatIpv4(address),
    alias_ips: pickAliases(network, used, wish.zone, wish.alias_ips ?? []),
    mac_address: macAddress(id),
  });
}

/**
 * Checks alias addresses as {@link pickAddress} checks a wanted one.
 * @param used is added to
 */
export function pickAliases(
  network: NetworkRecord,
  used: Set<number>,
  zone: string,
  aliases: readonly string[],
): string[] {
  const limit = limits.aliasIpsPerServerNetwork;
  if (aliases.length > limit) throw limitExceeded("alias addresses of a server in a network", limit);
  return aliases.map((ip) => {
    const address = pickAddress(network, used, { zone, ip });
    used.add(address);
    return formatIpv4(address);
  });
}

/** Ends an owner's attachments, in the current transaction: all of them or that to one network. */
export function detach(lab: Lab, owner: AttachmentRecord["owner"], network?: number): void {
  for (const attachment of attachmentsOf(lab, owner)) {
    if (network === undefined || attachment.network === network) lab.store.delete(ATTACHMENTS, attachment.id);
  }
}

/** Hetzner's prefix for private interfaces, then the attachment's id. */
function macAddress(id: number): string {
  const tail = (id % 2 ** 24).toString(16).padStart(6, "0");
  return `86:00:00:${tail.slice(0, 2)}:${tail.slice(2, 4)}:${tail.slice(4)}`;
}
