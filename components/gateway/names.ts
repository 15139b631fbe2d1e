/** Longest domain name in text, RFC 1035. */
const longestName = 253;
const hostLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** Also those of `_dmarc`, `_acme-challenge` and their like. */
const recordLabel = /^_?[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/;

const hasLabels = (name: string, label: RegExp): boolean =>
  name.length <= longestName && name.split(".").every((part) => part.length <= 63 && label.test(part));

/** Whether a machine or service can have this name: lower case, at least two labels, no dot at the end. */
export const isHostName = (name: string): boolean => name.includes(".") && hasLabels(name, hostLabel);

/** Whether a record can have this name: a host's, or one with labels such as `_dmarc`; `*.` in front stands for everything below. */
export const isRecordName = (name: string): boolean =>
  name.includes(".") && hasLabels(name.replace(/^\*\./, ""), recordLabel);

/** Whether a name is the zone's own or below it. */
export const isWithin = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`);

/** A name as it stands in its zone: `@` for the zone itself; undefined where it is in another. */
export function relativeName(name: string, zone: string): string | undefined {
  if (!isWithin(name, zone)) return undefined;
  return name === zone ? "@" : name.slice(0, -zone.length - 1);
}
