/**
 * What things of Hetzner Cloud cost, by what a program says of them.
 *
 * Prices and their sources stand in prices.ts, server-types.ts, load-balancer-types.ts and price-list.ts.
 */
import { listPrices, type PriceList } from "./price-list.ts";
import type { Price } from "./prices.ts";

type Inputs = Readonly<Record<string, unknown>>;

const BILLED: Readonly<Record<string, (inputs: Inputs, list: PriceList) => Price>> = {
  "hcloud:index/server:Server": server,
  "hcloud:index/volume:Volume": ({ size }, { volumePerGb }) =>
    isAmount(size) && volumePerGb !== null ? size * volumePerGb : null,
  "hcloud:index/loadBalancer:LoadBalancer": (inputs, list) =>
    typeof inputs.loadBalancerType === "string"
      ? list.loadBalancerType(inputs.loadBalancerType, locationOf(inputs))
      : null,
  "hcloud:index/primaryIp:PrimaryIp": (inputs, list) =>
    typeof inputs.type === "string" ? list.primaryIp(inputs.type, locationOf(inputs)) : null,
  "hcloud:index/floatingIp:FloatingIp": (inputs, list) =>
    list.floatingIp(inputs.type === "ipv6" ? "ipv6" : "ipv4", locationOf(inputs)),
  "hcloud:index/snapshot:Snapshot": () => null,
};

/**
 * EUR a month, net.
 *
 * @param type Pulumi's type token
 * @param inputs the resource's, by Pulumi's names; values that cannot be seen may be anything that is no text or number
 * @param list by default what orders cost today
 * @returns null where it costs something that is not known; undefined where it is free, no part of a bill, or not Hetzner Cloud's
 */
export function monthlyEurNet(type: string, inputs: Inputs, list: PriceList = listPrices): Price | undefined {
  return Object.hasOwn(BILLED, type) ? BILLED[type]!(inputs, list) : undefined;
}

function server(inputs: Inputs, list: PriceList): Price {
  const { serverType, publicNets, backups } = inputs;
  const location = locationOf(inputs);
  const known = typeof serverType === "string" ? list.serverType(serverType, location) : null;
  const address = hasOwnIpv4(publicNets) ? list.primaryIp("ipv4", location) : 0;
  if (known === null || address === null) return null;
  return known * (backups === true ? 1 + list.backupShare : 1) + address;
}

/** `fsn1`, also of `fsn1-dc14`, as older programs name it; undefined where nothing that can be seen says so. */
function locationOf({ location, datacenter, homeLocation }: Inputs): string | undefined {
  const place = location ?? homeLocation ?? datacenter;
  return typeof place === "string" ? place.replace(/-dc\d+$/, "") : undefined;
}

/** An address of its own: not switched off, and no primary address that is billed by itself. */
function hasOwnIpv4(publicNets: unknown): boolean {
  if (!Array.isArray(publicNets)) return true;
  return !publicNets.some(
    (net) => typeof net === "object" && net !== null && (net.ipv4Enabled === false || typeof net.ipv4 === "number"),
  );
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
