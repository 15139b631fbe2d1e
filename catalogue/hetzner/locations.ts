/**
 * Hetzner Cloud locations.
 *
 * Source: Hetzner's API reference (`GET /locations`) and its documentation of locations, read 2026-02; network zones
 * checked again 2026-10. Coordinates are those of the closest city.
 */

/** One location as the API describes it, plus whether its country is in the European Union. */
export interface Location {
  /** The API's own number; stable at Hetzner, but select by `name`. */
  readonly id: number;
  readonly name: string;
  readonly city: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** Whether the *place* is in the EU: a location elsewhere of an EU company is still outside. */
  readonly eu: boolean;
  /** A subnet belongs to exactly one network zone; servers and load balancers attach only to subnets of their zone. */
  readonly networkZone: string;
  readonly description: string;
  /** Degrees. */
  readonly latitude: number;
  /** Degrees. */
  readonly longitude: number;
}

export const locations = [
  {
    id: 1,
    name: "fsn1",
    city: "Falkenstein",
    country: "DE",
    eu: true,
    networkZone: "eu-central",
    description: "Falkenstein DC Park 1",
    latitude: 50.47612,
    longitude: 12.370071,
  },
  {
    id: 2,
    name: "nbg1",
    city: "Nuremberg",
    country: "DE",
    eu: true,
    networkZone: "eu-central",
    description: "Nuremberg DC Park 1",
    latitude: 49.452102,
    longitude: 11.076665,
  },
  {
    id: 3,
    name: "hel1",
    city: "Helsinki",
    country: "FI",
    eu: true,
    networkZone: "eu-central",
    description: "Helsinki DC Park 1",
    latitude: 60.169855,
    longitude: 24.938379,
  },
  {
    id: 4,
    name: "ash",
    city: "Ashburn, VA",
    country: "US",
    eu: false,
    networkZone: "us-east",
    description: "Ashburn, VA",
    latitude: 39.045821,
    longitude: -77.487073,
  },
  {
    id: 5,
    name: "hil",
    city: "Hillsboro, OR",
    country: "US",
    eu: false,
    networkZone: "us-west",
    description: "Hillsboro, OR",
    latitude: 45.54222,
    longitude: -122.951924,
  },
  {
    id: 6,
    name: "sin",
    city: "Singapore",
    country: "SG",
    eu: false,
    networkZone: "ap-southeast",
    description: "Singapore",
    latitude: 1.283333,
    longitude: 103.833333,
  },
] as const satisfies readonly Location[];

/** Name of a Hetzner Cloud location. */
export type LocationName = (typeof locations)[number]["name"];

/** Name of a location inside the EU. */
export type EuLocationName = Extract<(typeof locations)[number], { eu: true }>["name"];

/** Name of a network zone. */
export type NetworkZone = (typeof locations)[number]["networkZone"];

/** All location names, in the API's order. */
export const locationNames: readonly LocationName[] = locations.map((location) => location.name);

/** All network zones, each once. */
export const networkZones: readonly NetworkZone[] = [...new Set(locations.map((location) => location.networkZone))];

/** The location of that name, or undefined when Hetzner has none. */
export function findLocation(name: string): (typeof locations)[number] | undefined {
  return locations.find((location) => location.name === name);
}

/** Whether a string names a known location. */
export function isLocationName(name: string): name is LocationName {
  return findLocation(name) !== undefined;
}

/** The names of the locations inside the EU. */
export function euLocations(): EuLocationName[] {
  return locations.flatMap((location) => (location.eu ? [location.name] : []));
}
