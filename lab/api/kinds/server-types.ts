import { locations } from "../../../catalogue/hetzner/locations.ts";
import { prices } from "../../../catalogue/hetzner/prices.ts";
import { serverTypes as all, type ServerType } from "../../../catalogue/hetzner/server-types.ts";
import { ApiError, invalidInput } from "../core/errors.ts";
import type { Kind } from "../core/kind.ts";
import type { Lab } from "../core/lab.ts";

export const serverTypes: Kind<ServerType> = {
  path: "server_types",
  singular: "server_type",
  all: () => all,
  sort: { id: (type) => type.id, name: (type) => type.name },
  render: (lab, type) => renderServerType(lab, type),
};

/** Hours that Hetzner bills at most per month are not in the catalogue: 730 is the average month. Weak. */
export const HOURS_PER_MONTH = 730;
/** Bytes of traffic that an EU server type includes, 20 TB, and the price of each further TB. Weak, not read for 2026. */
export const INCLUDED_TRAFFIC = 20 * 1024 ** 4;
const PER_TB = 1;

/** A net price as the API writes it, with the German VAT on top. */
export function renderPrice(net: number): { net: string; gross: string } {
  return { net: net.toFixed(10), gross: (net * (1 + prices.vatRatePercent / 100)).toFixed(10) };
}

/** Prices per location; what is not priced in the catalogue has none. */
export function renderPrices(monthlyNet: number | null, where: readonly string[]): object[] {
  if (monthlyNet === null) return [];
  return where.map((location) => ({
    location,
    price_hourly: renderPrice(monthlyNet / HOURS_PER_MONTH),
    price_monthly: renderPrice(monthlyNet),
    included_traffic: INCLUDED_TRAFFIC,
    price_per_tb_traffic: renderPrice(PER_TB),
  }));
}

const CATEGORIES: Record<string, string> = {
  cx: "Cost-Optimized",
  cax: "Cost-Optimized",
  cpx: "Regular Performance",
  ccx: "General Purpose",
};

const STATIC = new Map(
  all.map((type: ServerType) => [
    type.name,
    {
      id: type.id,
      name: type.name,
      description: type.name.toUpperCase(),
      category: CATEGORIES[type.name.replace(/\d+$/, "")] ?? null,
      cores: type.cores,
      memory: type.memoryGb,
      disk: type.diskGb,
      prices: renderPrices(type.monthlyEurNet, type.locations),
      storage_type: type.storage,
      cpu_type: type.cpuType,
      architecture: type.architecture,
      deprecated: false,
      deprecation: null,
    },
  ]),
);

/** Rendered types while no fault changes their availability: they are the largest part of every server in a list. */
const RENDERED = new Map<string, object>();

/** A server type with its availability per location, faults considered. */
export function renderServerType(lab: Lab, type: ServerType): object {
  const changed = lab.faults.active("resource_unavailable").length > 0;
  const rendered = (!changed && RENDERED.get(type.name)) || rendering(lab, type);
  if (!changed) RENDERED.set(type.name, rendered);
  return rendered;
}

function rendering(lab: Lab, type: ServerType): object {
  return {
    ...STATIC.get(type.name)!,
    locations: locations
      .filter(({ name }) => type.locations.includes(name))
      .map(({ id, name }) => ({
        id,
        name,
        deprecation: null,
        available: type.availableIn.includes(name) && !hasFault(lab, type.name, name),
        recommended: false,
      })),
  };
}

/** The type that a record names. */
export function serverTypeOf(name: string): ServerType {
  return all.find((type) => type.name === name)!;
}

/** @throws ApiError `invalid_input` naming the field */
export function requireServerType(nameOrId: string | number): ServerType {
  const wanted = String(nameOrId).toLowerCase();
  const found = all.find((type) => type.name === wanted || String(type.id) === wanted);
  if (!found) throw invalidInput("server_type", `server type '${wanted.slice(0, 50)}' not found`);
  return found;
}

/**
 * Checks that a type can be had in a location now.
 * @throws ApiError `invalid_input` where it is not offered at all, `resource_unavailable` where it is sold out
 */
export function assertAvailable(lab: Lab, type: ServerType, location: string): void {
  if (!(type.locations as readonly string[]).includes(location)) {
    throw invalidInput("location", `the server type ${type.name} is not offered in ${location}`);
  }
  const fault = lab.faults.hit(
    "resource_unavailable",
    (one) => (one.server_type ?? type.name) === type.name && (one.location ?? location) === location,
  );
  if (fault || !(type.availableIn as readonly string[]).includes(location)) {
    throw new ApiError(
      "resource_unavailable",
      `the server type ${type.name} is currently not available in ${location}: choose another type or location`,
    );
  }
}

function hasFault(lab: Lab, type: string, location: string): boolean {
  return lab.faults
    .active("resource_unavailable")
    .some((one) => (one.server_type ?? type) === type && (one.location ?? location) === location);
}
