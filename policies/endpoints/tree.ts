import { Secret, Unseen } from "../../graph/model.ts";
import { propertyPath } from "../../graph/path.ts";
import { GAP } from "./hosts.ts";
import { impliedByName, impliedBySetting } from "./implied.ts";
import { limits } from "./limits.ts";
import { factsOfName } from "./names.ts";
import { hasHostKeys, isVersionKey, isWeakHostKey, leadsNowhere, type Role, roleOfKey } from "./positions.ts";

export type Segment = string | number;

/** What is known of a tree from outside: it decides what some of its names mean. */
export interface Setting {
  /** Whether a bare `image: nginx` is a container's. */
  readonly containers: boolean;
  /** Whether this is a machine's cloud-config. */
  readonly cloudConfig: boolean;
  /** Whether `host` and its like are names that the resource itself answers to (an ingress, a certificate). */
  readonly ownNames: boolean;
  /** A resource of Kubernetes' kind Secret: its `data` is base64. */
  readonly secretData: boolean;
  /** A machine of a cloud: its `image` is an operating system's. */
  readonly machine: boolean;
  /** Whether `name` is an image that is pulled. */
  readonly imageName: boolean;
  /** Whether an endpoint of object storage is stated beside: then `s3://` is not Amazon's. */
  readonly storage: boolean;
}

export const PLAIN: Setting = {
  containers: false,
  cloudConfig: false,
  ownNames: false,
  secretData: false,
  machine: false,
  imageName: false,
  storage: false,
};

export interface Text {
  readonly text: string;
  readonly role: Role;
  readonly weak: boolean;
  readonly path: readonly Segment[];
  readonly secret: boolean;
  /** Bare images are containers' here. */
  readonly containers: boolean;
  /** What a person knows the place by: the path of a file that is written there. */
  readonly label?: string;
}

export interface Visitor {
  text(found: Text): void;
  unseen(path: readonly Segment[], why: Unseen["why"], secret: boolean): void;
  tooDeep(path: readonly Segment[], secret: boolean): void;
}

interface At {
  /** What it stands in; absent for the root. */
  readonly up?: At;
  /** Its name or number there. */
  readonly segment?: Segment;
  readonly key: string;
  readonly role: Role;
  readonly secret: boolean;
  readonly setting: Setting;
  readonly label: string | undefined;
  readonly depth: number;
}

/** The way to a place. Made where it is told: most texts lead nowhere. */
function pathOf(at: At): Segment[] {
  const path: Segment[] = [];
  for (let step: At | undefined = at; step?.segment !== undefined; step = step.up) path.unshift(step.segment);
  return path;
}

const RECORD_TYPES = new Set("A AAAA CNAME MX NS SRV ALIAS ANAME DNAME PTR TXT SPF CAA HTTPS SVCB NAPTR".split(" "));
/** Calls the visitor for every text of a value, with what its place says of it. */
export function walk(value: unknown, setting: Setting, visitor: Visitor, root: Role = "plain"): void {
  visit(value, rootOf(setting, root), visitor);
}

/** The same for one entry of a list that stands under a name of the root. */
export function walkEntry(value: unknown, key: string, index: number, setting: Setting, visitor: Visitor): void {
  const role = roleOfKey(key);
  const list: At = { ...rootOf(setting), up: rootOf(setting), segment: key, key, role, depth: 1 };
  visit(value, { ...list, up: list, segment: index, depth: 2 }, visitor);
}

const rootOf = (setting: Setting, role: Role = "plain"): At => ({
  key: "",
  role,
  secret: false,
  setting,
  label: undefined,
  depth: 0,
});

/** Whether a root object says something of all that is within: then its parts cannot be looked at one by one. */
export function changesSetting(owner: Readonly<Record<string, unknown>>, setting: Setting): boolean {
  return settingOf(owner, rootOf(setting)) !== setting || joinedText(owner) !== undefined;
}

