/** Record types of the DNS API and the syntax of their values, in the presentation format of zone files. */
import { isIPv4, isIPv6 } from "node:net";

export const recordTypes = [
  "A",
  "AAAA",
  "CAA",
  "CNAME",
  "DS",
  "HINFO",
  "HTTPS",
  "MX",
  "NS",
  "PTR",
  "RP",
  "SOA",
  "SRV",
  "SVCB",
  "TLSA",
  "TXT",
] as const;

/** Type of an RRSet. */
export type RecordType = (typeof recordTypes)[number];

/** Whether a string is a record type of the API (upper case). */
export function isRecordType(type: string): type is RecordType {
  return (recordTypes as readonly string[]).includes(type);
}

/** One field of a record's value; `quoted` fields are character strings, without their quotes. */
export interface Field {
  readonly text: string;
  readonly quoted: boolean;
}

/** A check answers what is wrong with a field, or undefined. */
type Check = (field: Field) => string | undefined;

const DECIMAL = /^(0|[1-9]\d*)$/;
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i;
const HEX = /^([0-9a-f]{2})+$/i;
/** RFC 9460: `key`, `key=value` or `key="value"`. */
const SERVICE_PARAMETER = /^[a-z0-9-]+(=.*)?$/;
const DIGEST_HEX_LENGTH: Readonly<Record<string, number>> = { "1": 40, "2": 64, "4": 96 };

/**
 * Splits a value into its fields: white space separates, double quotes hold a character string together.
 * Null when a quote is not closed or not followed by white space.
 */
export function splitFields(value: string): Field[] | null {
  const fields: Field[] = [];
  const pattern = /\s*(?:"((?:[^"\\]|\\.)*)"(?=\s|$)|([^\s"]+(?:"(?:[^"\\]|\\.)*")?)(?=\s|$))\s*/sy;
  while (pattern.lastIndex < value.length) {
    const match = pattern.exec(value);
    if (match === null) return null;
    fields.push(match[1] === undefined ? { text: match[2]!, quoted: false } : { text: match[1], quoted: true });
  }
  return fields;
}

const bare =
  (what: string, accepts: (text: string) => boolean): Check =>
  (field) =>
    !field.quoted && accepts(field.text) ? undefined : `"${field.text}" is not ${what}`;

const integer = (max: number): Check =>
  bare(`a whole number from 0 to ${max}`, (text) => DECIMAL.test(text) && Number(text) <= max);

const u8 = integer(255);
const u16 = integer(65_535);
const u32 = integer(4_294_967_295);
const hex = bare("hexadecimal", (text) => HEX.test(text));

/** Whether a string is a domain name: relative, absolute with a final dot, `@` for the apex, or `.` for the root. */
export function isDomainName(name: string): boolean {
  if (name === "@" || name === ".") return true;
  const labels = name.replace(/\.$/, "").split(".");
  return name.length <= 254 && labels.every((label) => LABEL.test(label));
}

const domainName = bare("a domain name", isDomainName);

/** RFC 1035: a character string holds at most 255 bytes; an escape (`\"`, `\065`) is one of them. */
const characterString: Check = (field) => {
  if (!field.quoted) return `"${field.text}" must stand in double quotes`;
  const bytes = Buffer.byteLength(field.text.replace(/\\(\d{3}|.)/gs, "x"));
  return bytes > 255
    ? `a character string has ${bytes} bytes, at most 255 are allowed: split it into several`
    : undefined;
};

/** Fixed fields first; `rest` checks every further one, and `minRest` of them are needed. */
interface Syntax {
  readonly form: string;
  readonly fields: readonly Check[];
  readonly rest?: Check;
  readonly minRest?: number;
}

const serviceBinding: Syntax = {
  form: "PRIORITY TARGET [KEY=VALUE ...]",
  fields: [u16, domainName],
  rest: bare("a parameter (key or key=value)", (text) => SERVICE_PARAMETER.test(text)),
};

const syntaxes: Readonly<Record<RecordType, Syntax>> = {
  A: { form: "IPV4-ADDRESS", fields: [bare("an IPv4 address", isIPv4)] },
  AAAA: { form: "IPV6-ADDRESS", fields: [bare("an IPv6 address", (text) => isIPv6(text) && !text.includes("%"))] },
  CAA: {
    form: 'FLAGS TAG "VALUE"',
    fields: [u8, bare("a tag (letters and digits)", (text) => /^[a-z0-9]{1,15}$/i.test(text)), characterString],
  },
  CNAME: { form: "DOMAIN-NAME", fields: [domainName] },
  DS: { form: "KEY-TAG ALGORITHM DIGEST-TYPE DIGEST", fields: [u16, u8, u8, hex] },
  HINFO: { form: '"CPU" "OS"', fields: [characterString, characterString] },
  HTTPS: serviceBinding,
  MX: { form: "PREFERENCE DOMAIN-NAME", fields: [u16, domainName] },
  NS: { form: "DOMAIN-NAME", fields: [domainName] },
  PTR: { form: "DOMAIN-NAME", fields: [domainName] },
  RP: { form: "MAILBOX-NAME TXT-NAME", fields: [domainName, domainName] },
  SOA: {
    form: "PRIMARY-NAMESERVER MAILBOX SERIAL REFRESH RETRY EXPIRE MINIMUM",
    fields: [domainName, domainName, u32, u32, u32, u32, u32],
  },
  SRV: { form: "PRIORITY WEIGHT PORT TARGET", fields: [u16, u16, u16, domainName] },
  SVCB: serviceBinding,
  TLSA: { form: "USAGE SELECTOR MATCHING-TYPE DATA", fields: [integer(3), integer(1), integer(2), hex] },
  TXT: { form: '"TEXT" ["TEXT" ...]', fields: [], rest: characterString, minRest: 1 },
};

/**
 * What is wrong with a record's value for its type, in words for the caller; undefined when it is well formed.
 */
export function recordError(type: RecordType, value: string): string | undefined {
  const syntax = syntaxes[type];
  const fields = splitFields(value);
  if (fields === null) return `unbalanced quotes; expected ${syntax.form}`;
  const rest = fields.slice(syntax.fields.length);
  const tooMany = rest.length > 0 && syntax.rest === undefined;
  if (fields.length < syntax.fields.length || rest.length < (syntax.minRest ?? 0) || tooMany)
    return `has ${fields.length} fields; expected ${syntax.form}`;
  for (const [index, check] of syntax.fields.entries()) {
    const problem = check(fields[index]!);
    if (problem !== undefined) return problem;
  }
  for (const field of rest) {
    const problem = syntax.rest?.(field);
    if (problem !== undefined) return problem;
  }
  if (type === "DS") return digestError(fields[2]!.text, fields[3]!.text);
  return undefined;
}

function digestError(digestType: string, digest: string): string | undefined {
  const expected = DIGEST_HEX_LENGTH[digestType];
  if (expected === undefined || digest.length === expected) return undefined;
  return `a digest of type ${digestType} has ${expected} hexadecimal digits, not ${digest.length}`;
}
