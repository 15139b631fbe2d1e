/**
 * Countries by their place in European law, as ISO 3166-1 alpha-2 codes. Greece is GR here (Eurostat writes EL).
 *
 * Source: the EU's list of member states, EFTA's list of EEA members and the Commission's page of adequacy decisions
 * (https://commission.europa.eu/law/law-topic/data-protection/international-dimension-data-protection/adequacy-decisions_en),
 * as of 2026-10. The eleven decisions made under directive 95/46/EC were confirmed on 2024-01-15.
 */

/**
 * Where a country stands: in the EU, in the EEA only, adequate by a decision of the Commission, outside, or not known
 * at all. `unknown` is a result of its own: nothing unknown passes.
 */
export type Standing = "eu" | "eea" | "adequate" | "outside" | "unknown";

/** The 27 member states of the European Union. */
export const euMembers = [
  "AT",
  "BE",
  "BG",
  "CY",
  "CZ",
  "DE",
  "DK",
  "EE",
  "ES",
  "FI",
  "FR",
  "GR",
  "HR",
  "HU",
  "IE",
  "IT",
  "LT",
  "LU",
  "LV",
  "MT",
  "NL",
  "PL",
  "PT",
  "RO",
  "SE",
  "SI",
  "SK",
] as const;

/** In the European Economic Area (where the GDPR applies) but not in the EU. */
export const eeaOnlyMembers = ["IS", "LI", "NO"] as const;

/** Part of the EU (Art. 355(1) TFEU and Art. 4 of Finland's accession) with a country code of their own. */
const euTerritories = ["AX", "GF", "GP", "MF", "MQ", "RE", "YT"] as const;

/** A decision of the Commission that a country protects personal data as the EU does (Art. 45 GDPR). */
export interface AdequacyDecision {
  /** Its number in the Official Journal, where it is known. */
  readonly decision?: string;
  /** When it was adopted (the latest renewal where there is one): YYYY-MM-DD or YYYY-MM. */
  readonly adopted: string;
  /** Last day on which it holds: YYYY-MM-DD. Most have no end. */
  readonly until?: string;
  /** What it does not cover. */
  readonly limits?: string;
}

/**
 * The United States are not among them on purpose: the Data Privacy Framework (decision (EU) 2023/1795) covers certified
 * companies only and is a setting with a date, see the policies' settings.
 */
export const adequacyDecisions: Readonly<Record<string, AdequacyDecision>> = {
  AD: { decision: "2010/625/EU", adopted: "2010-10-19" },
  AR: { decision: "2003/490/EC", adopted: "2003-06-30" },
  BR: { adopted: "2026-02" },
  CA: { decision: "2002/2/EC", adopted: "2001-12-20", limits: "commercial organisations under PIPEDA only" },
  CH: { decision: "2000/518/EC", adopted: "2000-07-26" },
  FO: { decision: "2010/146/EU", adopted: "2010-03-05" },
  GB: { adopted: "2025-12-19", until: "2031-12-27" },
  GG: { decision: "2003/821/EC", adopted: "2003-11-21" },
  IL: { decision: "2011/61/EU", adopted: "2011-01-31", limits: "not the territories occupied since 1967" },
  IM: { decision: "2004/411/EC", adopted: "2004-04-28" },
  JE: { decision: "2008/393/EC", adopted: "2008-05-08" },
  JP: { decision: "(EU) 2019/419", adopted: "2019-01-23", limits: "private sector only" },
  KR: { decision: "(EU) 2022/254", adopted: "2021-12-17" },
  NZ: { decision: "2013/65/EU", adopted: "2012-12-19" },
  UY: { decision: "2012/484/EU", adopted: "2012-08-21" },
};

export type EuCountry = (typeof euMembers)[number];

const members: ReadonlySet<string> = new Set(euMembers);
const eu: ReadonlySet<string> = new Set([...euMembers, ...euTerritories]);
const eea: ReadonlySet<string> = new Set(eeaOnlyMembers);

/** Whether an ISO 3166-1 alpha-2 code is that of an EU member state. */
export function isEuCountry(code: string): code is EuCountry {
  return members.has(code);
}

/**
 * Where a country stands, by its ISO 3166-1 alpha-2 code; `unknown` for anything that is not a country's code.
 *
 * @param today YYYY-MM-DD: adequacy decisions that ended before do not count. @default decisions are taken to hold
 */
export function standingOf(code: string, today?: string): Standing {
  if (eu.has(code)) return "eu";
  if (eea.has(code)) return "eea";
  const adequacy = Object.hasOwn(adequacyDecisions, code) ? adequacyDecisions[code] : undefined;
  if (adequacy && !(today && adequacy.until && today > adequacy.until)) return "adequate";
  return isCountry(code) ? "outside" : "unknown";
}

const fromBestToWorst: readonly Standing[] = ["eu", "eea", "adequate", "unknown", "outside"];

/**
 * The standing of something that lies in all these countries: that of the worst one, where `outside` is worse than
 * `unknown` (it is known to be wrong). `unknown` for none.
 */
export function worstStanding(standings: readonly Standing[]): Standing {
  if (standings.length === 0) return "unknown";
  return fromBestToWorst[Math.max(...standings.map((standing) => fromBestToWorst.indexOf(standing)))] ?? "unknown";
}

/** English names by code; what the runtime's own country data does not know has none. */
const names = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
/** Codes that the runtime has a name for although they are no country's: unions, and other spellings of GB, GR. */
const noCountries: ReadonlySet<string> = new Set(["EU", "EZ", "UN", "UK", "EL", "QO", "XA", "XB", "ZZ"]);

/** Whether it is an ISO 3166-1 alpha-2 code of a country or territory. */
export function isCountry(code: string): boolean {
  return countryName(code) !== undefined;
}

/** `DE` -> `Germany`; undefined for anything that is not a country's code. */
export function countryName(code: string): string | undefined {
  return /^[A-Z]{2}$/.test(code) && !noCountries.has(code) ? names.of(code) : undefined;
}
