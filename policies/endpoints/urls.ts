import { GAP, type Host, percentDecoded, urlHost } from "./hosts.ts";
import type { Endpoint } from "./types.ts";

/** What a text leads to, before it is said where the text stood. */
export type Lead = Host & Pick<Endpoint, "form" | "port">;

/** Schemes whose authority is a name within a service, not a host; the service's own host stands for it. */
const SERVICES: Readonly<Record<string, string>> = {
  s3: "amazonaws.com",
  s3a: "amazonaws.com",
  s3n: "amazonaws.com",
  awskms: "amazonaws.com",
  awssm: "amazonaws.com",
  gs: "storage.googleapis.com",
  gcs: "storage.googleapis.com",
  gcpkms: "cloudkms.googleapis.com",
  bigquery: "bigquery.googleapis.com",
  azblob: "blob.core.windows.net",
  hf: "huggingface.co",
  dockerhub: "docker.io",
  sqs: "amazonaws.com",
  awssqs: "amazonaws.com",
  awssns: "amazonaws.com",
  sns: "amazonaws.com",
  ses: "amazonaws.com",
  "ses+smtp": "amazonaws.com",
  dynamodb: "amazonaws.com",
  kinesis: "amazonaws.com",
  gcppubsub: "pubsub.googleapis.com",
  pubsub: "pubsub.googleapis.com",
  firestore: "firestore.googleapis.com",
  azuresb: "servicebus.windows.net",
  azurequeues: "queue.core.windows.net",
  b2: "backblazeb2.com",
  snowflake: "snowflakecomputing.com",
};

const CONNECTIONS = new Set(
  (
    "postgres postgresql postgis mysql mysql2 mariadb mongodb mongodb+srv redis rediss amqp amqps mqtt mqtts nats kafka sqlserver mssql " +
    "oracle clickhouse cockroachdb cassandra neo4j bolt memcached influxdb ldap ldaps smtp smtps imap imaps pop3 couchdb elasticsearch " +
    "stomp sftp ftp ftps syslog tls tcp udp grpc grpcs ssl dns quic h2c coap statsd otlp unixgram nfs smb cifs iscsi ws wss db2 snowflake " +
    "redshift trino presto hive vertica sb libsql"
  ).split(" "),
);

/** Authorities that name nothing on a network. */
const LOCAL_SCHEMES = new Set(
  "file unix fd npipe data blob urn about javascript k8s kubernetes arn docker-daemon docker-archive dir containers-storage pulumi hashivault azurekeyvault vault passphrase op secret ref tag spiffe chrome resource classpath android-app".split(
    " ",
  ),
);

const SCHEME = /[A-Za-z][A-Za-z0-9+.-]{0,40}$/;

/** Hosts that stand in URIs which only name something. */
const NAMING =
  /^https?:\/\/(?:www\.w3\.org|(?:www\.)?json-schema\.org|schemas\.xmlsoap\.org|schemas\.microsoft\.com|schemas\.openxmlformats\.org|schemas\.android\.com|purl\.org|xmlns\.com|ns\.adobe\.com|java\.sun\.com|xmlns\.jcp\.org|maven\.apache\.org\/(?:POM|xsd)|www\.springframework\.org\/schema|relaxng\.org|docs\.oasis-open\.org)/i;

/** The last one is how a program's user agent names its maker's page: `(compatible; bot/2.0; +http://…)`. */
const NAMING_BEFORE =
  /(?:xmlns(?::[\w.-]{1,40})?\s{0,4}=\s{0,4}["']|["']?[$@](?:schema|id|context|vocab)["']?\s{0,4}[:=]\s{0,4}["'[]{0,2}\s{0,4}["']?|schemaLocation\s{0,4}=\s{0,4}["'][^"']{0,200}|(?:PUBLIC|SYSTEM)\s{1,4}["'][^"']{0,100}["']?\s{0,4}["']?|yaml-language-server:\s{0,4}\$schema=|[(;]\s?\+)$/;

const ENDS = new Set([..." \t\r\n\f\v\"'`<>|^"].map((c) => c.charCodeAt(0)));

/**
 * Every URL of a text. One pass from `://` to `://`.
 * @param fetched whether the position says that it is fetched: then names of schemas count as well
 */
export function* urls(text: string, fetched = false): Generator<Lead> {
  let at = text.indexOf("://");
  let seen = 0;
  while (at >= 0) {
    const scheme = SCHEME.exec(text.slice(Math.max(seen, at - 41), at))?.[0].toLowerCase() ?? "";
    const start = at - scheme.length;
    // gRPC's `dns:///host:port`: the authority is the name server, empty for the system's own.
    const from = scheme === "dns" && text[at + 3] === "/" ? at + 4 : at + 3;
    const end = authorityEnd(text, from);
    const authority = text.slice(from, end);
    seen = at + 3;
    if (!(LOCAL_SCHEMES.has(scheme) || (!fetched && isNaming(text, start, end)))) {
      yield* authorityLeads(scheme, authority, text, end);
    }
    at = text.indexOf("://", seen);
  }
}

function isNaming(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 260), start);
  return NAMING.test(text.slice(start, Math.min(text.length, end + 24))) || NAMING_BEFORE.test(before);
}

