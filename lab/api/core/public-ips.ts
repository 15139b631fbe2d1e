import ipaddr from "ipaddr.js";
import { ApiError } from "./errors.ts";
import { formatIpv4, parseCidr } from "./ipv4.ts";
import type { Lab } from "./lab.ts";

/**
 * Public addresses of the lab: IPv4 from the range for benchmarks (RFC 2544), IPv6 from the one for documentation
 * (RFC 3849), so that no address of the lab is somebody's. Holders have an index `public_ip`.
 */
const IPV4 = parseCidr("198.18.0.0/15")!;

/** A free IPv4 address. */
export function nextPublicIpv4({ store }: Lab): string {
  const size = IPV4.last - IPV4.first - 1;
  for (let tried = 0; tried < size; tried++) {
    const ip = formatIpv4(IPV4.first + 1 + (store.counter("public_ipv4") % size));
    if (!store.taken("public_ip", ip)) return ip;
  }
  throw new ApiError("resource_unavailable", "no public IPv4 address is left in the lab");
}

/** A free /64 as the API writes it: `2001:db8:0:1::/64`. */
export function nextPublicIpv6Network({ store }: Lab): string {
  for (;;) {
    const n = 1 + (store.counter("public_ipv6") % 0xfffe_ffff);
    const network = `2001:db8:${(n >>> 16).toString(16)}:${(n & 0xffff).toString(16)}::/64`;
    if (!store.taken("public_ip", network)) return network;
  }
}

/** Reverse DNS name of an address until somebody sets another. */
export function defaultDnsPtr(ip: string): string {
  return `static.${ip.split(".").reverse().join(".")}.clients.your-server.de`;
}

export interface DnsPtr {
  readonly ip: string;
  readonly dns_ptr: string;
}

/**
 * The reverse DNS entries after setting (or, with null, resetting) one.
 * @param held the address or IPv6 network that the resource holds
 * @throws ApiError `invalid_input` when `ip` is not (in) it
 */
export function withDnsPtr(
  entries: readonly DnsPtr[],
  held: string,
  ip: string,
  dns_ptr: string | null,
): readonly DnsPtr[] {
  const address = canonical(ip);
  if (address === undefined || !isIn(address, held)) {
    throw new ApiError("invalid_input", `invalid input in field 'ip': ${ip.slice(0, 50)} is not an address of it`, {
      fields: [{ name: "ip", messages: ["is not an address of this resource"] }],
    });
  }
  const others = entries.filter((entry) => entry.ip !== address);
  if (dns_ptr !== null) return [...others, { ip: address, dns_ptr }];
  return held.includes(":") ? others : [...others, { ip: address, dns_ptr: defaultDnsPtr(address) }];
}

/** Whether an address is the one held, or in the IPv6 network held. */
export function isIn(ip: string, held: string): boolean {
  const address = canonical(ip);
  if (address === undefined) return false;
  if (!held.includes("/")) return address === held;
  const parsed = ipaddr.parse(address);
  return parsed.kind() === "ipv6" && (parsed as ipaddr.IPv6).match(ipaddr.IPv6.parseCIDR(held));
}

function canonical(ip: string): string | undefined {
  if (ip.includes(".") ? !ipaddr.IPv4.isValidFourPartDecimal(ip) : !ipaddr.IPv6.isValid(ip)) return undefined;
  return ipaddr.parse(ip).toString();
}
