/** Regions of one provider by any of their spellings, and the properties that name them. Pure. */
import { regionKey } from "./check.ts";
import type { Provider, Region } from "./types.ts";

export interface RegionIndex {
  find(name: string): Region | undefined;
  properties(type: string): readonly string[];
  needed(type: string): boolean;
  global(type: string): Provider["global"][number] | undefined;
}

/** Resource paths are at most about this long; patterns are not let loose on more. */
const LONGEST_PATH = 1_000;

/** `projects/p/locations/eu/keyRings/k`, `https://.../zones/europe-west1-b`. */
const placeInPath = /(?:^|\/)(?:locations|regions|zones)\/([^/]+)/;

export function createRegionIndex(provider: Provider): RegionIndex {
  const byName = new Map<string, Region>();
  for (const region of provider.regions) {
    for (const name of [region.name, ...(region.aliases ?? [])]) byName.set(regionKey(name), region);
  }
  const zones = provider.zones.map((pattern) => new RegExp(pattern));
  const global = [...provider.global].sort((a, b) => b.type.length - a.type.length);

  function named(key: string): Region | undefined {
    const exact = byName.get(key);
    if (exact) return exact;
    for (const zone of zones) {
      const region = byName.get(zone.exec(key)?.groups?.region ?? "");
      if (region) return region;
    }
    return undefined;
  }

  return {
    find(name) {
      if (name.length > LONGEST_PATH) return undefined;
      // As it stands first: IONOS' names have slashes themselves (`de/fra`).
      return named(regionKey(name)) ?? named(regionKey(lastPlace(name)));
    },
    properties: (type) => [
      ...new Set(provider.regionProperties.flatMap((entry) => (fits(entry.type, type) ? entry.properties : []))),
    ],
    needed: (type) => provider.regionProperties.some((entry) => !entry.optional && fits(entry.type, type)),
    global: (type) => global.find((entry) => fits(entry.type, type)),
  };
}

function lastPlace(name: string): string {
  if (!name.includes("/")) return name;
  return placeInPath.exec(name)?.[1] ?? name.slice(name.lastIndexOf("/") + 1);
}

function fits(pattern: string, type: string): boolean {
  return pattern.endsWith("*") ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}
