import ipaddr from "ipaddr.js";
import type { LocationName } from "../../catalogue/hetzner/locations.ts";

/**
 * Roles with a subnet of their own. The position is the slot in every location's block: append only, never reorder,
 * or deployed networks would move.
 */
export const subnetRoles = [
  "load-balancer",
  "app",
  "postgres",
  "redis",
  "monitoring",
  "etcd",
  "gateway",
  "edge",
] as const;
export type SubnetRole = (typeof subnetRoles)[number];

/** The block of each location within the network: append only, for the same reason. */
const locationSlots: Readonly<Record<LocationName, number>> = { fsn1: 0, nbg1: 1, hel1: 2, ash: 3, hil: 4, sin: 5 };

/** 16 locations of 16 roles each: 4 + 4 bits under the network's prefix. */
const slotBits = 4;
/** A role's subnet may not be smaller than /28: the provider keeps addresses for itself and planned hosts start at 4. */
const longestPrefix = 28 - 2 * slotBits;
const shortestPrefix = 8;
/** Offset of the first planned host in its subnet; the ones below belong to the provider (gateway) or stay free. */
const firstHost = 4;

/** Addresses of one network, all derived from its range: nothing is looked up, so everything can be rendered before it exists. */
export interface NetworkPlan {
  readonly cidr: string;
  subnet(role: SubnetRole, location: LocationName): string;
  /** Address of the host with this ordinal (from 1) in a role's subnet. Throws when the subnet is too small. */
  address(role: SubnetRole, location: LocationName, ordinal: number): string;
  /** Hosts that fit into a role's subnet. */
  readonly hostsPerSubnet: number;
}

const toNumber = (address: string): number =>
  ipaddr.IPv4.parse(address).octets.reduce((sum, octet) => sum * 256 + octet, 0);
const toAddress = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");

/** Why a range cannot be the private network's, or undefined when it can. */
export function networkCidrProblem(cidr: string): string | undefined {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(cidr)) return "is not an IPv4 range such as 10.0.0.0/16";
  const [address, prefix] = ipaddr.IPv4.parseCIDR(cidr);
  if (ipaddr.IPv4.networkAddressFromCIDR(cidr).toString() !== address.toString()) {
    return `has host bits set: write ${ipaddr.IPv4.networkAddressFromCIDR(cidr)}/${prefix}`;
  }
  if (prefix > longestPrefix) {
    return `is too small: /${prefix} leaves less than a /28 for each of 16 roles in each of 16 locations; use /${longestPrefix} or larger, for instance 10.0.0.0/16`;
  }
  const last = ipaddr.IPv4.broadcastAddressFromCIDR(cidr);
  if (prefix < shortestPrefix || address.range() !== "private" || last.range() !== "private") {
    return "is not within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 (RFC 1918), the ranges a private network can have";
  }
  return undefined;
}

/**
 * The plan of a network range. Every location owns one of 16 blocks and every role one of 16 subnets in it, whether used
 * or not, so that adding locations or roles later moves nothing.
 * @throws when the range is malformed, not private, or too small
 */
export function planNetwork(cidr: string): NetworkPlan {
  const problem = networkCidrProblem(cidr);
  if (problem) throw new Error(`network range ${cidr} ${problem}`);
  const [network, prefix] = ipaddr.IPv4.parseCIDR(cidr);
  const subnetPrefix = prefix + 2 * slotBits;
  const size = 2 ** (32 - subnetPrefix);
  const start = (role: SubnetRole, location: LocationName) =>
    toNumber(network.toString()) + (locationSlots[location] * 2 ** slotBits + subnetRoles.indexOf(role)) * size;
  const hostsPerSubnet = size - firstHost - 1;
  return {
    cidr,
    hostsPerSubnet,
    subnet: (role, location) => `${toAddress(start(role, location))}/${subnetPrefix}`,
    address(role, location, ordinal) {
      if (!Number.isInteger(ordinal) || ordinal < 1 || ordinal > hostsPerSubnet) {
        throw new Error(
          `${role} host ${ordinal} in ${location} does not fit: ${this.subnet(role, location)} holds ${hostsPerSubnet} hosts; use a larger network range than ${cidr}`,
        );
      }
      return toAddress(start(role, location) + firstHost + ordinal - 1);
    },
  };
}
