/** Names of zones and RRSets. */
import { parse } from "tldts";

const ZONE_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const RRSET_LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** Longest domain name in text form, without the final dot (RFC 1035: 255 bytes on the wire). */
const MAX_NAME_LENGTH = 253;

/** What is wrong with a zone's name, or undefined: it must be a registrable domain (`example.com`), no subdomain. */
export function zoneNameError(name: string): string | undefined {
  if (name !== name.toLowerCase()) return "must be in lower case";
  if (name.endsWith(".")) return "must not end with a dot";
  if (name.length > MAX_NAME_LENGTH) return `must have at most ${MAX_NAME_LENGTH} characters`;
  if (!name.split(".").every((label) => ZONE_LABEL.test(label)))
    return "must be a domain name of letters, digits and hyphens; write other characters in Punycode";
  const { domain, isIcann } = parse(name, { allowPrivateDomains: false });
  if (domain === null || isIcann !== true) return "must end with a well-known public suffix such as .de or .com";
  if (domain !== name) return `must not be a subdomain; use ${domain}`;
  return undefined;
}

/** What is wrong with the name of an RRSet in a zone, or undefined. */
export function rrsetNameError(name: string, zone: string): string | undefined {
  if (name === "@") return undefined;
  if (name !== name.toLowerCase()) return "must be in lower case";
  if (name.endsWith(".")) return "must not end with a dot";
  if (name === zone || name.endsWith(`.${zone}`))
    return "must not end with the name of the zone; use @ for the zone itself";
  const labels = name.split(".");
  const wellFormed = labels.every((label, index) => RRSET_LABEL.test(label) || (index === 0 && label === "*"));
  if (!wellFormed) return "must be a domain name relative to the zone";
  if (name.length + 1 + zone.length > MAX_NAME_LENGTH)
    return `must have at most ${MAX_NAME_LENGTH} characters together with the zone`;
  return undefined;
}
