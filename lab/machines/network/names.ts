/** Names and addresses of the lab's network that several files speak of. */
import { resolvers } from "../../../catalogue/hetzner/resolvers.ts";

/** The internet: every public address is routed here. */
export const PUBLIC = "public";
/** What the provider runs for its customers, such as resolvers. */
export const SERVICES = "svc";

/** The provider's gateway of public interfaces, on IPv4. */
export const PUBLIC_GATEWAY_IPV4 = "172.31.1.1";
/** The provider's gateway of public interfaces, on IPv6. */
export const PUBLIC_GATEWAY_IPV6 = "fe80::1";

/** Bytes; the provider's private networks carry an encapsulation. */
export const PRIVATE_MTU = 1450;
export const PUBLIC_MTU = 1500;

/** Where the lab's services listen. Resolvers: the provider's own addresses; all others: out of the lab's public range. */
export const SERVICE_ADDRESSES = {
  resolvers,
  nameserver: "198.19.255.53",
  /** One store for each location that has one. */
  objectStorage: { fsn1: "198.19.255.80", nbg1: "198.19.255.81", hel1: "198.19.255.82" },
  webhook: "198.19.255.90",
} as const;

/** The range of the lab's public IPv4 addresses (RFC 2544), as it is routed from the host. */
export const PUBLIC_RANGE = "198.18.0.0/15";
/** The host's address as the lab sees it, and the lab's end. */
export const UPLINK_HOST = "198.19.255.254";
export const UPLINK_LAB = "198.19.255.253";
/** The lab's end of the uplink, in {@link PUBLIC}. */
export const UPLINK_DEVICE = "uplink";

/** The router's end of every cable. Cables have two ends, so one address does for all. */
export const ROUTER_MAC = "02:00:00:00:00:01";

export type MemberType = "server" | "load_balancer";

/** The namespace of a server or load balancer. */
export const memberNamespace = (type: MemberType, id: number): string => (type === "server" ? `m${id}` : `lb${id}`);

/** The router's end of a member's cable. Linux allows 15 characters. */
export const routerDevice = (kind: "public" | "private", type: MemberType, id: number): string =>
  `${type === "server" ? "" : "l"}${kind === "public" ? "p" : "n"}${id}`;

/** The namespace of a private network, or of its part in one location. */
export const networkNamespace = (network: number, location?: string): string =>
  location === undefined ? `net${network}` : `net${network}-${location}`;

/** The provider names private interfaces by the slot they are plugged into; the first slot is 0. */
export const privateDevice = (slot: number): string => `enp${7 + slot}s0`;

/** The path that programs open a namespace by. */
export const namespacePath = (name: string): string => `/run/netns/${name}`;

/** The MAC address of a public interface: the provider's prefix, then the owner's id. */
export function publicMac(id: number): string {
  const tail = (id % 2 ** 32).toString(16).padStart(8, "0");
  return `96:00:${tail.match(/../g)!.join(":")}`;
}

/** The link-local IPv6 address that Linux derives from a MAC address (EUI-64). */
export function linkLocal(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(":").map((part) => Number.parseInt(part, 16));
  const groups = [(a ^ 2) * 256 + b, c * 256 + 0xff, 0xfe00 + d, e * 256 + f];
  return `fe80::${groups.map((group) => group.toString(16)).join(":")}`;
}
