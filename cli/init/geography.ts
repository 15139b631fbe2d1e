/**
 * Which location is nearest to a country's visitors, as far as a country says it. Lists after the regions of the UN's M49: the
 * Americas; eastern, south-eastern and southern Asia, and Oceania. Everybody else is nearest to the locations in the EU.
 */
import { standingOf } from "../../catalogue/countries.ts";
import type { LocationName } from "../../catalogue/hetzner/locations.ts";

const americas =
  "AG AI AR AW BB BL BM BO BQ BR BS BZ CA CL CO CR CU CW DM DO EC FK GD GL GT GY HN HT JM KN KY LC MS MX NI PA PE PM PR PY SR SV SX TC TT US UY VC VE VG VI";
const asiaPacific =
  "AS AU BD BN BT CC CK CN CX FJ FM GU HK ID IN JP KH KI KP KR LA LK MH MM MN MO MP MV MY NC NF NP NR NU NZ PF PG PH PK PN PW SB SG TH TK TL TO TV TW VN VU WF WS";
const aroundTheBaltic = "AX EE FI LT LV NO SE";

const edges: ReadonlyMap<string, LocationName> = new Map([
  ...americas.split(" ").map((country): [string, LocationName] => [country, "ash"]),
  ...asiaPacific.split(" ").map((country): [string, LocationName] => [country, "sin"]),
]);
const baltic: ReadonlySet<string> = new Set(aroundTheBaltic.split(" "));

/** Share of visitors, in percent, by ISO 3166-1 alpha-2 code. */
export type Traffic = Readonly<Record<string, number>>;

/** The location outside the EU that is nearer to a country than those inside; undefined where there is none, or the country is of the EU. */
export function edgeFor(country: string): LocationName | undefined {
  return standingOf(country) === "eu" ? undefined : edges.get(country);
}

/** Visitors that a location outside the EU would be nearer to. */
export interface Remote {
  readonly location: LocationName;
  /** Percent of all. */
  readonly share: number;
  /** Most visitors first. */
  readonly countries: readonly string[];
}

/** By location, most visitors first. */
export function remoteVisitors(traffic: Traffic): Remote[] {
  const found = new Map<LocationName, [string, number][]>();
  for (const [country, share] of Object.entries(traffic)) {
    const location = edgeFor(country);
    if (location && share > 0) found.set(location, [...(found.get(location) ?? []), [country, share]]);
  }
  return [...found]
    .map(([location, countries]) => ({
      location,
      share: countries.reduce((sum, [, share]) => sum + share, 0),
      countries: [...countries].sort(([, a], [, b]) => b - a).map(([country]) => country),
    }))
    .sort((a, b) => b.share - a.share);
}

/** Percent of the visitors that Helsinki is nearest to. */
export function balticShare(traffic: Traffic): number {
  return Object.entries(traffic).reduce((sum, [country, share]) => sum + (baltic.has(country) ? share : 0), 0);
}
