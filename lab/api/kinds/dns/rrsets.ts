import type { Context } from "hono";
import { z } from "zod";
import { ApiError, invalidInput, notUnique, protectedError } from "../../core/errors.ts";
import type { Router } from "../../core/kind.ts";
import type { Lab } from "../../core/lab.ts";
import type { ListRules } from "../../core/lists.ts";
import { labelsSchema } from "../../core/schemas.ts";
import { RRSETS, type RrsetRow, type ZoneRecord } from "../../model-traffic.ts";
import { isRecordType, recordTypes } from "./record-types.ts";
import { checkPlace, checkRecords, type RrsetContent, type RrsetRecord, raisedSerial } from "./rrset-rules.ts";
import { changeZone, requireMode, requireZone, rrsetsOf } from "./zone-access.ts";

/** Most records of one request (API reference). */
const MAX_RECORDS = 50;

export const ttlSchema = z.int().min(60).max(2_147_483_647);

const recordSchema = z.object({
  value: z.string().min(1).max(16_384),
  comment: z
    .string()
    .max(255)
    // Control characters would break the zone file that is exported.
    .regex(/^\P{Cc}*$/u, "must not contain line breaks or other control characters")
    .optional(),
});
const recordsSchema = z.array(recordSchema).min(1).max(MAX_RECORDS);

export const rrsetSchema = z.object({
  name: z.string().min(1).max(255),
  type: z.enum(recordTypes),
  ttl: ttlSchema.nullish(),
  labels: labelsSchema.optional(),
  records: recordsSchema,
});

const LIST_RULES: ListRules<RrsetRow> = {
  filters: { name: (rrset) => rrset.name, type: (rrset) => rrset.type },
  sort: { id: rrsetId, name: (rrset) => rrset.name, created: (rrset) => rrset.created },
  labels: (rrset) => rrset.labels,
  maxPerPage: 100,
};

function rrsetId(rrset: Pick<RrsetRow, "name" | "type">): string {
  return `${rrset.name}/${rrset.type}`;
}

/** No empty comments: a record without one has no such key. */
function tidy({ value, comment }: RrsetRecord): RrsetRecord {
  return comment ? { value, comment } : { value };
}

/**
 * Adds an RRSet to a zone.
 *
 * @param field where it stands in the request, for errors
 */
export function addRrset(
  lab: Lab,
  zone: ZoneRecord,
  rrset: Omit<RrsetContent, "ttl"> & {
    ttl?: number | null | undefined;
    labels?: Readonly<Record<string, string>> | undefined;
  },
  field = "",
): RrsetRow {
  if (lab.store.by(RRSETS, "key", `${zone.id}/${rrsetId(rrset)}`).length > 0) throw notUnique("RRSet", "name");
  checkPlace(rrset, zone.name, rrsetsOf(lab, zone), `${field}name`);
  checkRecords(rrset.type, rrset.records, `${field}records`);
  return lab.store.insert(RRSETS, {
    ...lab.fresh(rrset.labels),
    zone: zone.id,
    name: rrset.name,
    type: rrset.type,
    ttl: rrset.ttl ?? null,
    protection: { change: false },
    records: rrset.records.map(tidy),
  });
}

/** Puts these RRSets in the place of all that the zone has. */
export function replaceRrsets(lab: Lab, zone: ZoneRecord, rrsets: readonly RrsetContent[]): void {
  const current = rrsetsOf(lab, zone);
  const kept = current.find((rrset) => rrset.protection.change);
  if (kept) throw protectedError(`RRSet ${rrsetId(kept)}`, "changes");
  for (const rrset of current) lab.store.delete(RRSETS, rrset.id);
  for (const rrset of rrsets) addRrset(lab, zone, rrset);
  raiseSerial(lab, zone);
}

/** Every change of a zone's contents raises the serial, so that secondaries notice. */
function raiseSerial(lab: Lab, zone: ZoneRecord): void {
  const [soa] = lab.store.by(RRSETS, "key", `${zone.id}/@/SOA`);
  if (!soa) return;
  const [record] = soa.records;
  lab.store.update(RRSETS, soa.id, { records: [{ ...record, value: raisedSerial(record!.value, lab.now()) }] });
}

