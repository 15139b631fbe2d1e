/** What resources share by value: written out twice, no output tells where it comes from. Pure. */
import { gunzipSync } from "node:zlib";
import { selects } from "./selector.ts";
import { described, kindOf, type Placed, pathTo } from "./sides.ts";

/** One value among a resource's inputs. */
export interface Leaf {
  /** Property path. */
  readonly path: string;
  /** undefined: not known yet. */
  readonly value: unknown;
  readonly isSecret: boolean;
}

/** A resource with all that is known of it. */
export interface Known {
  readonly place: Placed;
  readonly leaves: readonly Leaf[];
  /** undefined where it does not exist yet. */
  readonly id?: string | undefined;
}

/** Properties that name other resources of the provider, and the kinds that they name. */
const references: readonly { readonly property: RegExp; readonly kinds: readonly string[] }[] = [
  { property: /^(firewallIds\[\d+\]|firewallId)$/, kinds: ["Firewall"] },
  { property: /(^|\.)(networkId|network)$/, kinds: ["Network"] },
  { property: /^(subnetId|networks\[\d+\]\.subnetId)$/, kinds: ["NetworkSubnet"] },
  { property: /^sshKeys\[\d+\]$/, kinds: ["SshKey"] },
  { property: /^(volumeId|volumeIds\[\d+\])$/, kinds: ["Volume"] },
  { property: /(^|\.)(serverId|serverIds\[\d+\]|server|targets\[\d+\]\.serverId)$/, kinds: ["Server"] },
  { property: /^placementGroupId$/, kinds: ["PlacementGroup"] },
  { property: /^loadBalancerId$/, kinds: ["LoadBalancer"] },
  { property: /(^|\.)certificates\[\d+\]$/, kinds: ["UploadedCertificate", "ManagedCertificate", "Certificate"] },
  { property: /(^|\.)ipv[46]$|^(primaryIpId|floatingIpId)$/, kinds: ["PrimaryIp", "FloatingIp"] },
  { property: /^image$/, kinds: ["Snapshot"] },
];

/** Everything that the sides share by value, with the paths of both. */
export function sharedValues(resources: readonly Known[]): string[] {
  const [core, edge] = (["core", "edge"] as const).map((side) => resources.filter(({ place }) => place.side === side));
  return [
    ...[...sharedIds(edge!, core!), ...sharedIds(core!, edge!)],
    ...sharedSshKeys(edge!, core!),
    ...sharedSecrets(edge!, core!),
    ...selected(edge!, core!),
    ...selected(core!, edge!),
  ];
}

const shared = (taker: Placed, path: string, owner: Placed, what: string): string =>
  `${pathTo(taker)}: ${path} is ${what} of ${described(owner)}: nothing is shared across the boundary; give the ${taker.side} its own`;

function nameOf({ leaves }: Known): string | undefined {
  const value = leaves.find(({ path }) => path === "name")?.value;
  return typeof value === "string" ? value : undefined;
}

function sharedIds(takers: readonly Known[], owners: readonly Known[]): string[] {
  const known = new Map<string, { readonly owner: Placed; readonly what: string }>();
  for (const owner of owners) {
    const kind = kindOf(owner.place.type);
    const name = nameOf(owner);
    if (name !== undefined) known.set(`${kind} ${name}`, { owner: owner.place, what: "the name" });
    if (owner.id !== undefined) known.set(`${kind} ${owner.id}`, { owner: owner.place, what: "the id" });
  }
  return takers.flatMap(({ place, leaves }) =>
    leaves.flatMap(({ path, value }) => {
      if (typeof value !== "string" && typeof value !== "number") return [];
      const kinds = references.filter(({ property }) => property.test(path)).flatMap((reference) => reference.kinds);
      const found = kinds.map((kind) => known.get(`${kind} ${value}`)).find(Boolean);
      return found ? [shared(place, path, found.owner, found.what)] : [];
    }),
  );
}

/** Type and key, without the comment. */
const material = (publicKey: string): string => publicKey.trim().split(/\s+/).slice(0, 2).join(" ");

