/**
 * Prices of Hetzner Cloud that are not tied to a server or load balancer type (those stand with the types).
 *
 * Source: Hetzner's price list, valid for orders from 2026-06-15, read 2026-10. Older servers keep their old price until
 * they are replaced or rescaled, so an accidental replacement also raises the bill.
 */

/** A net price in EUR; null: unpriced, i.e. not known. Never count it as zero. */
export type Price = number | null;

export const prices = {
  /** First day of orders at these prices. */
  validFrom: "2026-06-15",
  /** Day on which the price list was read; only the month is recorded. */
  read: "2026-10",
  currency: "EUR",
  /** All figures are without value added tax. */
  net: true,
  /** German VAT in percent; what a customer pays depends on the customer. */
  vatRatePercent: 19,
  /** EUR per month for one IPv4 (primary). IPv6 is free. */
  ipv4Monthly: 0.5,
  /** EUR per GB and month, provisioned size. */
  volumePerGbMonthly: 0.0572,
  /** EUR per GB and month, compressed size. */
  snapshotPerGbMonthly: 0.014,
  /** EUR per month and account as soon as one bucket exists. */
  objectStorageBaseMonthly: 6.49,
  /** Stored and outgoing TB that the base price includes. */
  objectStorageIncludedTb: 1,
  /** Private networks are free. */
  networkMonthly: 0,
  /** Automatic backups as a share of the server's price. Weak: long-standing rule, not read again in 2026. */
  backupShare: 0.2,
  /** EUR per month for a floating IPv4: not read for 2026. */
  floatingIpv4Monthly: null,
  /** EUR per month for a floating IPv6 network: not read for 2026. */
  floatingIpv6Monthly: null,
} as const satisfies Record<string, Price | string | boolean>;

/** Gross of a net price at the German VAT rate, rounded to cents; null stays null. */
export function gross(net: Price): Price {
  return net === null ? null : Math.round(net * (100 + prices.vatRatePercent)) / 100;
}
