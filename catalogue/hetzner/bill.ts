/**
 * What things of Hetzner Cloud cost, by what a program says of them.
 *
 * Prices and their sources stand in prices.ts, server-types.ts and load-balancer-types.ts.
 */
import { findLoadBalancerType } from "./load-balancer-types.ts";
import { type Price, prices } from "./prices.ts";
import { findServerType } from "./server-types.ts";

type Inputs = Readonly<Record<string, unknown>>;

const BILLED: Readonly<Record<string, (inputs: Inputs) => Price>> = {
  "hcloud:index/server:Server": server,
  "hcloud:index/volume:Volume": ({ size }) => (isAmount(size) ? size * prices.volumePerGbMonthly : null),
  "hcloud:index/loadBalancer:LoadBalancer": ({ loadBalancerType }) =>
    (typeof loadBalancerType === "string" ? findLoadBalancerType(loadBalancerType)?.monthlyEurNet : null) ?? null,
  "hcloud:index/primaryIp:PrimaryIp": ({ type }) => (type === "ipv4" ? prices.ipv4Monthly : type === "ipv6" ? 0 : null),
  "hcloud:index/floatingIp:FloatingIp": ({ type }) =>
    type === "ipv6" ? prices.floatingIpv6Monthly : prices.floatingIpv4Monthly,
  "hcloud:index/snapshot:Snapshot": () => null,
};

/**
 * EUR a month, net.
 *
 * @param type Pulumi's type token
 * @param inputs the resource's, by Pulumi's names; values that cannot be seen may be anything that is no text or number
 * @returns null where it costs something that is not known; undefined where it is free, no part of a bill, or not Hetzner Cloud's
 */
export function monthlyEurNet(type: string, inputs: Inputs): Price | undefined {
  return Object.hasOwn(BILLED, type) ? BILLED[type]!(inputs) : undefined;
}

function server({ serverType, publicNets, backups }: Inputs): Price {
  const known = typeof serverType === "string" ? findServerType(serverType) : undefined;
  if (!known) return null;
  const share = backups === true ? 1 + prices.backupShare : 1;
  return known.monthlyEurNet * share + (hasOwnIpv4(publicNets) ? prices.ipv4Monthly : 0);
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
