/** Whether a certificate authority would issue a certificate for names, judged by the zones of the lab. */
import { parse } from "tldts";
import type { ActionFailure } from "../../core/actions.ts";
import type { Lab } from "../../core/lab.ts";
import { RRSETS, ZONES } from "../../model-traffic.ts";
import { splitFields } from "../dns/record-types.ts";

const AUTHORITY = "letsencrypt.org";

/** Why the names would not be certified; undefined when they would. The first name with a problem decides. */
export function issuanceFailure(lab: Lab, names: readonly string[]): ActionFailure | undefined {
  for (const name of names) {
    const host = name.replace(/^\*\./, "");
    const domain = parse(host, { allowPrivateDomains: false }).domain ?? host;
    const [zone] = lab.store.by(ZONES, "name", domain);
    if (!zone)
      return { code: "dns_zone_not_found", message: `DNS zone not found: ${domain} is not a zone of this project` };
    if (zone.mode === "secondary")
      return { code: "dns_zone_is_secondary_zone", message: `DNS zone is a secondary zone: ${domain}` };
    if (!caaAllows(lab, zone.id, host, domain, name.startsWith("*.")))
      return {
        code: "caa_record_does_not_allow_ca",
        message: `CAA record does not allow certificate authority: ${name}`,
      };
  }
  return undefined;
}

/** RFC 8659: the CAA records of the closest name decide; for wildcards `issuewild` comes before `issue`. */
function caaAllows(lab: Lab, zone: number, host: string, domain: string, wildcard: boolean): boolean {
  const records = closestCaa(lab, zone, host, domain);
  const tagged = (tag: string) => records.filter(([, name]) => name?.text.toLowerCase() === tag);
  const wild = wildcard ? tagged("issuewild") : [];
  const deciding = wild.length > 0 ? wild : tagged("issue");
  return deciding.length === 0 || deciding.some(([, , value]) => value?.text.split(";")[0]?.trim() === AUTHORITY);
}

function closestCaa(lab: Lab, zone: number, host: string, domain: string) {
  for (let labels = host.split("."); labels.length > 0; labels = labels.slice(1)) {
    const full = labels.join(".");
    const name = full === domain ? "@" : full.slice(0, -domain.length - 1);
    const [rrset] = lab.store.by(RRSETS, "key", `${zone}/${name}/CAA`);
    if (rrset) return rrset.records.map((record) => splitFields(record.value) ?? []);
    if (full === domain) break;
  }
  return [];
}
