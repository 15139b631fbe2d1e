/** What a text is for, by where it stands. It decides whether a bare word can be a host, an image, a command. */
export type Role =
  /** Nothing is known: addresses as whole values, and URLs. */
  | "plain"
  | "host"
  | "image"
  | "resolver"
  | "ntp"
  | "package-source"
  | "dns-record"
  | "e-mail"
  | "script"
  | "user-data"
  /** The field is defined as base64. */
  | "base64"
  /** The name of something, never fetched: schemas, namespaces, labels, descriptions. */
  | "name";

/** Whether a text leads nowhere by its length and place alone. */
export function leadsNowhere(text: string, role: Role): boolean {
  if (text.length < 3 || role === "name") return true;
  if (role !== "plain" || text.length > LONGEST_ADDRESS) return false;
  return text.length < 12 && !/[.:]/.test(text) ? true : PRIVATE.test(text);
}

const LONGEST_ADDRESS = 15;
/** By far the most common of private addresses. */
const PRIVATE = /^10(?:\.\d{1,3}){3}$/;

/** Words that end the names of settings which hold a host. */
const HOST_WORDS = new Set(
  (
    "host hosts hostname hostnames endpoint endpoints server servers url urls uri uris dsn registry registries mirror mirrors " +
    "upstream upstreams address addresses addr addrs broker brokers relay relayhost smarthost proxy peer peers remote remotes " +
    "target targets backend backends origin origins site issuer authority webhook webhooks cdn forwarders forward forwarder " +
    "seeds fqdn destination destinations connection href baseurl serverurl host_name smtp ingest collector gateway " +
    "repo repos repository repositories source sources master masters controlplane tunnel hub dest netloc domainname " +
    "imap pop3 ldap syslog loghost logserver keyserver keyservers bases nsdname exchange cname tracker beacon sink link links " +
    "config_url api_url mounts provider_url externalname matchname matchpattern tofqdns fonts font csp allowed allowlist whitelist ssh_import_id hook hooks callback"
  ).split(" "),
);

/** Of these, the ones that as often hold a path, a file or a branch: files' suffixes do not count there. */
const WEAK_HOST_WORDS = new Set(
  "mounts target targets source sources destination destinations dest remote origin repository repo bases link".split(
    " ",
  ),
);

const NAME_KEYS = new Set(
  (
    "$schema $id $ref @context @type @id xmlns apiversion kind apigroup apigroups group controller provisioner driver " +
    "finalizers description comment comments note notes documentation docs homepage summary title displayname " +
    "annotation author authors maintainer maintainers license licenses labels tags label tag defaulttags matchlabels " +
    "nodeselector topologykey scope scopes oauthscopes audience audiences claims namespaceuri runbook runbookurl runbook_url " +
    "dashboard_url helpurl helmchartinputhash servername common_name commonname dnsnames dns_names subjectalternativenames " +
    "subject_alternative_names server_name schema_version typemeta additionallabels matchexpressions crds customresource"
  ).split(" "),
);

const RESOLVER_KEYS = new Set(
  "dns nameserver nameservers dnsservers dnsserver resolver resolvers dnsresolver dnsresolvers dnsserverips fallbackdns dnsforwarders dnsaddresses".split(
    " ",
  ),
);
const NTP_KEYS = new Set(
  "ntp ntpserver ntpservers ntppool ntppools fallbackntp timeserver timeservers ntpaddress".split(" "),
);
const MAIL_KEYS = new Set(
  "to cc bcc recipient recipients emailto mailto sendto notifyemail notificationemail notificationemails alertemail emailaddress emailaddresses serviceaccount serviceaccountemail gcpserviceaccount subscriberemailaddresses emailrecipients".split(
    " ",
  ),
);
const USER_DATA_KEYS = new Set(
  "userdata customdata startupscript metadatastartupscript cloudinit cloudconfig initscript bootstrapscript startscript userdatareplaceonchange vendordata".split(
    " ",
  ),
);
const SCRIPT_KEYS = new Set(
  "command commands cmd script scripts args arguments entrypoint runcmd bootcmd exec create update delete run before_script after_script prestart poststart shell inline execstart execstartpre execstartpost execstop execreload execstoppost execcondition".split(
    " ",
  ),
);
const IMAGE_KEYS = new Set(
  "image images imageuri imagename imageurl containerimage baseimage dockerimage imageidentifier imageref imagereference sandboximage pauseimage initimage".split(
    " ",
  ),
);
const BASE64_KEYS = new Set(
  "userdatabase64 contentbase64 b64 binarydata cloudinitbase64 user_data_base64 base64userdata".split(" "),
);
const VERSION_WORDS = new Set("version versions release build revision oid rev ver".split(" "));

