import ipaddr from "ipaddr.js";
import type { ShopAddress } from "../drills/shop-writer.ts";
import { PUBLIC_RANGE } from "../machines/network/names.ts";
import { LoadError } from "./errors.ts";

/**
 * Load is for the lab alone: whatever a record says, an address outside of the lab's own range is refused.
 * @throws LoadError
 */
export function requireLabAddress(shop: ShopAddress): ShopAddress {
  const range = ipaddr.IPv4.parseCIDR(PUBLIC_RANGE);
  if (ipaddr.IPv4.isValidFourPartDecimal(shop.address) && ipaddr.IPv4.parse(shop.address).match(range)) return shop;
  throw new LoadError(
    `load is sent to a lab only, and ${JSON.stringify(shop.address)} is not one of its public addresses (${PUBLIC_RANGE})`,
  );
}
