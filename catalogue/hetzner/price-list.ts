/** Price lists of Hetzner Cloud: today's and the one before it. A list of the provider's `pricing` endpoint has the same shape. */
import { findLoadBalancerType } from "./load-balancer-types.ts";
import { locations } from "./locations.ts";
import { type Price, prices } from "./prices.ts";
import { findServerType } from "./server-types.ts";

/** Net EUR a month; null where the list has none, which is not free. A location that is not known (undefined) is one in the EU. */
export interface PriceList {
  serverType(name: string, location: string | undefined): Price;
  loadBalancerType(name: string, location: string | undefined): Price;
  /** @param type `ipv4`, `ipv6` */
  primaryIp(type: string, location: string | undefined): Price;
  floatingIp(type: string, location: string | undefined): Price;
  readonly volumePerGb: Price;
  /** Automatic backups as a share of the server's price. */
  readonly backupShare: number;
}

/** Orders from {@link prices.validFrom} on, in the EU: what the locations outside cost is not in the price list that was read. */
export const listPrices: PriceList = {
  serverType: (name, location) => (isInEu(location) ? (findServerType(name)?.monthlyEurNet ?? null) : null),
  loadBalancerType: (name, location) => (isInEu(location) ? (findLoadBalancerType(name)?.monthlyEurNet ?? null) : null),
  primaryIp: (type) => (type === "ipv4" ? prices.ipv4Monthly : type === "ipv6" ? 0 : null),
  floatingIp: (type) => (type === "ipv6" ? prices.floatingIpv6Monthly : prices.floatingIpv4Monthly),
  volumePerGb: prices.volumePerGbMonthly,
  backupShare: prices.backupShare,
};

/**
 * What servers cost that were ordered before {@link prices.validFrom}, as long as they are neither replaced nor rescaled.
 *
 * Hetzner's adjustment of 2026-06-15 is for new orders and rescales of servers alone: not for addresses, load balancers, volumes and
 * snapshots (Hetzner's announcement of 2026-05-28). The one before it, of 2026-04-01, was for existing servers as well, so this is what
 * all older ones cost. The vendor's table is docs.hetzner.com/general/infrastructure-and-availability/price-adjustment/; it could not be
 * opened itself: the figures are those that several public price collections took from it (mixxor/eu-cloud-prices at 2026-04-01, gross with
 * 19 % and divided; robhunter/agentdeals, 2026-09-04), read on 2026-11-22, which agree where they overlap. CX33 also stands in an answer of
 * the API of 2026-05-27 that somebody published. CPX42, CPX52 and CPX62 stand in none of them, so they are not known; CPX12 is newer.
 */
const olderServerPrices: Readonly<Record<string, number>> = {
  cx23: 3.99,
  cx33: 6.49,
  cx43: 11.99,
  cx53: 22.49,
  cax11: 4.49,
  cax21: 7.99,
  cax31: 15.99,
  cax41: 31.49,
  cpx22: 7.99,
  cpx32: 13.99,
  ccx13: 15.99,
  ccx23: 31.49,
  ccx33: 62.49,
  ccx43: 124.99,
  ccx53: 249.99,
  ccx63: 374.49,
};

/** A list with what a server costs that is older than {@link prices.validFrom}; all else costs what the list says. */
export function withOlderServers(list: PriceList): PriceList {
  return {
    ...list,
    serverType: (name, location) => {
      const type = name.toLowerCase();
      return isInEu(location) && Object.hasOwn(olderServerPrices, type) ? olderServerPrices[type]! : null;
    },
  };
}

function isInEu(location: string | undefined): boolean {
  return location === undefined || locations.some(({ name, eu }) => eu && name === location);
}
