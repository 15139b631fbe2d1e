import { locations as all, type Location } from "../../../catalogue/hetzner/locations.ts";
import { invalidInput } from "../core/errors.ts";
import type { Kind } from "../core/kind.ts";

export const locations: Kind<Location> = {
  path: "locations",
  singular: "location",
  all: () => all,
  sort: { id: (location) => location.id, name: (location) => location.name },
  render: (_, { id, name, description, country, city, latitude, longitude, networkZone }) => ({
    id,
    name,
    description,
    country,
    city,
    latitude,
    longitude,
    network_zone: networkZone,
  }),
};

/** A location as other resources show it. Serialised once: it is in every server of a list. */
export function renderLocation(name: string): object {
  return RENDERED.get(name)!;
}

/**
 * The location that a request names, by name or id.
 * @throws ApiError `invalid_input` naming the field
 */
export function requireLocation(nameOrId: string | number, field = "location"): Location {
  const found = all.find((location) => location.name === nameOrId || String(location.id) === String(nameOrId));
  if (!found) throw invalidInput(field, `location '${String(nameOrId).slice(0, 50)}' not found`);
  return found;
}

/** Network zone of a location that a record names. */
export function networkZoneOf(location: string): string {
  return requireLocation(location).networkZone;
}

const RENDERED = new Map(
  all.map((location) => [location.name as string, locations.render(undefined as never, location)]),
);
