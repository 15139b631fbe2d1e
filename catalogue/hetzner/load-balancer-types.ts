/**
 * Hetzner Cloud load balancer types.
 *
 * Limits: Hetzner's product page, read 2026-10; those of lb31 are weak (one source). The examples in the API reference
 * show 20,000 connections for lb11; the product page's 10,000 is used. Prices: net, orders from 2026-06-15 (see
 * prices.ts); the price of lb31 was not found.
 */

/** One load balancer type. */
export interface LoadBalancerType {
  /** The API's own number; select by `name`. */
  readonly id: number;
  readonly name: string;
  readonly maxServices: number;
  /** Servers and IPs behind all targets together. */
  readonly maxTargets: number;
  /** Certificates over all services. */
  readonly maxAssignedCertificates: number;
  /** Open at the same time. */
  readonly maxConnections: number;
  /** Net EUR per month in an EU location; null: unpriced, i.e. not known. Never count it as zero. */
  readonly monthlyEurNet: number | null;
}

export const loadBalancerTypes = [
  {
    id: 1,
    name: "lb11",
    maxServices: 5,
    maxTargets: 25,
    maxAssignedCertificates: 10,
    maxConnections: 10_000,
    monthlyEurNet: 7.49,
  },
  {
    id: 2,
    name: "lb21",
    maxServices: 15,
    maxTargets: 75,
    maxAssignedCertificates: 25,
    maxConnections: 20_000,
    monthlyEurNet: 21.49,
  },
  {
    id: 3,
    name: "lb31",
    maxServices: 30,
    maxTargets: 150,
    maxAssignedCertificates: 50,
    maxConnections: 40_000,
    monthlyEurNet: null,
  },
] as const satisfies readonly LoadBalancerType[];

/** Name of a load balancer type. */
export type LoadBalancerTypeName = (typeof loadBalancerTypes)[number]["name"];

/** The load balancer type of that name (any case), or undefined. */
export function findLoadBalancerType(name: string): (typeof loadBalancerTypes)[number] | undefined {
  return loadBalancerTypes.find((type) => type.name === name.toLowerCase());
}
