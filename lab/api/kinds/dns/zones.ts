import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import { invalidInput, notUnique, protectedError } from "../../core/errors.ts";
import { action, create, type Kind, type Router, update } from "../../core/kind.ts";
import type { Lab } from "../../core/lab.ts";
import { deleteProtectionSchema, labelsSchema } from "../../core/schemas.ts";
import { type PrimaryNameserver, RRSETS, ZONES, type ZoneRecord } from "../../model-traffic.ts";
import { zoneNameError } from "./names.ts";
import { assignedNameservers, defaultRrsets, groupRecords } from "./rrset-rules.ts";
import { addRrset, mountRrsets, replaceRrsets, rrsetSchema, ttlSchema } from "./rrsets.ts";
import { changeZone, findZone, requireMode, requireZone, rrsetsOf } from "./zone-access.ts";
import { parseZonefile, renderZonefile, type Zonefile, ZonefileError } from "./zonefile.ts";

/** Longest zone file that is read: a body of a request holds no more. */
const MAX_ZONEFILE = 1024 * 1024;
const zonefileSchema = z.string().max(MAX_ZONEFILE);

const nameserverSchema = z.object({
  address: z.string().refine((text) => isIPv4(text) || isIPv6(text), "must be an IPv4 or IPv6 address"),
  port: z.int().min(1).max(65_535).default(53),
  tsig_algorithm: z.enum(["hmac-md5", "hmac-sha1", "hmac-sha256"]).optional(),
  tsig_key: z.base64().max(1_024).optional(),
});

const createBody = z.object({
  name: z.string().max(255),
  mode: z.enum(["primary", "secondary"]),
  ttl: ttlSchema.default(3_600),
  labels: labelsSchema.optional(),
  primary_nameservers: z.array(nameserverSchema).max(10).optional(),
  rrsets: z.array(rrsetSchema).max(1_000).optional(),
  zonefile: zonefileSchema.optional(),
});

type Order = z.output<typeof createBody>;

/** @throws ApiError `invalid_input` with the line that is wrong */
function readZonefile(text: string, zone: string): Zonefile {
  try {
    return parseZonefile(text, zone);
  } catch (error) {
    if (error instanceof ZonefileError) throw invalidInput("zonefile", error.message);
    throw error;
  }
}

function importZonefile(lab: Lab, zone: ZoneRecord, text: string): void {
  const { ttl, records } = readZonefile(text, zone.name);
  replaceRrsets(lab, zone, groupRecords(records, zone.name));
  if (ttl !== null) lab.store.update(ZONES, zone.id, { ttl });
}

/** @throws ApiError naming the field that does not fit */
function checkOrder(lab: Lab, body: Order): void {
  const problem = zoneNameError(body.name);
  if (problem !== undefined) throw invalidInput("name", problem);
  if (lab.nameTaken(ZONES, body.name)) throw notUnique("zone", "name");
  if (body.mode === "secondary" && !body.primary_nameservers?.length)
    throw invalidInput("primary_nameservers", "a zone in secondary mode needs at least one");
  if (body.mode === "primary" && body.zonefile && body.rrsets?.length)
    throw invalidInput("rrsets", "must be empty when a zonefile is given");
}

function insertZone(lab: Lab, fresh: ReturnType<Lab["fresh"]>, body: Order): ZoneRecord {
  const zone = lab.store.insert(ZONES, {
    ...fresh,
    name: body.name,
    mode: body.mode,
    ttl: body.ttl,
    primary_nameservers: (body.mode === "secondary" && body.primary_nameservers) || [],
    protection: { delete: false },
  });
  if (body.mode === "secondary") return zone;
  for (const rrset of defaultRrsets(lab.now())) addRrset(lab, zone, rrset);
  for (const [index, rrset] of (body.rrsets ?? []).entries()) addRrset(lab, zone, rrset, `rrsets.${index}.`);
  if (body.zonefile) importZonefile(lab, zone, body.zonefile);
  return lab.store.get(ZONES, zone.id)!;
}

