/** Finding a zone and acting on it: what the routes of zones and those of RRSets share. */
import type { ActionRecord } from "../../core/actions.ts";
import { ApiError } from "../../core/errors.ts";
import type { Lab } from "../../core/lab.ts";
import { RRSETS, type RrsetRow, ZONES, type ZoneRecord } from "../../model-traffic.ts";

/** A zone by its id or name. */
export function findZone(lab: Lab, idOrName: string): ZoneRecord | undefined {
  if (/^\d{1,16}$/.test(idOrName)) return lab.store.get(ZONES, Number(idOrName));
  return lab.store.by(ZONES, "name", idOrName.toLowerCase())[0];
}

/** @throws ApiError `not_found` */
export function requireZone(lab: Lab, idOrName = ""): ZoneRecord {
  const zone = findZone(lab, idOrName);
  if (!zone) throw new ApiError("not_found", `zone with ID or name '${idOrName}' not found`);
  return zone;
}

/** @throws ApiError `incorrect_zone_mode` */
export function requireMode(zone: ZoneRecord, mode: ZoneRecord["mode"]): void {
  if (zone.mode === mode) return;
  throw new ApiError("incorrect_zone_mode", `zone ${zone.name} is in ${zone.mode} mode; this needs ${mode} mode`);
}

/** The RRSets of a zone, oldest first. */
export function rrsetsOf(lab: Lab, zone: Pick<ZoneRecord, "id">): RrsetRow[] {
  return lab.store.by(RRSETS, "zone", zone.id).sort((a, b) => a.id - b.id);
}

/**
 * Changes a zone through an action, in the current transaction. Zones are changed by many clients at once, so the
 * action locks nothing and the change holds at once; when the action is bound to fail, nothing stays of it.
 *
 * @param zone the zone as it is before; one that is being created is not in the store yet
 * @param apply answers what the response shows
 */
export function changeZone<R>(
  lab: Lab,
  command: string,
  zone: Pick<ZoneRecord, "id">,
  apply: () => R,
): { action: ActionRecord; result: R } {
  const before = { zone: lab.store.get(ZONES, zone.id), rrsets: rrsetsOf(lab, zone) };
  const result = apply();
  const action = lab.act(command, [{ type: "zone", id: zone.id }], { locks: [] });
  if (action.failure) {
    for (const rrset of rrsetsOf(lab, zone)) lab.store.delete(RRSETS, rrset.id);
    for (const rrset of before.rrsets) lab.store.insert(RRSETS, rrset);
    if (before.zone) lab.store.insert(ZONES, before.zone);
    else lab.store.delete(ZONES, zone.id);
  }
  return { action, result };
}