function setRecords(lab: Lab, zone: ZoneRecord, rrset: RrsetRow, records: readonly RrsetRecord[]): void {
  checkRecords(rrset.type, records);
  lab.store.update(RRSETS, rrset.id, { records: records.map(tidy) });
  raiseSerial(lab, zone);
}

function removeRrset(lab: Lab, zone: ZoneRecord, rrset: RrsetRow): void {
  if (rrset.name === "@" && (rrset.type === "SOA" || rrset.type === "NS"))
    throw new ApiError("protected", `a zone keeps its ${rrset.type} RRSet at the apex: it can be changed, not deleted`);
  lab.store.delete(RRSETS, rrset.id);
  raiseSerial(lab, zone);
}

function addRecords(
  lab: Lab,
  path: RrsetPath,
  body: { records: RrsetRecord[]; ttl?: number | null | undefined },
): void {
  const { zone, rrset, name, type } = path;
  if (rrset === undefined) {
    addRrset(lab, zone, { name, type, ttl: body.ttl ?? null, records: body.records });
    raiseSerial(lab, zone);
    return;
  }
  requireChangeable(rrset);
  if (typeof body.ttl === "number" && rrset.ttl !== null && body.ttl !== rrset.ttl)
    throw invalidInput("ttl", `must be the TTL that the RRSet has (${rrset.ttl})`);
  const known = new Set(rrset.records.map((record) => record.value));
  const twice = body.records.findIndex((record) => known.has(record.value));
  if (twice >= 0) throw invalidInput(`records.${twice}.value`, "is in the RRSet already");
  if (typeof body.ttl === "number") lab.store.update(RRSETS, rrset.id, { ttl: body.ttl });
  setRecords(lab, zone, rrset, [...rrset.records, ...body.records]);
}

function removeRecords(lab: Lab, zone: ZoneRecord, rrset: RrsetRow, records: readonly RrsetRecord[]): void {
  const gone = new Set(requireKnown(rrset, records).map((record) => record.value));
  const left = rrset.records.filter((record) => !gone.has(record.value));
  if (left.length === 0) removeRrset(lab, zone, rrset);
  else setRecords(lab, zone, rrset, left);
}

function updateRecords(lab: Lab, zone: ZoneRecord, rrset: RrsetRow, records: readonly RrsetRecord[]): void {
  const comments = new Map(requireKnown(rrset, records).map((record) => [record.value, record.comment]));
  const changed = rrset.records.map((record) =>
    comments.has(record.value) ? { value: record.value, comment: comments.get(record.value) ?? "" } : record,
  );
  setRecords(lab, zone, rrset, changed);
}

function requireKnown(rrset: RrsetRow, records: readonly RrsetRecord[]): readonly RrsetRecord[] {
  const unknown = records.findIndex(({ value }) => !rrset.records.some((record) => record.value === value));
  if (unknown >= 0) throw invalidInput(`records.${unknown}.value`, "is not in the RRSet");
  return records;
}

function requireChangeable(rrset: RrsetRow): void {
  if (rrset.protection.change) throw protectedError(`RRSet ${rrsetId(rrset)}`, "changes");
}

/** The zone and the RRSet that a path names; the RRSet may be missing. */
interface RrsetPath {
  zone: ZoneRecord;
  name: string;
  type: RrsetRow["type"];
  rrset: RrsetRow | undefined;
}

function requirePrimaryZone(lab: Lab, id: string | undefined): ZoneRecord {
  const zone = requireZone(lab, id);
  requireMode(zone, "primary");
  return zone;
}

function lookUp(lab: Lab, params: Record<string, string>): RrsetPath {
  const zone = requirePrimaryZone(lab, params.id);
  const { name = "", type = "" } = params;
  if (!isRecordType(type)) throw invalidInput("rr_type", `must be one of ${recordTypes.join(", ")}`);
  return { zone, name, type, rrset: lab.store.by(RRSETS, "key", `${zone.id}/${name}/${type}`)[0] };
}

