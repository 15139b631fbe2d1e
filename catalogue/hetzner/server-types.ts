/**
 * Hetzner Cloud server types that can be ordered, or could be until lately.
 *
 * Cores, memory and net prices: Hetzner's price list for orders from 2026-06-15, read 2026-10 (see prices.ts). Prices
 * are those of the EU locations, without IPv4 and VAT; outside the EU Hetzner charges more.
 *
 * Weak, so check against `GET /server_types` before you rely on it: all disk sizes except that of cpx22 (API reference,
 * read 2026-02), taken from third-party lists and the sizes of the earlier generation; the numeric ids; and that CCX
 * exists in all six locations.
 *
 * CX and CAX were marked not available in September 2026: they exist, but `availableIn` is empty. The API's own
 * `server_types[].locations[].available` decides on the day.
 */
import { euLocations, type LocationName, locationNames } from "./locations.ts";

/** One server type. */
export interface ServerType {
  /** The API's own number; select by `name`. */
  readonly id: number;
  readonly name: string;
  /** Virtual CPUs. */
  readonly cores: number;
  /** GB, as Hetzner counts them. */
  readonly memoryGb: number;
  /** GB of local NVMe storage. */
  readonly diskGb: number;
  readonly architecture: "x86" | "arm";
  readonly cpuType: "shared" | "dedicated";
  readonly storage: "local" | "network";
  /** Net EUR per month in an EU location, without IPv4. */
  readonly monthlyEurNet: number;
  /** Where the type is offered at all. */
  readonly locations: readonly LocationName[];
  /** Where it could be ordered when this was read. */
  readonly availableIn: readonly LocationName[];
}

const eu: readonly LocationName[] = euLocations();
const everywhere: readonly LocationName[] = locationNames;
const nowhere: readonly LocationName[] = [];

