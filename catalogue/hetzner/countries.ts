/**
 * Countries by their place in European law, as ISO 3166-1 alpha-2 codes. Greece is GR here (Eurostat writes EL).
 *
 * Source: the EU's list of member states and EFTA's list of EEA members, as of 2026-10. Switzerland is in neither the
 * EU nor the EEA; the Commission considers its data protection adequate (decision 2000/518/EC, confirmed 2024-01-15).
 */

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

/** Neither EU nor EEA, adequate by decision of the Commission. */
export const switzerland = "CH";

export type EuCountry = (typeof euMembers)[number];

/** Where a country stands: `unknown` for anything that is not two upper-case letters. */
export type Jurisdiction = "eu" | "eea" | "ch" | "other" | "unknown";

const eu: ReadonlySet<string> = new Set(euMembers);
const eea: ReadonlySet<string> = new Set(eeaOnlyMembers);

/** Whether an ISO 3166-1 alpha-2 code is that of an EU member. */
export function isEuCountry(code: string): code is EuCountry {
  return eu.has(code);
}

/** Which legal area an ISO 3166-1 alpha-2 code belongs to. */
export function jurisdictionOf(code: string): Jurisdiction {
  if (eu.has(code)) return "eu";
  if (eea.has(code)) return "eea";
  if (code === switzerland) return "ch";
  return /^[A-Z]{2}$/.test(code) ? "other" : "unknown";
}
