/** What is known of address literals and networks. Pure. */
import ipaddr from "ipaddr.js";
import type { AddressRange } from "./types.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

interface Network {
  readonly first: Address;
  readonly last: Address;
  readonly prefix: number;
}

/** Ranges that lead nowhere in the world. Those that carry another address inside (6to4, NAT64) are not among them. */
const near: ReadonlySet<string> = new Set([
  "unspecified",
  "broadcast",
  "multicast",
  "linkLocal",
  "loopback",
  "carrierGradeNat",
  "private",
  "uniqueLocal",
  "reserved",
  "benchmarking",
]);

/** Undefined for what is neither an address nor a network. */
export function readNetwork(literal: string): Network | undefined {
  const text = literal.replace(/^\[|\]$/g, "").replace(/%[^/]*/, "");
  if (text.includes("/")) return ipaddr.isValidCIDR(text) ? cidrNetwork(text) : undefined;
  // Only the usual forms: ipaddr.js also takes `127.1`, which is more often a version number.
  if (!ipaddr.IPv6.isValid(text) && !ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
  const address = inner(ipaddr.process(text));
  return { first: address, last: address, prefix: address.kind() === "ipv4" ? 32 : 128 };
}

function cidrNetwork(text: string): Network {
  const [address, prefix] = ipaddr.parseCIDR(text);
  return address.kind() === "ipv4"
    ? { first: ipaddr.IPv4.networkAddressFromCIDR(text), last: ipaddr.IPv4.broadcastAddressFromCIDR(text), prefix }
    : { first: ipaddr.IPv6.networkAddressFromCIDR(text), last: ipaddr.IPv6.broadcastAddressFromCIDR(text), prefix };
}

/** The IPv4 address that a transition address leads to: `64:ff9b::808:808` is 8.8.8.8. */
function inner(address: Address): Address {
  if (address.kind() !== "ipv6") return address;
  const bytes = address.toByteArray();
  if (address.range() === "rfc6052") return new ipaddr.IPv4(bytes.slice(12, 16));
  if (address.range() === "6to4") return new ipaddr.IPv4(bytes.slice(2, 6));
  return address;
}

/** The name of the special range that all of the network lies in. */
export function specialRange({ first, last }: Network): string | undefined {
  const range = first.range();
  return near.has(range) && range === last.range() ? range : undefined;
}

/** Finds the narrowest range that holds all of a network. */
export function createRangeIndex(ranges: readonly AddressRange[]): (network: Network) => AddressRange | undefined {
  const sorted = ranges
    .map((range) => ({ range, cidr: ipaddr.parseCIDR(range.cidr) }))
    .sort((a, b) => b.cidr[1] - a.cidr[1]);
  return ({ first, prefix }) =>
    sorted.find(
      ({ cidr: [network, length] }) =>
        length <= prefix && network.kind() === first.kind() && first.match([network, length] as [Address, number]),
    )?.range;
}
