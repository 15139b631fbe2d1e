import type { Standing, Vendor } from "../catalogue/types.ts";
import type { Settings } from "../core/settings.ts";

/** Whether a place or an owner with this standing is accepted. What is unknown never is. */
export function isAccepted(standing: Standing, { eea, adequate }: Settings): boolean {
  return (
    standing === "eu" || (standing === "eea" && eea === "allow") || (standing === "adequate" && adequate === "allow")
  );
}

const WORDS: Readonly<Record<Standing, string>> = {
  eu: "in the EU",
  eea: "in the EEA, outside the EU",
  adequate: "outside the EU, in a country with an adequacy decision",
  outside: "outside the EU",
  unknown: "not known",
};

export function standingInWords(standing: Standing): string {
  return WORDS[standing];
}

const ORDER: readonly Standing[] = ["eu", "eea", "adequate", "outside", "unknown"];

/** The least acceptable of several. None: unknown. */
export function worst(standings: readonly Standing[]): Standing {
  return standings.reduce<Standing>(
    (a, b) => (ORDER.indexOf(b) > ORDER.indexOf(a) ? b : a),
    standings.length > 0 ? "eu" : "unknown",
  );
}

/** `Mailgun Technologies, Inc. (US, owned by Sinch AB (publ), SE)`: a vendor with the end of its chain. */
export function ownerInWords(owners: readonly Vendor[]): string {
  const [vendor] = owners;
  const end = owners.at(-1);
  if (!vendor || !end) return "unknown";
  if (vendor === end) return `${vendor.name} (${vendor.seat})`;
  // Either seat may be the one that counts.
  const own = vendor.seat === end.seat ? "" : `${vendor.seat}, `;
  return `${vendor.name} (${own}owned by ${end.name}, ${end.seat})`;
}

const names = new Intl.DisplayNames(["en"], { type: "region" });

/** `Germany` of `DE`; the code itself where there is no such country. */
export function countryName(code: string): string {
  try {
    return names.of(code) ?? code;
  } catch {
    return code;
  }
}

/** Why an owner's country matters. */
export function reachOfLaw(jurisdiction: string | undefined): string {
  return jurisdiction === "US"
    ? "The CLOUD Act and FISA 702 reach data that the company controls, wherever its machines are."
    : "The law of the owner's country reaches data that the company controls, wherever its machines are.";
}
