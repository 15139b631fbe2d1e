/** Finding a zone and acting on it: what the routes of zones and those of RRSets share. */
import type { ActionRecord } from "../../core/actions.ts";
import { ApiError } from "../../core/errors.ts";
import type { Lab } from "../../core/lab.ts";
import { ZONES, type ZoneRecord } from "../../model-traffic.ts";

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

/** Zones are changed by many clients at once, so an action never locks one. */
export function actOnZone(lab: Lab, command: string, zone: ZoneRecord): ActionRecord {
  return lab.act(command, [{ type: "zone", id: zone.id }], { locks: [] });
}
