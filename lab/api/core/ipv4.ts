import ipaddr from "ipaddr.js";

/** IPv4 ranges as numbers: `first` and `last` address, both included. */
export interface Cidr {
  readonly first: number;
  readonly last: number;
  readonly bits: number;
}

/** Strict dotted decimal, four parts. */
export function parseIpv4(text: string): number | undefined {
  if (!ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
  return ipaddr.IPv4.parse(text).octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** `10.0.0.0/16`; undefined for what is not CIDR notation or has host bits set. */
export function parseCidr(text: string): Cidr | undefined {
  const [, address, length] = /^([\d.]{7,15})\/(\d{1,2})$/.exec(text) ?? [];
  const first = address === undefined ? undefined : parseIpv4(address);
  const bits = Number(length);
  if (first === undefined || bits > 32 || String(bits) !== length) return undefined;
  const size = 2 ** (32 - bits);
  if (first % size !== 0) return undefined;
  return { first, last: first + size - 1, bits };
}

export function formatCidr({ first, bits }: Cidr): string {
  return `${formatIpv4(first)}/${bits}`;
}

export function contains(outer: Cidr, inner: Pick<Cidr, "first" | "last">): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}

export function holds(range: Cidr, address: number): boolean {
  return range.first <= address && address <= range.last;
}

export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.first <= b.last && b.first <= a.last;
}

const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map((text) => parseCidr(text)!);

/** Whether a range lies within one of the private ranges of RFC 1918. */
export function isPrivate(range: Cidr): boolean {
  return PRIVATE.some((block) => contains(block, range));
}
