import { findLocation, type LocationName } from "../../catalogue/hetzner/locations.ts";

/** The way into one location, as records name it. Addresses may be tokens. */
export interface EntranceSpec {
  readonly location: LocationName;
  readonly ipv4: string;
  readonly ipv6?: string | undefined;
  /** Left out of every answer. */
  readonly isDrained: boolean;
}

/** Clients that are nearer to another location than to the first. */
export interface NearbyClients {
  readonly location: LocationName;
  /** Ranges of clients or of their resolvers, IPv4 and IPv6. */
  readonly networks: readonly string[];
}

/** How the health of entrances is found out. */
export interface HealthSpec {
  /** Asked of each entrance's address, under this name: whether it serves. */
  readonly url: string;
  /** Whether it also reaches its data: one that is cut off from the primary serves, and confirms nothing. */
  readonly readyUrl: string;
  /** Seconds from one check to the next. */
  readonly intervalSeconds: number;
  /** Seconds until no answer is a failure. */
  readonly timeoutSeconds: number;
}

export type Family = "ipv4" | "ipv6";

/** Where nobody listens on a name server: what tells "all are down" from "the one is up", see `renderStatus`. */
const nobody: Readonly<Record<Family, string>> = { ipv4: "127.0.0.1", ipv6: "::1" };

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Great-circle distance in kilometres. */
export function distanceKm(from: LocationName, to: LocationName): number {
  const [a, b] = [findLocation(from)!, findLocation(to)!];
  const [phi1, phi2] = [radians(a.latitude), radians(b.latitude)];
  const half =
    Math.sin((phi2 - phi1) / 2) ** 2 +
    Math.cos(phi1) * Math.cos(phi2) * Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
  return 2 * 6371 * Math.asin(Math.sqrt(half));
}

/** Locations by their distance from the first of them; those as far away stay in their order. */
export function nearestFirst(from: LocationName, all: readonly LocationName[]): LocationName[] {
  return all.toSorted((a, b) => distanceKm(from, a) - distanceKm(from, b));
}

const quoted = (text: string): string => `'${text}'`;
const list = (items: readonly string[]): string => `{${items.join(",")}}`;

/** The same for every record, or each would check for itself: checks are told apart by address, URL and these. */
const options = ({ timeoutSeconds }: HealthSpec): string =>
  `{selector='all',backupSelector='all',timeout=${timeoutSeconds}}`;

/** Entrances that can be answered with, in order. */
export function answerable(entrances: readonly EntranceSpec[], family: Family): EntranceSpec[] {
  return entrances.filter((entrance) => !entrance.isDrained && entrance[family] !== undefined);
}

/**
 * The Lua that answers for a served name: the first entrance that reaches its data, else the first healthy one, in the order given or, for clients near to another
 * location, in the order of the distance from there. When none is healthy, all of them: then rather the check is wrong.
 */
export function renderAnswer(
  entrances: readonly EntranceSpec[],
  near: readonly NearbyClients[],
  health: HealthSpec,
  family: Family,
): string {
  const usable = answerable(entrances, family);
  const address = (location: LocationName) => usable.find((entrance) => entrance.location === location)![family]!;
  const order = (names: readonly LocationName[]) => list(names.map((name) => list([quoted(address(name))])));
  const locations = usable.map((entrance) => entrance.location);
  const choices = near
    .filter(({ networks }) => networks.length > 0)
    .map(
      ({ location, networks }, index) =>
        `${index === 0 ? "if" : "elseif"} netmask(${list(networks.map(quoted))}) then o=${order(nearestFirst(location, locations))} `,
    );
  return [
    `;local o=${order(locations)} `,
    ...choices,
    choices.length > 0 ? "end " : "",
    // One address is a healthy one; all of them: none is. While nobody reaches the data, visitors stay where they are.
    `local r=ifurlup('${health.readyUrl}',o,${options(health)}) if #r==1 then return r end `,
    `return ifurlup('${health.url}',o,${options(health)})`,
  ].join("");
}

/**
 * The Lua of a TXT record that says of each entrance whether it is healthy: `fsn1/ipv4=up`. `ifurlup` gives out what is
 * down where nothing else is left, so each is asked for beside an address that nobody answers at: up is when it comes alone.
 */
export function renderStatus(entrances: readonly EntranceSpec[], health: HealthSpec): string {
  const families = ["ipv4", "ipv6"] as const;
  const rows = families.flatMap((family) =>
    answerable(entrances, family).map(({ location, ...addresses }) =>
      list([`${location}/${family}`, addresses[family]!, nobody[family]].map(quoted)),
    ),
  );
  const drained = entrances
    .filter((entrance) => entrance.isDrained)
    .map(({ location }) => quoted(`${location}=drained`));
  return [
    `;local t=${list(drained)} `,
    `for _,e in ipairs(${list(rows)}) do `,
    `local up=#ifurlup('${health.url}',{{e[2]},{e[3]}},${options(health)})==1 `,
    "t[#t+1]=e[1]..(up and '=up' or '=down') end return t",
  ].join("");
}
