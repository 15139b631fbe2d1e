import { addressOrRange, bareHost, GAP, type Host, looksLikeFile, percentDecoded } from "./hosts.ts";
import { imageRegistry } from "./images.ts";
import { isVersionKey, isWeakHostKey, type Role, roleOfKey } from "./positions.ts";
import { hostAndPort, type Lead, urls, withGaps } from "./urls.ts";

type Form = Lead["form"];

const FORM_OF_ROLE: Readonly<Partial<Record<Role, Form>>> = {
  host: "setting",
  resolver: "resolver",
  ntp: "ntp",
  "package-source": "package-source",
  "dns-record": "dns-record",
  "e-mail": "e-mail",
};

const SEPARATORS = /[\s,;|"'`()<>{}]+/;

/** What a value leads to that stands where `role` is meant. Several hosts may stand in one text. */
export function* valueLeads(text: string, role: Role, weak = false): Generator<Lead> {
  if (role === "name") return;
  if (role === "image") {
    if (!text.includes("://") || /^(?:docker|oci)/i.test(text)) {
      const found = imageRegistry(withGaps(text));
      if (found) yield { ...found, form: "image" };
    } else yield* urls(text);
    return;
  }
  yield* urls(text, role === "host" || role === "package-source");
  const form = FORM_OF_ROLE[role];
  if (!form) {
    const whole = addressOrRange(text.trim());
    if (whole && !weak && !isVersionLike(whole)) yield { ...whole, form: "bare" };
    return;
  }
  for (const token of text.length < 100_000 ? withGaps(text).split(SEPARATORS) : []) {
    if (role === "e-mail" && !token.includes("@")) continue;
    const lead = tokenLead(token, form, weak);
    if (lead) yield lead;
  }
}

/** Services that a short prefix stands for, as backup programs, package managers and cloud-init have them. */
const SHORT: Readonly<Record<string, Lead>> = {
  "ppa:": { host: "ppa.launchpadcontent.net", kind: "name", form: "package-source" },
  "gh:": { host: "github.com", kind: "name", form: "setting" },
  "github:": { host: "github.com", kind: "name", form: "setting" },
  "gitlab:": { host: "gitlab.com", kind: "name", form: "setting" },
  "lp:": { host: "launchpad.net", kind: "name", form: "setting" },
  "b2:": { host: "backblazeb2.com", kind: "name", form: "setting" },
  "gs:": { host: "storage.googleapis.com", kind: "name", form: "setting" },
  "azure:": { host: "blob.core.windows.net", kind: "name", form: "setting" },
};

/** `b2:bucket:path`, `gh:someone`, `s3:host/bucket`: whole values that name a service by prefix. */
export function* shortForms(text: string): Generator<Lead> {
  const match = /^([a-z0-9]{2,6}:)(?!\/\/)([\w.@/:-]{2,300})$/.exec(text.trim());
  if (!match) return;
  const service = SHORT[match[1]!];
  if (service) yield service;
  else if (/^(?:s3|sftp|rest|swift):$/.test(match[1]!)) {
    const lead = tokenLead(match[2]!.replace(/:.*$/, ""), "setting");
    if (lead) yield lead;
  }
}

/** `src="//cdn.example.com/x.js"`: a URL whose scheme is that of the page. */
export function* relativeUrls(line: string): Generator<Lead> {
  for (let at = line.indexOf("//"); at >= 0; at = line.indexOf("//", at + 2)) {
    if (at > 0 && !/["'(=]/.test(line[at - 1]!)) continue;
    const name = /^[\w.-]{3,253}(?=[:/"'?#\s)]|$)/.exec(line.slice(at + 2, at + 300))?.[0];
    const host = name && bareHost(name);
    if (host) yield { ...host, form: "url" };
  }
}

/** `host`, `host:port`, `user@host`, `host/path`, `host:/path`; never a URL, which {@link urls} finds. */
export function tokenLead(raw: string, form: Form, weak = false): Lead | undefined {
  if (raw.length < 3 || raw.length > 1000 || raw.includes("://")) return undefined;
  const range = addressOrRange(raw);
  if (range) return { ...range, form };
  let text = raw.replace(/^[@*=~!]+\.?/, "").replace(/[.,;]+$/, "");
  const at = text.lastIndexOf("@");
  if (at >= 0 && !text.slice(0, at).includes("/")) text = text.slice(at + 1);
  if (text.includes("%2")) text = percentDecoded(text);
  text = text.split(/[/?#\\]/, 1)[0]!;
  if (!/[.\u3002\uff0e]/.test(text) && !text.includes(":")) return undefined;
  return hostAndPort(text, at >= 0 && form === "setting" && !text.includes(":") ? "e-mail" : form, (name) => {
    const host = bareHost(name);
    return host && weak && (looksLikeFile(host.host) || looksLikeCode(name)) ? undefined : host;
  });
}

/** `com.Example`, `Foo.Bar`: words of a program. */
const looksLikeCode = (name: string): boolean => /\.[A-Z][a-z]/.test(name);

/** `12.0.0.0` is far more often an assembly's version than a machine. */
const isVersionLike = (host: Host): boolean => host.kind === "address" && /\.0$/.test(host.host);

const ADDRESS =
  /(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?:\/\d{1,2})?(?![\w-]|\.\d)|(?<![\w:.])\[?[23][0-9a-f]{0,3}:[0-9a-f:]{2,38}(?:\/\d{1,3})?\]?(?![\w:])/gi;

/** Literal addresses and ranges within a line, unless it speaks of versions. */
export function* addresses(line: string): Generator<Lead> {
  ADDRESS.lastIndex = 0;
  for (let match = ADDRESS.exec(line); match; match = ADDRESS.exec(line)) {
    const before = line.slice(Math.max(0, match.index - 40), match.index);
    if (/(?:version|release|build|revision|\bver|oid|chrome\/|agent)\W{0,4}\w{0,12}[\s="':]{0,4}$/i.test(before))
      continue;
    if (/[\w"']:$/.test(before) && !/(?:tcp|udp|tcp4|ip|ip4|ip6|dns|host|addr):$/i.test(before)) continue;
    if (before.endsWith("/") && before.endsWith("://") === false && !/\s\/$/.test(before)) continue;
    if (before.endsWith("://")) continue;
    const found = addressOrRange(match[0]);
    if (found && !isVersionLike(found)) yield { ...found, form: "bare" };
  }
}

const KEY = /(["']?)([A-Za-z_$][\w.$-]{0,80})\1[ \t]{0,8}$/;
const VALUE = /^(?:=|>)?[ \t]{0,8}(?:"([^"]{0,2000})"|'([^']{0,2000})'|([^\s"',;&)}\]]{1,1000}))/;

/**
 * Settings within a line, in whatever language: `host = "x"`, `"host": "x"`, `--host=x`, `Server=x;`. The value is
 * looked at by what the name says.
 */
export function* settingLeads(line: string): Generator<Lead> {
  for (let i = 1; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (code !== 0x3d && code !== 0x3a) continue;
    if (code === 0x3a && (line.charCodeAt(i + 1) === 0x2f || !/["'\s]/.test(line[i + 1] ?? "x"))) continue;
    const key = KEY.exec(line.slice(Math.max(0, i - 92), i))?.[2]?.replace(/^-+/, "");
    if (!key || isVersionKey(key)) continue;
    const role = roleOfKey(key);
    if (role === "plain" || role === "name" || role === "script" || role === "user-data" || role === "base64") continue;
    if (role === "e-mail" && code === 0x3d) continue;
    const value = VALUE.exec(line.slice(i + 1, i + 2100));
    let text = value?.[1] ?? value?.[2] ?? value?.[3];
    if (!text) continue;
    // `NTP=a b c` of a unit's file: all of them, where nothing else stands on the line.
    if (value?.[3] && code === 0x3d && line.slice(0, i).trim() === key) text = line.slice(i + 1, i + 2100);
    for (const lead of valueLeads(text.replace(/^(?:tcp|np|udp):/i, ""), role, isWeakHostKey(key)))
      if (lead.form !== "url" && lead.form !== "connection-string") yield lead;
  }
}

/** `git@host:path`, `user@host:path`: what git, scp and rsync take. */
export function* remotePaths(line: string): Generator<Lead> {
  for (let at = line.indexOf("@"); at >= 0; at = line.indexOf("@", at + 1)) {
    if (!/[\w.-]$/.test(line.slice(Math.max(0, at - 1), at))) continue;
    const match = /^([\w.-]{3,253}):(?!\d+(?:\D|$))[~\w./-]/.exec(line.slice(at + 1, at + 300));
    if (!match || line.lastIndexOf("://", at) > line.lastIndexOf(" ", at)) continue;
    const host = bareHost(match[1]!);
    if (host) yield { ...host, form: "url" };
  }
}

/** `mailto:someone@host`. */
export function* mailAddresses(text: string): Generator<Lead> {
  const lower = text.toLowerCase();
  for (let at = lower.indexOf("mailto:"); at >= 0; at = lower.indexOf("mailto:", at + 7)) {
    const match = /^[^\s@,;"'<>]{1,64}@([\w.-]{3,253})/.exec(text.slice(at + 7, at + 330));
    const host = match && bareHost(match[1]!.replace(/\.$/, ""));
    if (host) yield { ...host, form: "e-mail" };
  }
}

/** Azure's connection strings name an account and a suffix rather than a host; application keys imply one. */
export function* accountLeads(text: string): Generator<Lead> {
  const suffix = /(?:^|;)EndpointSuffix=([\w.-]{3,200})/i.exec(text)?.[1];
  if (suffix && bareHost(suffix)) yield { ...bareHost(suffix)!, form: "connection-string" };
  else if (/(?:^|;|["'\s=])DefaultEndpointsProtocol=/i.test(text))
    yield { host: "core.windows.net", kind: "name", form: "connection-string" };
  if (/(?:^|["'\s=])InstrumentationKey=/i.test(text) && !/IngestionEndpoint=/i.test(text))
    yield { host: "dc.services.visualstudio.com", kind: "name", form: "connection-string" };
  const driver = /(?:^|[\s"'=])[^\s"'@]{1,200}@(?:tcp|udp)\(([^)\s]{3,255})\)\//i.exec(text)?.[1];
  const lead = driver && tokenLead(driver, "connection-string");
  if (lead) yield lead;
}

export const hasGapOnly = (text: string): boolean => text.replaceAll(GAP, "") === "";
