/** Zone files in BIND format (RFC 1035): reading what a user imports, writing what is exported. */
import { isRecordType, type RecordType, recordError } from "./record-types.ts";

/** One record as it stands in a zone file. */
export interface ZonefileRecord {
  /** Relative to the zone, `@` for the apex. */
  readonly name: string;
  readonly type: RecordType;
  /** Seconds; null: the zone's default. */
  readonly ttl: number | null;
  readonly value: string;
  readonly comment?: string;
}

/** A zone file that was understood. */
export interface Zonefile {
  /** Seconds from `$TTL`; null when the file has none. */
  readonly ttl: number | null;
  readonly records: readonly ZonefileRecord[];
}

/** Raised with the line on which a zone file stops making sense. */
export class ZonefileError extends Error {}

interface Entry {
  readonly line: number;
  readonly tokens: readonly string[];
  /** The line began with white space: the owner is that of the record before. */
  readonly inheritsOwner: boolean;
  readonly comment?: string;
}

const TOKEN = /(\s+)|;(.*)|([()])|("(?:[^"\\]|\\.)*"|(?:[^\s;()"\\]|\\.|"(?:[^"\\]|\\.)*")+)/sy;
const TTL_UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };
const MAX_TTL = 2_147_483_647;

/** Splits a file into logical lines: parentheses join physical ones, comments are set apart. */
function entries(text: string): Entry[] {
  const found: Entry[] = [];
  let open: { line: number; tokens: string[]; inheritsOwner: boolean; comment?: string } | undefined;
  let depth = 0;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const entry = open ?? { line: index + 1, tokens: [], inheritsOwner: /^\s/.test(line) };
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < line.length) {
      const match = TOKEN.exec(line);
      if (match === null) throw new ZonefileError(`line ${index + 1}: unbalanced quotes`);
      const [, , comment, parenthesis, token] = match;
      if (comment !== undefined) entry.comment = comment.trim();
      if (parenthesis !== undefined) depth += parenthesis === "(" ? 1 : -1;
      if (depth < 0) throw new ZonefileError(`line ${index + 1}: ")" without "("`);
      if (token !== undefined) entry.tokens.push(token);
    }
    open = depth > 0 ? entry : undefined;
    if (open === undefined && entry.tokens.length > 0) found.push(entry);
  }
  if (open !== undefined) throw new ZonefileError(`line ${open.line}: "(" is never closed`);
  return found;
}

/** Seconds of a TTL such as `3600` or `1h30m`; null when it is none. */
function parseTtl(token: string): number | null {
  if (/^\d{1,10}$/.test(token)) return Number(token);
  if (!/^(\d{1,10}[smhdw])+$/i.test(token)) return null;
  let seconds = 0;
  for (const [, count, unit] of token.matchAll(/(\d+)([a-z])/gi))
    seconds += Number(count) * TTL_UNITS[unit!.toLowerCase()]!;
  return seconds;
}

function relativeName(owner: string, zone: string, line: number): string {
  const name = owner.toLowerCase();
  if (!name.endsWith(".")) return name;
  if (name === `${zone}.`) return "@";
  if (name.endsWith(`.${zone}.`)) return name.slice(0, -zone.length - 2);
  throw new ZonefileError(`line ${line}: ${owner} is not in the zone ${zone}`);
}

function parseRecord(entry: Entry, lastOwner: string | undefined, zone: string): ZonefileRecord {
  const where = `line ${entry.line}`;
  const tokens = [...entry.tokens];
  const owner = entry.inheritsOwner ? lastOwner : relativeName(tokens.shift()!, zone, entry.line);
  if (owner === undefined) throw new ZonefileError(`${where}: the first record needs a name`);
  let ttl: number | null = null;
  // TTL and class may stand in either order.
  while (tokens[0] !== undefined && !isRecordType(tokens[0].toUpperCase())) {
    const token = tokens.shift()!;
    const seconds = parseTtl(token);
    if (seconds !== null) ttl = seconds;
    else if (/^(CH|HS|CS|ANY)$/i.test(token)) throw new ZonefileError(`${where}: only class IN is allowed`);
    else if (!/^IN$/i.test(token)) throw new ZonefileError(`${where}: "${token}" is not a supported record type`);
  }
  const type = tokens.shift()?.toUpperCase();
  if (type === undefined || !isRecordType(type)) throw new ZonefileError(`${where}: a record needs a type`);
  const value = tokens.join(" ");
  const problem = recordError(type, value) ?? ttlError(ttl);
  if (problem !== undefined) throw new ZonefileError(`${where}: ${type} record: ${problem}`);
  return { name: owner, type, ttl, value, ...(entry.comment ? { comment: entry.comment } : {}) };
}

function ttlError(ttl: number | null): string | undefined {
  return ttl === null || (ttl >= 60 && ttl <= MAX_TTL) ? undefined : `the TTL ${ttl} is not between 60 and ${MAX_TTL}`;
}

/**
 * Reads a zone file for one zone.
 *
 * @throws {ZonefileError} with the line and what is wrong there.
 */
export function parseZonefile(text: string, zone: string): Zonefile {
  const records: ZonefileRecord[] = [];
  let ttl: number | null = null;
  for (const entry of entries(text)) {
    const [directive, argument] = entry.tokens;
    if (!directive!.startsWith("$")) {
      records.push(parseRecord(entry, records.at(-1)?.name, zone));
    } else if (directive === "$ORIGIN") {
      if (argument?.toLowerCase() !== `${zone}.`)
        throw new ZonefileError(`line ${entry.line}: $ORIGIN must be ${zone}. (with the final dot)`);
    } else if (directive === "$TTL") {
      ttl = argument === undefined ? null : parseTtl(argument);
      const problem = ttl === null ? "$TTL needs a number of seconds" : ttlError(ttl);
      if (problem !== undefined) throw new ZonefileError(`line ${entry.line}: ${problem}`);
    } else {
      throw new ZonefileError(`line ${entry.line}: ${directive} is not supported`);
    }
  }
  return { ttl, records };
}

/** Writes a zone file; reading it again gives the same records. */
export function renderZonefile(zone: string, ttl: number, records: readonly ZonefileRecord[]): string {
  const lines = records.map(({ name, type, ttl: recordTtl, value, comment }) => {
    const columns = [name, "IN", ...(recordTtl === null ? [] : [recordTtl]), type, value];
    // A line break in a comment would turn its rest into a record.
    return columns.join("\t") + (comment ? ` ; ${comment.replace(/\s+/g, " ")}` : "");
  });
  return [`$ORIGIN\t${zone}.`, `$TTL\t${ttl}`, "", ...lines, ""].join("\n");
}
