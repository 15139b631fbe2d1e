import { isIP } from "node:net";
import { isHostName, isRecordName, isWithin } from "./names.ts";

interface RecordOf<Type extends string> {
  /** Whole name, such as `_dmarc.example.eu`. */
  readonly name: string;
  readonly type: Type;
  /** Seconds, 30 to 86,400. @default 300 */
  readonly ttl?: number;
}

/** A record that does not depend on what is healthy. Targets are whole names. */
export type DnsRecord =
  | (RecordOf<"A" | "AAAA"> & { readonly address: string })
  | (RecordOf<"CNAME" | "NS"> & { readonly target: string })
  | (RecordOf<"MX"> & { readonly preference: number; readonly exchange: string })
  | (RecordOf<"SRV"> & {
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      /** `.` says that there is no such service. */
      readonly target: string;
    })
  | (RecordOf<"CAA"> & {
      readonly tag: "issue" | "issuewild" | "iodef";
      /** For `issue`: the authority's domain, or `;` for none. */
      readonly value: string;
      /** Whether an authority that does not know the tag must refuse. @default false */
      readonly isCritical?: boolean;
    })
  | (RecordOf<"TXT"> & {
      /** Printable ASCII, at most 4,000 characters. */
      readonly text: string;
    });

export const recordTypes = ["A", "AAAA", "CNAME", "NS", "MX", "SRV", "CAA", "TXT"] as const;
const caaTags = ["issue", "issuewild", "iodef"];

/** Seconds that a record without a TTL of its own may be kept. */
export const recordTtl = 300;
const [shortestTtl, longestTtl] = [30, 86_400];
const longestText = 4000;
/** Longest part of a TXT record, RFC 1035. */
const longestString = 255;

const printable = /^[\x20-\x7e]*$/;
const isWord = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 65_535;
const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 80) ?? "undefined";

/** What is wrong with a record's own content; empty when nothing is. */
function contentProblems(record: DnsRecord): string[] {
  const target = (field: string, name: string) =>
    isRecordName(name) ? [] : [`${field}: ${shown(name)} is not a whole domain name in lower case`];
  const word = (field: string, value: number) =>
    isWord(value) ? [] : [`${field}: ${shown(value)} is not a whole number from 0 to 65535`];
  switch (record.type) {
    case "A":
    case "AAAA":
      return isIP(record.address) === (record.type === "A" ? 4 : 6)
        ? []
        : [`address: ${shown(record.address)} is not an address for ${record.type}`];
    case "CNAME":
    case "NS":
      return target("target", record.target);
    case "MX":
      return [...word("preference", record.preference), ...target("exchange", record.exchange)];
    case "SRV":
      return [
        ...word("priority", record.priority),
        ...word("weight", record.weight),
        ...word("port", record.port),
        ...(record.target === "." ? [] : target("target", record.target)),
      ];
    case "CAA":
      return [
        ...(caaTags.includes(record.tag) ? [] : [`tag: ${shown(record.tag)} is not one of ${caaTags.join(", ")}`]),
        ...(printable.test(record.value) && record.value.length <= longestString
          ? []
          : [`value: ${shown(record.value)} is not printable ASCII of at most ${longestString} characters`]),
      ];
    case "TXT":
      return printable.test(record.text) && record.text.length <= longestText
        ? []
        : [`text: is not printable ASCII of at most ${longestText} characters`];
  }
}

/** What records stand beside. */
export interface RecordSurroundings {
  readonly zone: string;
  /** Names that the health checks answer for. */
  readonly servedNames: readonly string[];
  /** Names that belong to the name servers themselves. */
  readonly ownNames: readonly string[];
}

/** Everything wrong with records, each with its place; empty when nothing is. */
export function recordProblems(records: readonly DnsRecord[], around: RecordSurroundings): string[] {
  const { zone, servedNames, ownNames } = around;
  const aliases = new Set(records.filter((record) => record.type === "CNAME").map((record) => record.name));
  const addressed = new Set(servedNames);
  return records.flatMap((record, index) => {
    const { name, type, ttl = recordTtl } = record;
    const at = `records[${index}]`;
    if (!recordTypes.includes(type)) return [`${at}.type: ${shown(type)} is not one of ${recordTypes.join(", ")}`];
    const problems = contentProblems(record);
    if (!isRecordName(name) || !isWithin(name, zone)) {
      problems.push(`name: ${shown(name)} is not a whole name in ${zone}, in lower case`);
    }
    if (!(Number.isInteger(ttl) && ttl >= shortestTtl && ttl <= longestTtl)) {
      problems.push(`ttl: ${shown(ttl)} is not a whole number of seconds from ${shortestTtl} to ${longestTtl}`);
    }
    if (ownNames.includes(name)) problems.push(`name: ${name} is the name servers' own`);
    if (type === "NS" && name === zone) problems.push(`name: the name servers of ${zone} itself are the component's`);
    if (["A", "AAAA", "CNAME", "NS"].includes(type) && addressed.has(name)) {
      problems.push(`name: ${name} is a served name, whose addresses follow the health checks`);
    }
    if (type === "CNAME" && name === zone) problems.push(`name: a zone's own name cannot be an alias (CNAME)`);
    if (aliases.has(name) && (type !== "CNAME" || records.findIndex((other) => other.name === name) !== index)) {
      problems.push(`name: ${name} is an alias (CNAME), and an alias can have no other record`);
    }
    return problems.map((problem) => `${at}.${problem}`);
  });
}

const absolute = (name: string): string => (name === "." ? name : `${name}.`);
/** A zone file's string: `;` needs no escaping inside of quotes. */
const quoted = (text: string): string => `"${text.replace(/[\\"]/g, "\\$&")}"`;

function segments(text: string): string[] {
  const parts = Array.from({ length: Math.ceil(text.length / longestString) }, (_, index) =>
    text.slice(index * longestString, (index + 1) * longestString),
  );
  return parts.length === 0 ? [""] : parts;
}

function content(record: DnsRecord): string {
  switch (record.type) {
    case "A":
    case "AAAA":
      return record.address;
    case "CNAME":
    case "NS":
      return absolute(record.target);
    case "MX":
      return `${record.preference} ${absolute(record.exchange)}`;
    case "SRV":
      return `${record.priority} ${record.weight} ${record.port} ${absolute(record.target)}`;
    case "CAA":
      return `${record.isCritical ? 128 : 0} ${record.tag} ${quoted(record.value)}`;
    case "TXT":
      return segments(record.text).map(quoted).join(" ");
  }
}

/** A line of a zone file. */
export function renderRecord(record: DnsRecord): string {
  return `${absolute(record.name)} ${record.ttl ?? recordTtl} IN ${record.type} ${content(record)}\n`;
}

/** Whether a host can be reached by this name; for messages of others. */
export const servedNameProblem = (name: string, zone: string): string | undefined =>
  isHostName(name) && isWithin(name, zone)
    ? undefined
    : `${shown(name)} is not a whole host name in ${zone}, in lower case`;