export const serverTypes = [
  {
    id: 114,
    name: "cx23",
    cores: 2,
    memoryGb: 4,
    diskGb: 40,
    architecture: "x86",
    cpuType: "shared",
    storage: "local",
    monthlyEurNet: 5.49,
    locations: eu,
    availableIn: nowhere,
  },
  {
    id: 115,
    name: "cx33",
    cores: 4,
    memoryGb: 8,
    diskGb: 80,
    architecture: "x86",
    cpuType: "shared",
    storage: "local",
    monthlyEurNet: 8.49,
    locations: eu,
    availableIn: nowhere,
  },
  {
    id: 116,
    name: "cx43",
    cores: 8,
    memoryGb: 16,
    diskGb: 160,
    architecture: "x86",
    cpuType: "shared",
    storage: "local",
    monthlyEurNet: 15.99,
    locations: eu,
    availableIn: nowhere,
  },
  {
    id: 117,
    name: "cx53",
    cores: 16,
    memoryGb: 32,
    diskGb: 320,
    architecture: "x86",
    cpuType: "shared",
    storage: "local",
    monthlyEurNet: 29.49,
    locations: eu,
    availableIn: nowhere,
  },
  {
    id: 45,
    name: "cax11",
    cores: 2,
    memoryGb: 4,
    diskGb: 40,
    architecture: "arm",
    cpuType: "shared",
    storage: "local",
    monthlyEurNet: 5.99,
    locations: eu,
    availableIn: nowhere,
  },
  {
    id: 93,
    name: "cax21",
    cores: 4,
    memoryGb: 8,
    diskGb: 80,
    architecture: "arm",
    cpuType: "shared",
    storage: "local",
    monthlyEurNet: 10.49,
    locations: eu,
    availableIn: nowhere,
  },
  {
    id: 94,
    name: "cax31",
    cores: 8,
    memoryGb: 16,
    diskGb: 160,
    architecture: "arm",
    cpuType: "shared",
    storage: "local",
    monthlyEurNet: 20.99,
    locations: eu,
    availableIn: nowhere,
  },
  {
    id: 95,
    name: "cax41",
    cores: 16,
    memoryGb: 32,
    diskGb: 320,
    architecture: "arm",
    cpuType: "shared",
    storage: "local",
    monthlyEurNet: 40.99,
    locations: eu,
    availableIn: nowhere,
  },
  {
    id: 108,
    name: "cpx12",
    cores: 1,
    memoryGb: 2,
    diskGb: 40,
    architecture: "x86",
    cpuType: "shared",
    storage: "local",
    monthlyEurNet: 11.49,
    locations: eu,
    availableIn: eu,
  },
  {
    id: 109,
    name: "cpx22",
    cores: 2,
    memoryGb: 4,
    diskGb: 80,
    architecture: "x86",
    cpuType: "shared",
    storage: "local",
    monthlyEurNet: 19.49,
    locations: eu,
    availableIn: eu,
  },
  {
    id: 110,
    name: "cpx32",
    cores: 4,
    memoryGb: 8,
    diskGb: 160,
    architecture: "x86",
    cpuType: "shared",
    storage: "local",
    monthlyEurNet: 35.49,
    locations: eu,
    availableIn: eu,
  },
  {
    id: 111,
    name: "cpx42",
    cores: 8,
    memoryGb: 16,
    diskGb: 320,
    architecture: "x86",
    cpuType: "shared",
    storage: "local",
    monthlyEurNet: 69.49,
    locations: eu,
    availableIn: eu,
  },
  {
    id: 112,
    name: "cpx52",
    cores: 12,
    memoryGb: 24,
    diskGb: 480,
    architecture: "x86",
    cpuType: "shared",
    storage: "local",
    monthlyEurNet: 100.49,
    locations: eu,
    availableIn: eu,
  },
  {
    id: 113,
    name: "cpx62",
    cores: 16,
    memoryGb: 32,
    diskGb: 640,
    architecture: "x86",
    cpuType: "shared",
    storage: "local",
    monthlyEurNet: 129.99,
    locations: eu,
    availableIn: eu,
  },
  {
    id: 96,
    name: "ccx13",
    cores: 2,
    memoryGb: 8,
    diskGb: 80,
    architecture: "x86",
    cpuType: "dedicated",
    storage: "local",
    monthlyEurNet: 42.99,
    locations: everywhere,
    availableIn: everywhere,
  },
  {
    id: 97,
    name: "ccx23",
    cores: 4,
    memoryGb: 16,
    diskGb: 160,
    architecture: "x86",
    cpuType: "dedicated",
    storage: "local",
    monthlyEurNet: 85.99,
    locations: everywhere,
    availableIn: everywhere,
  },
  {
    id: 98,
    name: "ccx33",
    cores: 8,
    memoryGb: 32,
    diskGb: 240,
    architecture: "x86",
    cpuType: "dedicated",
    storage: "local",
    monthlyEurNet: 138.49,
    locations: everywhere,
    availableIn: everywhere,
  },
  {
    id: 99,
    name: "ccx43",
    cores: 16,
    memoryGb: 64,
    diskGb: 360,
    architecture: "x86",
    cpuType: "dedicated",
    storage: "local",
    monthlyEurNet: 275.99,
    locations: everywhere,
    availableIn: everywhere,
  },
  {
    id: 100,
    name: "ccx53",
    cores: 32,
    memoryGb: 128,
    diskGb: 600,
    architecture: "x86",
    cpuType: "dedicated",
    storage: "local",
    monthlyEurNet: 533.49,
    locations: everywhere,
    availableIn: everywhere,
  },
  {
    id: 101,
    name: "ccx63",
    cores: 48,
    memoryGb: 192,
    diskGb: 960,
    architecture: "x86",
    cpuType: "dedicated",
    storage: "local",
    monthlyEurNet: 853.49,
    locations: everywhere,
    availableIn: everywhere,
  },
] as const satisfies readonly ServerType[];

/** Name of a server type, lower-case as the API writes it. */
export type ServerTypeName = (typeof serverTypes)[number]["name"];

/** All server type names. */
export const serverTypeNames: readonly ServerTypeName[] = serverTypes.map((type) => type.name);

/** The server type of that name (any case), or undefined. */
export function findServerType(name: string): (typeof serverTypes)[number] | undefined {
  return serverTypes.find((type) => type.name === name.toLowerCase());
}

/** Whether a string names a known server type. */
export function isServerTypeName(name: string): name is ServerTypeName {
  return serverTypes.some((type) => type.name === name);
}
