import { domainToASCII } from "node:url";
import ipaddr from "ipaddr.js";
import { parse } from "tldts";
import { limits } from "./limits.ts";

/** Stands in a text for something that is only known when it runs: a template's placeholder, a shell's variable. */
export const GAP = "\uE000";

export interface Host {
  readonly host: string;
  readonly kind: "name" | "address" | "range";
  /** Only the constant end of a name that is put together elsewhere. */
  readonly template?: true;
}

/** Names that no public resolver answers: they lead nowhere outside. */
const PRIVATE_SUFFIXES = new Set(
  "local localhost localdomain internal intranet private corp lan home test invalid arpa svc cluster pod consul".split(
    " ",
  ),
);

/** Ranges that lead nowhere outside: only what is left is an endpoint. */
const PRIVATE_RANGES = new Set([
  "private",
  "loopback",
  "linkLocal",
  "unspecified",
  "broadcast",
  "multicast",
  "carrierGradeNat",
  "uniqueLocal",
  "deprecatedSiteLocal",
]);

/** Suffixes of the public list that are far more often a file's: `app.py`, `main.tf`, `install.sh`. */
const FILE_SUFFIXES = new Set("py sh rs pl md so ps tf pm in la mk cc am zip mov st bz do id name ml vi".split(" "));

const LABELS = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const suffixes = new Map<string, boolean>();

/** Whether a name ends in a suffix of the public list (its ICANN section) and is more than that suffix. */
export function hasPublicSuffix(name: string): boolean {
  const known = suffixes.get(name);
  if (known !== undefined) return known;
  const { isIcann, domain } = parse(name);
  const result = isIcann === true && domain !== null;
  if (suffixes.size >= limits.rememberedHosts) suffixes.clear();
  suffixes.set(name, result);
  return result;
}

export const looksLikeFile = (name: string): boolean => {
  const labels = name.split(".");
  return labels.length === 2 && FILE_SUFFIXES.has(labels[1]!);
};

/**
 * A host as it stands behind `://`, in whatever spelling: upper case, trailing dot, percent-encoded, full-width,
 * international, an IPv4 address as one number, octal or hexadecimal, IPv6 in brackets, the end of a template.
 * Undefined for what leads nowhere outside.
 */
export function urlHost(raw: string): Host | undefined {
  let text = raw;
  if (text.includes("%")) text = percentDecoded(text);
  if (text.startsWith("[")) return address(text.slice(1).replace(/\]?(?:%.*)?$/, ""));
  const gap = text.lastIndexOf(GAP);
  if (gap >= 0) return template(text.slice(gap + 1));
  if (text.includes(":")) return address(text);
  text = ascii(text);
  if (/^(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}$/.test(text)) return address(text);
  if (!LABELS.test(text)) return undefined;
  return isOutside(text) ? { host: text, kind: "name" } : undefined;
}

/** A bare word in a position where a host is meant: it needs a public suffix. */
export function bareHost(raw: string): Host | undefined {
  if (raw.length > 300 || raw.length < 3) return undefined;
  const range = addressOrRange(raw);
  if (range) return range;
  const gap = raw.lastIndexOf(GAP);
  if (gap >= 0) return template(raw.slice(gap + 1));
  if (!raw.includes(".") && !/[^\0-\x7f]/.test(raw)) return undefined;
  const text = ascii(raw.includes("%") ? percentDecoded(raw) : raw);
  return LABELS.test(text) && hasPublicSuffix(text) ? { host: text, kind: "name" } : undefined;
}

/** A literal address or range that leads outside, in its usual spelling only. */
export function addressOrRange(text: string): Host | undefined {
  if (text.length > 64 || text.length < 3) return undefined;
  const slash = text.indexOf("/");
  const literal = (slash < 0 ? text : text.slice(0, slash)).replace(/^\[(.*)\]$/, "$1");
  if (!/^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:.]*:[0-9a-f:.]*)$/i.test(literal)) return undefined;
  if (slash < 0) return address(literal);
  const length = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(length)) return undefined;
  const found = address(literal);
  if (!found) return undefined;
  if (Number(length) > (found.host.includes(":") ? 128 : 32)) return undefined;
  return { host: `${found.host}/${Number(length)}`, kind: "range" };
}

/** Private, or no address at all: by far the most common, and nowhere outside either way. */
const TEN = /^10(?:\.\d{1,3}){3}$/;

function address(text: string): Host | undefined {
  if (TEN.test(text)) return undefined;
  if (!ipaddr.isValid(text)) return undefined;
  let parsed = ipaddr.process(text);
  if (parsed instanceof ipaddr.IPv6 && parsed.range() === "rfc6052")
    parsed = new ipaddr.IPv4(parsed.toByteArray().slice(12));
  if (PRIVATE_RANGES.has(parsed.range())) return undefined;
  return { host: parsed.toString(), kind: "address" };
}

/** `.datadoghq.com` behind a placeholder still says whose it is; `-api.example.eu` says the same less one label. */
function template(end: string): Host | undefined {
  const dot = end.indexOf(".");
  if (dot < 0) return undefined;
  const text = ascii(end.slice(dot + 1));
  if (!LABELS.test(text) || !hasPublicSuffix(text)) return undefined;
  return { host: text, kind: "name", template: true };
}

/** Without a public suffix a name of two labels is a cluster's service; a longer one may be of a suffix that is too new. */
function isOutside(name: string): boolean {
  if (hasPublicSuffix(name)) return true;
  const labels = name.split(".");
  const last = labels.at(-1)!;
  if (PRIVATE_SUFFIXES.has(last) || /^\d/.test(last)) return false;
  return labels.length > 2 || last === "example" || last === "onion";
}

function ascii(text: string): string {
  const plain = /[^\0-\x7f]/.test(text) ? domainToASCII(text) : text.toLowerCase();
  return plain.endsWith(".") ? plain.slice(0, -1) : plain;
}

export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