function visit(value: unknown, at: At, visitor: Visitor): void {
  if (value === null || value === undefined) return;
  if (typeof value === "string") {
    if (at.setting.storage && /^s3[an]?:\/\/\S*$/.test(value)) return;
    const implied = at.role === "name" ? undefined : impliedBySetting(at.key, value);
    if (implied)
      visitor.text({
        text: implied,
        role: "host",
        weak: false,
        path: pathOf(at),
        secret: at.secret,
        containers: false,
      });
    const role = at.role === "image" && at.setting.machine && !/^[^/]+\.[^/]+\//.test(value) ? "plain" : at.role;
    if (leadsNowhere(value, role)) return;
    visitor.text({
      text: value,
      role,
      weak: isWeakHostKey(at.key) || (at.role === "plain" && isVersionKey(at.key)),
      path: pathOf(at),
      secret: at.secret,
      containers: at.setting.containers,
      ...(at.label ? { label: at.label } : {}),
    });
    return;
  }
  if (typeof value !== "object") return;
  if (value instanceof Unseen) visitor.unseen(pathOf(at), value.why, at.secret || value.why === "secret");
  else if (value instanceof Secret) visit(value.value, { ...at, secret: true }, visitor);
  // YAML's !!binary.
  else if (value instanceof Uint8Array)
    visit(Buffer.from(value).toString("base64"), { ...at, role: "base64" }, visitor);
  else if (at.depth >= limits.nesting) visitor.tooDeep(pathOf(at), at.secret);
  else if (Array.isArray(value)) list(value, at, visitor);
  else object(value as Readonly<Record<string, unknown>>, at, visitor);
}

function list(items: readonly unknown[], at: At, visitor: Visitor): void {
  if (at.role === "script" && !factsOfName(at.key).isCommandList && items.length && items.every(isScalar)) {
    const text = items.length === 1 ? String(items[0]) : items.map((item) => quoted(String(item))).join(" ");
    visit(text, { ...at, key: "" }, visitor);
    return;
  }
  const setting = items.some(statesStorage) ? { ...at.setting, storage: true } : at.setting;
  for (let i = 0; i < items.length; i++) {
    const key = at.role === "script" && Array.isArray(items[i]) ? "command" : at.key;
    visit(items[i], { ...at, up: at, segment: i, key, setting, depth: at.depth + 1 }, visitor);
  }
}

/** `{ name: "AWS_ENDPOINT_URL", value: … }` in a list of environment variables. */
export function statesStorage(item: unknown): boolean {
  if (typeof item !== "object" || item === null) return false;
  const { name, value } = item as { name?: unknown; value?: unknown };
  return typeof name === "string" && factsOfName(name).isStorage && typeof value === "string";
}

const isScalar = (item: unknown): boolean =>
  typeof item === "string" || typeof item === "number" || typeof item === "boolean";
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

function object(owner: Readonly<Record<string, unknown>>, at: At, visitor: Visitor) {
  const setting = settingOf(owner, at);
  const record = recordType(owner);
  const named = nameOf(owner);
  const file = typeof owner.path === "string" && typeof owner.content === "string" ? owner : undefined;
  const joined = joinedText(owner);
  if (joined !== undefined) return visit(joined, at, visitor);
  const keysAreHosts = hasHostKeys(at.key) || at.role === "image";
  const image = at.role === "image" ? wholeImage(owner) : undefined;
  if (image)
    visitor.text({ text: image, role: "image", weak: false, path: pathOf(at), secret: at.secret, containers: true });
  for (const key of Object.keys(owner)) {
    const value = owner[key];
    if (
      key.length > 3 &&
      (keysAreHosts ? key.includes(".") : key.includes("://")) &&
      !at.key.match(/labels|annotations/i)
    )
      visitor.text({
        text: key,
        role: keysAreHosts ? "host" : "plain",
        weak: false,
        path: [...pathOf(at), key],
        secret: at.secret,
        containers: false,
      });
    if (image && /^(?:registry|repository|name|tag|digest|reference)$/.test(key)) continue;
    const implied = impliedByName(at.key, key, value, owner);
    if (implied)
      visitor.text({
        text: implied,
        role: "host",
        weak: false,
        path: [...pathOf(at), key],
        secret: at.secret,
        containers: false,
      });
    let role = childRole(key, value, at, setting);
    let label: string | undefined;
    if (record && factsOfName(key).isRecordValue) role = "dns-record";
    else if (named !== undefined && /^(?:value|Value|default)$/.test(key)) role = roleOfKey(named);
    else if (file && key === "content") {
      role = fileRole(file.encoding);
      label = String(file.path);
    } else if (setting.secretData && key === "data" && typeof value === "object") role = "base64";
    const below = setting.containers || !factsOfName(key).holdsContainers ? setting : { ...setting, containers: true };
    visit(
      value,
      {
        up: at,
        segment: key,
        key: named !== undefined && /^value$/i.test(key) ? named : key,
        role,
        secret: at.secret,
        setting: below,
        depth: at.depth + 1,
        label: label || at.label,
      },
      visitor,
    );
  }
}

