import { findLoadBalancerType, type LoadBalancerTypeName } from "../catalogue/hetzner/load-balancer-types.ts";
import { type Price, prices } from "../catalogue/hetzner/prices.ts";
import { findServerType, type ServerTypeName } from "../catalogue/hetzner/server-types.ts";

/** One line of a bill. */
export interface CostItem {
  readonly name: string;
  readonly what: string;
  /** Net EUR per month; null: not known, never to be counted as zero. */
  readonly monthlyEur: Price;
}

export interface Cost {
  readonly currency: "EUR";
  /** Net, per month, of everything that has a price; rounded to cents. */
  readonly monthlyNet: number;
  /** Names of what has no known price and is not in the sum. */
  readonly unpriced: readonly string[];
  /** First day of orders at these prices. */
  readonly pricesOf: string;
}

const cents = (eur: number): number => Math.round(eur * 100) / 100;

/** A server with its public IPv4 address. */
export function serverCost(name: string, type: ServerTypeName): CostItem {
  return {
    name,
    what: `${type} with IPv4`,
    monthlyEur: cents(findServerType(type)!.monthlyEurNet + prices.ipv4Monthly),
  };
}

export function volumeCost(name: string, sizeGb: number): CostItem {
  return { name, what: `volume of ${sizeGb} GB`, monthlyEur: cents(sizeGb * prices.volumePerGbMonthly) };
}

export function loadBalancerCost(name: string, type: LoadBalancerTypeName): CostItem {
  return { name, what: type, monthlyEur: findLoadBalancerType(type)!.monthlyEurNet };
}

/** The base price; it includes the first TB stored and the first TB going out. */
export function objectStorageCost(name: string): CostItem {
  return { name, what: "object storage, up to 1 TB", monthlyEur: prices.objectStorageBaseMonthly };
}

/** Sums a bill. What has no price is named, not counted as zero. */
export function totalCost(items: readonly CostItem[]): Cost {
  return {
    currency: "EUR",
    monthlyNet: cents(items.reduce((sum, item) => sum + (item.monthlyEur ?? 0), 0)),
    unpriced: items.filter((item) => item.monthlyEur === null).map((item) => `${item.name} (${item.what})`),
    pricesOf: prices.validFrom,
  };
}