/** What a name says of the value under it. */
interface KeyFacts {
  readonly role: Role;
  readonly weak: boolean;
  readonly version: boolean;
  readonly hostKeys: boolean;
}

const NO_FACTS: KeyFacts = { role: "plain", weak: false, version: false, hostKeys: false };
const known = new Map<string, KeyFacts>();

function factsOf(key: string): KeyFacts {
  if (key.length > 200 || key === "") return NO_FACTS;
  const before = known.get(key);
  if (before) return before;
  const words = wordsOf(key);
  const facts: KeyFacts = {
    role: roleOfNewKey(key),
    weak: WEAK_HOST_WORDS.has(words.at(-1) ?? ""),
    version: words.some((word) => VERSION_WORDS.has(word)),
    hostKeys: HOST_MAPS.has(key.toLowerCase().replace(/[^a-z0-9]/g, "")),
  };
  if (known.size > 10_000) known.clear();
  known.set(key, facts);
  return facts;
}

/** What the name of a setting says of its value: `SENTRY_DSN`, `smtpHost`, `nameservers`, `image`. */
export const roleOfKey = (key: string): Role => factsOf(key).role;

/** Whether what stands there is as often a file or a branch: files' suffixes do not count then. */
export const isWeakHostKey = (key: string): boolean => factsOf(key).weak;

/** Whether what stands under this name is a version: four numbers with dots are no address there. */
export const isVersionKey = (key: string): boolean => factsOf(key).version;

/** Whether the names below it are hosts: `auths: { "ghcr.io": … }`. */
export const hasHostKeys = (key: string): boolean => factsOf(key).hostKeys;

function roleOfNewKey(key: string): Role {
  const lower = key.toLowerCase();
  if (NAME_KEYS.has(lower)) return "name";
  if (/(?:^|[./_-])(?:description|documentation|homepage|icon)$/.test(lower)) return "name";
  if (/image\.(?:source|url|documentation|vendor|title|authors|licenses|revision)$/.test(lower)) return "name";
  const flat = lower.replace(/[^a-z0-9]/g, "");
  if (BASE64_KEYS.has(flat)) return "base64";
  if (RESOLVER_KEYS.has(flat)) return "resolver";
  if (NTP_KEYS.has(flat)) return "ntp";
  if (MAIL_KEYS.has(flat) || /serviceaccount(?:email|name)?$/.test(flat)) return "e-mail";
  if (USER_DATA_KEYS.has(flat)) return "user-data";
  if (SCRIPT_KEYS.has(lower)) return "script";
  if (IMAGE_KEYS.has(flat)) return "image";
  const words = wordsOf(key);
  const last = words.at(-1) ?? "";
  if (NAME_KEYS.has(flat)) return "name";
  if (VERSION_WORDS.has(last)) return "plain";
  if (last === "image" || last === "images") return "image";
  if (HOST_WORDS.has(last) || HOST_WORDS.has(lower)) return "host";
  if (words.some((word) => STRONG_WORDS.has(word)) && !DULL_ENDS.has(last)) return "host";
  return "plain";
}

/** Wherever they stand in a name, it is about a host, unless it ends in what a host also has. */
const STRONG_WORDS = new Set(
  "host hostname endpoint url uri dsn smtp server servers registry mirror upstream webhook broker brokers proxy bootstrap".split(
    " ",
  ),
);
const DULL_ENDS = new Set(
  "user username password passwd pass port name token key secret id enabled timeout protocol scheme path type class count size mode namespace prefix suffix cert ca key tls ssl verify version from sender subject file dir".split(
    " ",
  ),
);

function wordsOf(key: string): string[] {
  return key
    .slice(0, 200)
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
}

/** Maps whose keys are hosts: `auths: { "ghcr.io": … }`. */
const HOST_MAPS = new Set(
  "auths credhelpers mirrors registries insecureregistries registryconfigs hosts_toml proxies registrymirrors hostaliases".split(
    " ",
  ),
);