function childRole(key: string, value: unknown, at: At, setting: Setting): Role {
  const { lower, isNameMap, isOwnName } = factsOfName(key);
  if (isNameMap || (at.role === "name" && factsOfName(at.key).isNameMap)) return "name";
  if (setting.cloudConfig && (lower === "fqdn" || lower === "hostname")) return "name";
  if (setting.ownNames && isOwnName && at.key !== "destination") return "name";
  if (setting.imageName && key === "name" && at.segment === undefined) return "image";
  if (key === "ref" && at.key === "registry") return "image";
  const role = roleOfKey(key);
  if (at.role === "base64") return "base64";
  const nested = typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Secret);
  const listed = typeof at.segment === "number";
  if (role === "name") return nested ? "plain" : "name";
  if ((at.role === "ntp" || at.role === "resolver") && (role === "host" || role === "plain")) return at.role;
  if (role === "plain" && at.role === "host" && /s$/i.test(at.key) && !listed) return "host";
  if (role === "plain" && at.role === "image" && /s$/i.test(at.key)) return "image";
  if (role === "plain" && at.role === "dns-record") return "dns-record";
  if (role === "plain" && at.role === "script" && factsOfName(at.key).isCommandList) return "script";
  return role;
}

function settingOf(owner: Readonly<Record<string, unknown>>, at: At): Setting {
  const { kind, apiVersion } = owner;
  const stated = Object.keys(owner).some((key) => factsOfName(key).isStorage && typeof owner[key] === "string");
  const setting = stated && !at.setting.storage ? { ...at.setting, storage: true } : at.setting;
  if (typeof kind !== "string" || typeof apiVersion !== "string") return setting;
  return settingOfKind(kind, setting);
}

/** What a Kubernetes kind, or the last part of a type token, says of the names within. */
export function settingOfKind(kind: string, base: Setting = PLAIN): Setting {
  return {
    ...base,
    containers: true,
    secretData: /^Secret(?:Patch)?$/.test(kind),
    ownNames:
      /^(?:Ingress|IngressRoute|Gateway|[A-Z]+Route|Certificate|VirtualService|DomainMapping|HTTPProxy|Listener|ListenerRule|CustomDomain)/i.test(
        kind,
      ),
  };
}

/** The type of a DNS record, where an object is one. */
function recordType(owner: Readonly<Record<string, unknown>>): string | undefined {
  const type = owner.type ?? owner.recordType ?? owner.fieldtype ?? owner.rrtype;
  if (typeof type !== "string" || !RECORD_TYPES.has(type.toUpperCase())) return undefined;
  return type.toUpperCase();
}

/** `{ name: "SENTRY_DSN", value: … }`: the name says what the value is. */
function nameOf(owner: Readonly<Record<string, unknown>>): string | undefined {
  if (!("value" in owner || "Value" in owner || "default" in owner)) return undefined;
  const name = owner.name ?? owner.key ?? owner.Name ?? owner.Key ?? owner.variable;
  return typeof name === "string" && name.length < 200 && /^[\w.-]+$/.test(name) ? name : undefined;
}

/** `encoding` of cloud-init's `write_files`, in all its spellings. gzip shows in the bytes. */
function fileRole(encoding: unknown): Role {
  return typeof encoding === "string" && /b64|base64|gz/i.test(encoding) ? "base64" : "plain";
}

/** `{ registry, repository, tag }` as charts have it. */
function wholeImage(owner: Readonly<Record<string, unknown>>): string | undefined {
  const name = owner.repository ?? owner.reference ?? owner.name;
  if (typeof name !== "string" || !name) return undefined;
  const registry = typeof owner.registry === "string" && owner.registry ? `${owner.registry.replace(/\/+$/, "")}/` : "";
  return `${registry}${name}`;
}

/** CloudFormation's and Pulumi YAML's joins of constant texts; what is not constant becomes a gap. */
function joinedText(owner: Readonly<Record<string, unknown>>): string | undefined {
  const join = owner["Fn::Join"] ?? owner["fn::join"];
  if (!Array.isArray(join) || !Array.isArray(join[1])) return undefined;
  return join[1].map((part) => (typeof part === "string" ? part : GAP)).join(String(join[0]));
}

/** Property path, or the way into a parsed document; a file that is written there is named by its path. */
export function placeOf(path: readonly Segment[], label?: string): string {
  const bounded = path.map((segment) => (typeof segment === "string" ? segment.slice(0, 200) : segment));
  if (!label) return propertyPath(bounded);
  return `${propertyPath(bounded.at(-1) === "content" ? bounded.slice(0, -1) : bounded)} (${label.slice(0, 200)})`;
}