/** Up to what cannot be within an authority. Placeholders may hold anything. */
function authorityEnd(text: string, from: number): number {
  const limit = Math.min(text.length, from + 2000);
  let i = from;
  while (i < limit) {
    const code = text.charCodeAt(i);
    if (code === 0x24 || code === 0x7b || code === 0x3c || code === 0x23) {
      const placeholder = placeholderEnd(text, i);
      if (placeholder > i) {
        i = placeholder;
        continue;
      }
    }
    if (ENDS.has(code) || code === 0x2f || code === 0x3f || code === 0x23) return i;
    i++;
  }
  return i;
}

const OPENERS: readonly (readonly [string, string])[] = [
  ["${{", "}}"],
  ["${", "}"],
  ["$((", "))"],
  ["$(", ")"],
  ["{{", "}}"],
  ["#{", "}"],
  ["{", "}"],
  ["<", ">"],
];

/** The end of a placeholder that begins here, or the same position. */
function placeholderEnd(text: string, at: number): number {
  for (const [open, close] of OPENERS) {
    if (!text.startsWith(open, at)) continue;
    const window = text.slice(at + open.length, at + 200);
    const end = window.indexOf(close);
    if (end < 0 || (open === "<" && !/^[\w. -]{1,60}$/.test(window.slice(0, end)))) return at;
    return at + open.length + end + close.length;
  }
  const name = /^\$[A-Za-z_]\w{0,100}/.exec(text.slice(at, at + 110))?.[0];
  return name ? at + name.length : at;
}

/** A text with {@link GAP} wherever a placeholder stands. */
export function withGaps(text: string): string {
  if (!/[$%{<#]/.test(text)) return text;
  let result = "";
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x25) {
      const format = /^%(?:\([\w.]{1,60}\))?[sdv]/.exec(text.slice(i, i + 70))?.[0];
      const whole = format ?? /^%[A-Z_]{2,40}%/.exec(text.slice(i, i + 42))?.[0];
      if (!whole || /^%[0-9a-f]{2}/i.test(text.slice(i, i + 3))) continue;
      result += text.slice(from, i) + GAP;
      from = i + whole.length;
      i = from - 1;
      continue;
    }
    if (code !== 0x24 && code !== 0x7b && code !== 0x3c && code !== 0x23) continue;
    const end = placeholderEnd(text, i);
    if (end === i) continue;
    result += text.slice(from, i) + GAP;
    from = end;
    i = end - 1;
  }
  return result + text.slice(from);
}

function* authorityLeads(scheme: string, raw: string, text: string, end: number): Generator<Lead> {
  let authority = withGaps(raw).replace(/[)\]},;.]+$/, (tail) =>
    /^\[[^[]*$/.test(raw) && tail.startsWith("]") ? "]" : "",
  );
  const service = SERVICES[scheme];
  if (service) {
    if (!/endpoint=/i.test(text.slice(end, end + 400))) yield { host: service, kind: "name", form: "url" };
    return;
  }
  const form = CONNECTIONS.has(scheme) ? ("connection-string" as const) : ("url" as const);
  if (form === "connection-string" && !authority.includes("@")) authority = withPassword(authority, text, end);
  if (authority.includes("(")) authority = authority.replace(/^(.*@)?(?:tcp|udp)?\(/i, "").replace(/\).*$/, "");
  // Curl takes what follows the backslash, browsers what stands before it.
  const spellings = authority.includes("\\") ? [authority, authority.slice(0, authority.indexOf("\\"))] : [authority];
  for (const spelling of spellings) {
    const host = spelling.slice(spelling.lastIndexOf("@") + 1).replace(/^.*\\+/, "");
    const several = host.includes(",") ? host.split(",", 64) : [host];
    for (const one of several) {
      const lead = hostAndPort(one, form);
      if (lead) yield lead;
    }
  }
}

/** Passwords with a slash that nobody escaped: the host follows the last `@` of the word. */
function withPassword(authority: string, text: string, end: number): string {
  const rest = /^[^\s"'`<>?]{0,300}/.exec(text.slice(end, end + 301))?.[0] ?? "";
  const at = rest.lastIndexOf("@");
  return at < 0 ? authority : (rest.slice(at + 1).split(/[/?#]/, 1)[0] ?? authority);
}

/** `host`, `host:port`, `[v6]:port`. */
export function hostAndPort(
  text: string,
  form: Lead["form"],
  read: (raw: string) => Host | undefined = urlHost,
): Lead | undefined {
  const [, name = "", port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?/.exec(text) ?? [];
  const bracketless = !text.startsWith("[") && text.indexOf(":") !== text.lastIndexOf(":") ? text : name;
  const host = read(percentDecoded(bracketless)) ?? (bracketless === text ? read(name) : undefined);
  if (!host) return undefined;
  return { ...host, form, ...(port && bracketless === name ? { port: Number(port) } : {}) };
}