function sharedSshKeys(edge: readonly Known[], core: readonly Known[]): string[] {
  const keys = (resources: readonly Known[]) =>
    resources
      .filter(({ place }) => kindOf(place.type) === "SshKey")
      .flatMap(({ place, leaves }) =>
        leaves.flatMap(({ path, value }) =>
          path === "publicKey" && typeof value === "string" ? [{ place, key: material(value) }] : [],
        ),
      );
  const ofCore = new Map(keys(core).map(({ place, key }) => [key, place]));
  return keys(edge).flatMap(({ place, key }) => {
    const owner = ofCore.get(key);
    return owner ? [shared(place, "publicKey", owner, "the key")] : [];
  });
}

/** Shorter ones are in other texts by chance. */
const shortestSecret = 12;
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g;
const mostBytes = 1_000_000;

/** Line breaks as they stand in JSON and as they are. */
const even = (text: string): string => text.replaceAll("\\n", "\n").trim();

/** A text and, where it is packed, what is in it. */
function readable(text: string): string {
  if (!/^H4sI[A-Za-z0-9+/=]+$/.test(text)) return even(text);
  try {
    return even(gunzipSync(Buffer.from(text, "base64"), { maxOutputLength: mostBytes }).toString());
  } catch {
    return text;
  }
}

/** What must be known on one side alone: whole secret values, and private keys wherever they stand. */
function secretsOf({ leaves }: Known): { readonly path: string; readonly secret: string }[] {
  return leaves.flatMap(({ path, value, isSecret }) => {
    if (typeof value !== "string") return [];
    const keys = readable(value).match(privateKey) ?? [];
    // What comes out of something secret counts as secret itself: the image's name of a machine that is kept as it was.
    const whole = isSecret && path !== "image" && value.length >= shortestSecret ? [even(value)] : [];
    return [...new Set([...whole, ...keys])].map((secret) => ({ path, secret }));
  });
}

/** Each secret once, with the first place on the other side. */
function sharedSecrets(edge: readonly Known[], core: readonly Known[]): string[] {
  const told = new Set<string>();
  return [[edge, core] as const, [core, edge] as const].flatMap(([takers, owners]) => {
    const secrets = owners.flatMap((owner) => secretsOf(owner).map((entry) => ({ ...entry, owner: owner.place })));
    if (secrets.length === 0) return [];
    return takers.flatMap(({ place, leaves }) =>
      leaves.flatMap(({ path, value }) => {
        if (typeof value !== "string" || value.length < shortestSecret) return [];
        const text = readable(value);
        const found = secrets.find(({ secret }) => !told.has(secret) && text.includes(secret));
        if (!found) return [];
        told.add(found.secret);
        return [shared(place, path, found.owner, `or holds a secret (${found.path})`)];
      }),
    );
  });
}

const isSelector = (path: string): boolean => /(^|\.)labelSelectors?(\[\d+\])?$/.test(path);

/** Firewalls and load balancers take what a selector finds. */
function selected(takers: readonly Known[], owners: readonly Known[]): string[] {
  const servers = owners.filter(({ place }) => kindOf(place.type) === "Server");
  return takers.flatMap(({ place, leaves }) =>
    leaves.flatMap(({ path, value }) => {
      if (!isSelector(path) || typeof value !== "string") return [];
      const found = servers.find((server) => selects(value, labelsOf(server)));
      return found
        ? [
            `${pathTo(place)}: ${path} ${JSON.stringify(value)} also finds ${described(found.place)}: name a label that the ${found.place.side} does not have, such as role`,
          ]
        : [];
    }),
  );
}

/** Its labels, as far as they are known. */
export function labelsOf({ leaves }: Known): Record<string, unknown> {
  return Object.fromEntries(
    leaves.flatMap(({ path, value }) => {
      const [, plain, quoted] = /^labels(?:\.([^.[\]]+)|\["(.+)"\])$/.exec(path) ?? [];
      const label = plain ?? quoted;
      return label === undefined || value === undefined ? [] : [[label, value] as const];
    }),
  );
}