function createZone(lab: Lab, body: Order) {
  checkOrder(lab, body);
  const fresh = lab.fresh(body.labels);
  const { action: started, result } = changeZone(lab, "create_zone", fresh, () => insertZone(lab, fresh, body));
  return { zone: render(lab, result), action: started };
}

/** Changes the zone's own fields through an action. */
function set(lab: Lab, zone: ZoneRecord, command: string, patch: Partial<ZoneRecord>) {
  return { action: changeZone(lab, command, zone, () => lab.store.update(ZONES, zone.id, patch)).action };
}

function deleteZone(lab: Lab, zone: ZoneRecord) {
  if (zone.protection.delete) throw protectedError("zone", "deletion");
  const { action: started } = changeZone(lab, "delete_zone", zone, () => {
    for (const rrset of rrsetsOf(lab, zone)) lab.store.delete(RRSETS, rrset.id);
    lab.store.delete(ZONES, zone.id);
  });
  return { action: started };
}

/** Absent where the nameserver has none, as the API answers it. */
function renderNameserver({ address, port, tsig_algorithm, tsig_key }: PrimaryNameserver): object {
  return { address, port, ...(tsig_algorithm ? { tsig_algorithm } : {}), ...(tsig_key ? { tsig_key } : {}) };
}

function render(lab: Lab, zone: ZoneRecord): object {
  const { id, name, created, mode, ttl, labels, protection } = zone;
  const publishing = lab.actions.of({ type: "zone", id }).some((entry) => entry.status === "running");
  const withoutDot = assignedNameservers.map((nameserver) => nameserver.replace(/\.$/, ""));
  return {
    id,
    name,
    created,
    mode,
    ttl,
    labels,
    protection,
    primary_nameservers: zone.primary_nameservers.map(renderNameserver),
    authoritative_nameservers: {
      assigned: withoutDot,
      // Nobody delegates to a lab.
      delegated: [],
      delegation_last_check: created,
      delegation_status: "unknown",
    },
    registrar: "unknown",
    status: publishing ? "updating" : "ok",
    record_count: rrsetsOf(lab, zone).reduce((count, rrset) => count + rrset.records.length, 0),
  };
}

export const zones: Kind<ZoneRecord> = {
  path: "zones",
  singular: "zone",
  collection: ZONES,
  moreCollections: [RRSETS],
  find: findZone,
  filters: { name: (zone) => zone.name, mode: (zone) => zone.mode },
  render,
  create: create(createBody, createZone),
  update: update(z.object({ labels: labelsSchema.optional() }), (lab, zone: ZoneRecord, body) =>
    lab.store.update(ZONES, zone.id, body),
  ),
  remove: deleteZone,
  actions: {
    change_protection: action(deleteProtectionSchema, (lab, zone: ZoneRecord, body) =>
      set(lab, zone, "change_protection", { protection: { delete: body.delete ?? zone.protection.delete } }),
    ),
    change_ttl: action(z.object({ ttl: ttlSchema }), (lab, zone: ZoneRecord, { ttl }) => {
      requireMode(zone, "primary");
      return set(lab, zone, "change_ttl", { ttl });
    }),
    change_primary_nameservers: action(
      z.object({ primary_nameservers: z.array(nameserverSchema).min(1).max(10) }),
      (lab, zone: ZoneRecord, { primary_nameservers }) => {
        requireMode(zone, "secondary");
        return set(lab, zone, "change_primary_nameservers", { primary_nameservers });
      },
    ),
    import_zonefile: action(z.object({ zonefile: zonefileSchema }), (lab, zone: ZoneRecord, { zonefile }) => {
      requireMode(zone, "primary");
      const { action: started } = changeZone(lab, "import_zonefile", zone, () => importZonefile(lab, zone, zonefile));
      return { action: started };
    }),
  },
  routes: (router: Router) => {
    mountRrsets(router);
    router.get("/zones/:id/zonefile", ({ id }) => {
      const zone = requireZone(router.lab, id);
      requireMode(zone, "primary");
      const records = rrsetsOf(router.lab, zone).flatMap(({ name, type, ttl, records: values }) =>
        values.map((record) => ({ name, type, ttl, ...record })),
      );
      return { zonefile: renderZonefile(zone.name, zone.ttl, records) };
    });
  },
};
