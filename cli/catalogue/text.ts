/** What `sovereign catalogue` says to people. Pure, but for colours. */
import pc from "picocolors";
import { countryName } from "../../catalogue/countries.ts";
import type { Explanation, Place } from "../../policies/catalogue/explain.ts";
import { OLD_AFTER_DAYS, type Origin } from "../../policies/catalogue/freshness.ts";
import type { Standing } from "../../policies/catalogue/types.ts";

const STANDINGS: Readonly<Record<Standing, string>> = {
  eu: "in the EU",
  eea: "in the EEA, outside the EU",
  adequate: "outside the EU, with an adequacy decision",
  outside: "outside the EU",
  unknown: "not known",
};

const STANDING_ORDER = Object.keys(STANDINGS) as Standing[];

export function standingText(standing: Standing): string {
  const colour = standing === "eu" ? pc.green : standing === "eea" || standing === "adequate" ? pc.yellow : pc.red;
  return colour(STANDINGS[standing]);
}

export function renderExplanation(explanation: Explanation): string {
  const { query, known, owner, owners, purposes, matched, registrable, special, alternatives, notes } = explanation;
  if (!known) return unknown(explanation);
  const chain = owners.map(({ name, seat }) => `${name} (${seat})`).join(", owned by ");
  const whose = owner && `${standingText(owner.standing)}${owner.country ? ` (law of ${owner.country})` : ""}`;
  return [
    pc.bold(query),
    ...row("known as", [matched !== query ? matched : undefined]),
    ...row("registrable", [registrable !== matched && registrable !== query ? registrable : undefined]),
    ...row("range", [special && `${special}: reachable from near by only`]),
    ...row("owner", [chain, whose]),
    ...row("purpose", [purposes.join(", ")]),
    ...row("place", renderPlaces(explanation)),
    ...row("in the EU", [alternatives.map(({ name, seat }) => `${name} (${seat})`).join(", ")]),
    ...row("note", notes),
    ...row("from", explanation.origins.map(originText)),
  ].join("\n");
}

function unknown({ query, kind, registrable }: Explanation): string {
  const what = kind === "host" && registrable && registrable !== query ? `${query}, nor of ${registrable}` : query;
  return `${pc.bold(query)}: ${pc.red("not known")}
  The catalogue has nothing of ${what}. A check calls it unknown, which never passes.
  Add it with its owner and source to a file of your own: docs/catalogue.md`;
}

function row(label: string, values: readonly (string | undefined)[]): string[] {
  const filled = values.filter((value): value is string => value !== undefined && value !== "");
  return filled.map((value, index) => `  ${(index === 0 ? label : "").padEnd(12)}${value}`);
}

function renderPlaces({ kind, places }: Explanation): string[] {
  if (kind !== "provider") return places.map(placeText);
  return STANDING_ORDER.flatMap((standing) => {
    const names = places.filter((place) => place.standing === standing).map(({ region }) => region);
    return names.length > 0 ? [`${standingText(standing)}: ${names.join(", ")}`] : [];
  });
}

function placeText({ provider, region, city, countries, standing }: Place): string {
  const where = [city, ...countries.map((code) => countryName(code) ?? code)].filter(Boolean).join(", ");
  return `${provider} ${region}: ${where ? `${where}, ` : ""}${standingText(standing)}`;
}

export function originText({ what, source, read, confidence, days, old }: Origin): string {
  const age = old ? pc.yellow(`${days} days ago, more than ${OLD_AFTER_DAYS}: read it again`) : `${days} days ago`;
  const how = confidence === "read" ? "read" : "from general knowledge, not opened";
  return `${what}: ${source} (${how} ${read}, ${age})`;
}
