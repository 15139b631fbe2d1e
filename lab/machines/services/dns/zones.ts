/** What the authoritative server is told of the API's zones. */
import { createHash } from "node:crypto";
import type { LabView } from "../../../api/driver.ts";
import { renderZonefile } from "../../../api/kinds/dns/zonefile.ts";
import { RRSETS, ZONES, type ZoneRecord } from "../../../api/model-traffic.ts";

/** A zone that is served. */
export interface ServedZone {
  readonly name: string;
  readonly file: string;
  /** In BIND format. */
  readonly content: string;
}

/** The zones by name. Those in secondary mode are fetched from a server outside, which a lab does not reach: they are left out. */
export function servedZones({ store }: Pick<LabView, "store">): ServedZone[] {
  return store
    .all(ZONES)
    .filter(({ mode }) => mode === "primary")
    .map((zone) => ({ name: zone.name, file: zoneFile(zone.name), content: zoneContent(store, zone) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function zoneContent(store: LabView["store"], zone: ZoneRecord): string {
  const rrsets = store.by(RRSETS, "zone", zone.id).sort((a, b) => a.id - b.id);
  const records = rrsets.flatMap(({ name, type, ttl, records }) =>
    records.map(({ value }) => ({ name, type, ttl, value })),
  );
  return renderZonefile(zone.name, zone.ttl, records);
}

/** The same for as long as the name is; names can be too long for a file's. */
const zoneFile = (name: string): string => `zones/${createHash("sha256").update(name).digest("hex").slice(0, 32)}`;