function requireRrset(path: RrsetPath): RrsetRow {
  if (path.rrset) return path.rrset;
  throw new ApiError("not_found", `RRSet ${rrsetId(path)} not found in zone ${path.zone.name}`);
}

function render(rrset: RrsetRow): object {
  const { zone, name, type, ttl, labels, protection, records } = rrset;
  return { id: rrsetId(rrset), zone, name, type, ttl, labels, protection, records };
}

const ONE = "/zones/:id/rrsets/:name/:type";

/** Mounts the routes of RRSets: their ids are strings inside a zone, so they fit no common pattern. */
export function mountRrsets(router: Router): void {
  const { lab } = router;
  router.get("/zones/:id/rrsets", ({ id }, query, c: Context) => {
    const page = router.page("rrsets", rrsetsOf(lab, requirePrimaryZone(lab, id)), query, LIST_RULES, c);
    return { ...page, rrsets: (page.rrsets as RrsetRow[]).map(render) };
  });
  router.get(ONE, (params) => ({ rrset: render(requireRrset(lookUp(lab, params))) }));
  router.write("POST", "/zones/:id/rrsets", rrsetSchema, ({ id }, body) => {
    const zone = requirePrimaryZone(lab, id);
    const { result: rrset, action } = changeZone(lab, "create_rrset", zone, () => {
      const added = addRrset(lab, zone, body);
      raiseSerial(lab, zone);
      return render(added);
    });
    return { status: 201, answer: { rrset, action } };
  });
  router.write("PUT", ONE, z.object({ labels: labelsSchema.optional() }), (params, body) => {
    const rrset = requireRrset(lookUp(lab, params));
    return { status: 200, answer: { rrset: render(lab.store.update(RRSETS, rrset.id, body)) } };
  });
  router.write("DELETE", ONE, z.unknown(), (params) => {
    const path = lookUp(lab, params);
    const rrset = requireRrset(path);
    requireChangeable(rrset);
    const { action } = changeZone(lab, "delete_rrset", path.zone, () => removeRrset(lab, path.zone, rrset));
    return { status: 201, answer: { action } };
  });
  mountRrsetActions(router);
}

function mountRrsetActions(router: Router): void {
  const { lab } = router;
  const records = z.object({ records: recordsSchema });
  const post = <S extends z.ZodType>(
    name: string,
    command: string,
    body: S,
    run: (path: RrsetPath, body: z.output<S>) => void,
  ) =>
    router.write("POST", `${ONE}/actions/${name}`, body, (params, given) => {
      const path = lookUp(lab, params);
      const { action } = changeZone(lab, command, path.zone, () => run(path, given));
      return { status: 201, answer: { action } };
    });
  const changeable = (path: RrsetPath): RrsetRow => {
    const rrset = requireRrset(path);
    requireChangeable(rrset);
    return rrset;
  };

  post("set_records", "set_rrset_records", records, (path, body) =>
    setRecords(lab, path.zone, changeable(path), body.records),
  );
  post("add_records", "add_rrset_records", records.extend({ ttl: ttlSchema.nullish() }), (path, body) =>
    addRecords(lab, path, body),
  );
  post("remove_records", "remove_rrset_records", records, (path, body) =>
    removeRecords(lab, path.zone, changeable(path), body.records),
  );
  post("update_records", "update_rrset_records", records, (path, body) =>
    updateRecords(lab, path.zone, changeable(path), body.records),
  );
  post("change_ttl", "change_rrset_ttl", z.object({ ttl: ttlSchema.nullable() }), (path, { ttl }) => {
    lab.store.update(RRSETS, changeable(path).id, { ttl });
    raiseSerial(lab, path.zone);
  });
  post("change_protection", "change_rrset_protection", z.object({ change: z.boolean() }), (path, { change }) => {
    lab.store.update(RRSETS, requireRrset(path).id, { protection: { change } });
  });
}
