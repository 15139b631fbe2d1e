/** What makes the RRSets of a zone consistent, apart from the syntax of single records. */
import { invalidInput } from "../../core/errors.ts";
import { rrsetNameError } from "./names.ts";
import { type RecordType, recordError } from "./record-types.ts";
import type { ZonefileRecord } from "./zonefile.ts";

/** One record of an RRSet; the value identifies it. */
export interface RrsetRecord {
  readonly value: string;
  readonly comment?: string;
}

/** The part of an RRSet that the rules look at. */
export interface RrsetContent {
  readonly name: string;
  readonly type: RecordType;
  /** Seconds; null: the zone's default. */
  readonly ttl: number | null;
  readonly records: readonly RrsetRecord[];
}

/** Nameservers that every zone is assigned to. */
export const assignedNameservers = [
  "hydrogen.ns.hetzner.com.",
  "oxygen.ns.hetzner.com.",
  "helium.ns.hetzner.de.",
] as const;

/** Types of which an RRSet holds exactly one record. */
const SINGLE: readonly RecordType[] = ["CNAME", "SOA"];

/**
 * Checks the records of one RRSet.
 *
 * @param field where the records stand in the request, for errors
 * @throws ApiError `invalid_input` naming the record
 */
export function checkRecords(type: RecordType, records: readonly RrsetRecord[], field = "records"): void {
  if (records.length === 0) throw invalidInput(field, "must not be empty");
  const seen = new Set<string>();
  for (const [index, { value }] of records.entries()) {
    const problem = recordError(type, value) ?? (seen.has(value) ? "is there twice" : undefined);
    if (problem !== undefined) throw invalidInput(`${field}.${index}.value`, problem);
    seen.add(value);
  }
  if (SINGLE.includes(type) && records.length > 1) throw invalidInput(field, `a ${type} RRSet has exactly one record`);
}

/**
 * Checks whether an RRSet may stand in a zone beside the others.
 *
 * @param field where the name stands in the request, for errors
 * @throws ApiError `invalid_input` naming the field
 */
export function checkPlace(
  rrset: Pick<RrsetContent, "name" | "type">,
  zone: string,
  others: readonly RrsetContent[],
  field = "name",
): void {
  const { name, type } = rrset;
  const problem = rrsetNameError(name, zone);
  if (problem !== undefined) throw invalidInput(field, problem);
  if (type === "SOA" && name !== "@") throw invalidInput(field, "an SOA RRSet stands at the apex (@) only");
  if (type === "CNAME" && name === "@") throw invalidInput(field, "a CNAME RRSet cannot stand at the apex (@)");
  const clash = others.find((other) => other.name === name && (type === "CNAME") !== (other.type === "CNAME"));
  if (clash)
    throw invalidInput(field, `a CNAME excludes every other type: ${name} already has an RRSet of type ${clash.type}`);
}

/** The RRSets that every new zone begins with. */
export function defaultRrsets(now: number): RrsetContent[] {
  const soa = `${assignedNameservers[0]} dns.hetzner.com. ${firstSerial(now)} 86400 10800 3600000 3600`;
  return [
    { name: "@", type: "SOA", ttl: null, records: [{ value: soa }] },
    { name: "@", type: "NS", ttl: null, records: assignedNameservers.map((value) => ({ value })) },
  ];
}

function firstSerial(now: number): number {
  return Number(`${new Date(now).toISOString().slice(0, 10).replaceAll("-", "")}00`);
}

/** An SOA value with its serial raised: `YYYYMMDDnn`, always larger than before. */
export function raisedSerial(soa: string, now: number): string {
  const fields = soa.split(/\s+/);
  fields[2] = String(Math.max(Number(fields[2]) + 1, firstSerial(now)) % 2 ** 32);
  return fields.join(" ");
}

/**
 * The RRSets of an imported zone file.
 *
 * @throws ApiError `invalid_input` for field `zonefile`
 */
export function groupRecords(records: readonly ZonefileRecord[], zone: string): RrsetContent[] {
  const rrsets = new Map<string, RrsetContent>();
  for (const { name, type, ttl, value, comment } of records) {
    const key = `${name}/${type}`;
    const known = rrsets.get(key);
    if (known && known.ttl !== ttl) throw invalidInput("zonefile", `${key}: all records of an RRSet have the same TTL`);
    if (known?.records.some((record) => record.value === value))
      throw invalidInput("zonefile", `${key}: the record ${value} is there twice`);
    const record = comment === undefined ? { value } : { value, comment };
    rrsets.set(key, { name, type, ttl, records: [...(known?.records ?? []), record] });
  }
  const found = [...rrsets.values()];
  for (const rrset of found) {
    checkPlace(rrset, zone, found, "zonefile");
    checkRecords(rrset.type, rrset.records, "zonefile");
  }
  requireApex(rrsets);
  return found;
}

function requireApex(rrsets: ReadonlyMap<string, RrsetContent>): void {
  if (!rrsets.has("@/SOA")) throw invalidInput("zonefile", "a SOA record must be present");
  const nameservers = rrsets.get("@/NS")?.records.map((record) => record.value.toLowerCase()) ?? [];
  const missing = assignedNameservers.filter((nameserver) => !nameservers.includes(nameserver));
  if (missing.length > 0)
    throw invalidInput(
      "zonefile",
      `the assigned nameservers must be present as NS records; missing: ${missing.join(", ")}`,
    );
}
