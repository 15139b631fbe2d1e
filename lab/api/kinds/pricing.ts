import { loadBalancerTypes } from "../../../catalogue/hetzner/load-balancer-types.ts";
import { locationNames } from "../../../catalogue/hetzner/locations.ts";
import { prices } from "../../../catalogue/hetzner/prices.ts";
import { serverTypes } from "../../../catalogue/hetzner/server-types.ts";
import type { Kind } from "../core/kind.ts";
import type { BaseRecord } from "../core/store.ts";
import { HOURS_PER_MONTH, renderPrice, renderPrices } from "./server-types.ts";

/** `GET /pricing`. What the catalogue has no price for has no entry, never a zero. */
export const pricing: Kind<BaseRecord> = {
  path: "pricing",
  singular: "pricing",
  routes: (router) => router.get("/pricing", () => ({ pricing: priceList() })),
  render: (_, price) => price,
};

function priceList(): object {
  const monthly = (net: number) => ({
    price_hourly: renderPrice(net / HOURS_PER_MONTH),
    price_monthly: renderPrice(net),
  });
  const floating = { ipv4: prices.floatingIpv4Monthly, ipv6: prices.floatingIpv6Monthly } as Record<
    string,
    number | null
  >;
  return {
    currency: prices.currency,
    vat_rate: prices.vatRatePercent.toFixed(10),
    image: { price_per_gb_month: renderPrice(prices.snapshotPerGbMonthly) },
    volume: { price_per_gb_month: renderPrice(prices.volumePerGbMonthly) },
    server_backup: { percentage: (prices.backupShare * 100).toFixed(10) },
    floating_ips: Object.entries(floating).map(([type, net]) => ({
      type,
      prices: net === null ? [] : locationNames.map((location) => ({ location, price_monthly: renderPrice(net) })),
    })),
    primary_ips: [
      { type: "ipv4", prices: locationNames.map((location) => ({ location, ...monthly(prices.ipv4Monthly) })) },
      { type: "ipv6", prices: locationNames.map((location) => ({ location, ...monthly(0) })) },
    ],
    server_types: serverTypes.map(({ id, name, monthlyEurNet, locations }) => ({
      id,
      name,
      prices: renderPrices(monthlyEurNet, locations),
    })),
    load_balancer_types: loadBalancerTypes.map(({ id, name, monthlyEurNet }) => ({
      id,
      name,
      prices: renderPrices(monthlyEurNet, locationNames),
    })),
  };
}
