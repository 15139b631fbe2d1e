/** What the picture shows. */
import { type Properties, type Resource, Secret, type Value } from "../graph/model.ts";
import { valueAt } from "../graph/path.ts";
import { type Context, countryName, packageOf, placesOf, reach, worst } from "../policies/index.ts";
import { actionOf, ref } from "./action.ts";
import type { Flow, Link, Place, Presence, ResourceNode, Topology } from "./model.ts";
import { passagesOf } from "./passages.ts";
import { kindOf, type Relations, STACK } from "./relations.ts";
import { nameShown } from "./shown.ts";
import type { Sides } from "./sovereignty.ts";
import type { Holding } from "./stateful.ts";

/** Flows of one deployment that are listed. */
const MOST_FLOWS = 5000;

export function topologyOf(
  resources: readonly Resource[],
  relations: Relations,
  sides: Sides,
  holdings: ReadonlyMap<string, Holding>,
): Topology {
  const places = new Map<string, Place>();
  const before = new Map(sides.before.graph.resources.map((resource) => [resource.urn, resource]));
  const shown = resources.filter(({ type }) => type !== STACK && !type.startsWith("pulumi:providers:"));
  const nodes = shown.map((resource): ResourceNode => {
    const action = actionOf(resource);
    const then = before.get(resource.urn);
    const old = then && then !== resource ? placeOf(then, sides.before, places) : undefined;
    const place = action === "delete" ? (old ?? "") : placeOf(resource, sides.after, places);
    return {
      ...ref(resource),
      place,
      ...(old !== undefined && old !== place && { placeBefore: old }),
      ...(resource.parent !== undefined && { parent: nameShown(resource.parent) }),
      isComponent: !resource.custom,
      action: action === "read" ? "none" : action,
      stateful: holdings.has(resource.urn),
      classes: holdings.get(resource.urn)?.classes ?? [],
      kind: groupOf(resource.type),
      ...labelled(resource),
    };
  });
  return {
    places: [...places.values()],
    nodes,
    links: linksOf(relations),
    flows: flowsOf(shown, before, sides, holdings),
    passages: passagesOf(shown, relations),
  };
}

function placeOf(resource: Resource, context: Context, places: Map<string, Place>): string {
  const { catalogue } = context;
  const provider = resource.custom ? catalogue.provider(resource.type) : undefined;
  const value = provider && placesOf(resource, context).places.find((place) => typeof place.value === "string")?.value;
  if (!provider || typeof value !== "string") return "";
  const region = catalogue.region(provider, value);
  const name = region?.name ?? nameShown(value);
  const key = `${provider.package}:${name}`;
  if (!places.has(key)) {
    const countries = region?.countries ?? [];
    places.set(key, {
      key,
      title: region?.city
        ? `${region.city} (${countries.join(", ")})`
        : `${name}${countries.length > 0 ? ` (${countries.map(countryName).join(", ")})` : ""}`,
      provider: provider.name,
      countries,
      standing: region ? catalogue.regionStanding(region) : "unknown",
    });
  }
  return key;
}

/** Where programs say what a resource is for, and how large it is. */
const ROLES = ["role", "app.kubernetes.io/component", "app.kubernetes.io/name", "app"];
const SIZES = ["serverType", "loadBalancerType", "instanceType", "vmSize", "machineType"];

function labelled({ inputs, change }: Resource): Pick<ResourceNode, "role" | "size"> {
  const stated = change?.op === "delete" ? (change.before ?? {}) : inputs;
  const labels = [stated.labels, stated.tags, valueAt(stated, "metadata.labels")];
  const role = ROLES.flatMap((name) => labels.map((some) => textAt(some, name))).find((value) => value !== undefined);
  const size =
    SIZES.map((name) => textAt(stated, name)).find((value) => value !== undefined) ??
    (typeof stated.size === "number" ? `${stated.size} GB` : undefined);
  return { ...(role !== undefined && { role: nameShown(role) }), ...(size !== undefined && { size: nameShown(size) }) };
}

function textAt(properties: Value | undefined, name: string): string | undefined {
  if (typeof properties !== "object" || properties === null || properties instanceof Secret) return undefined;
  const value = Object.hasOwn(properties, name) ? (properties as Properties)[name] : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/attachment|association|^(?:server|loadbalancer)network$|loadbalancer(?:target|service)$/i, "attachment"],
  [/subnet/i, "subnet"],
  [/volume|disk|filesystem|fileshare/i, "volume"],
  [/loadbalancer|targetgroup|listener|ingress$/i, "load balancer"],
  [/bucket|objectstorage|storageaccount|blob/i, "bucket"],
  [/database|rds|sql|dynamodb|redis|cosmos|spanner|table$/i, "database"],
  [/firewall|securitygroup|networkpolicy|acl$/i, "firewall"],
  [/floatingip|primaryip|eip|publicip|address$/i, "address"],
  [/zone|record|rrset|rdns|dns/i, "DNS"],
  [/network|subnet|vpc|route|gateway|peering/i, "network"],
  [/certificate|tls/i, "certificate"],
  [/placement/i, "placement"],
  [/queue|topic|pubsub|stream$/i, "queue"],
  [/cache|memcache/i, "cache"],
  [/cluster$/i, "cluster"],
  [/function|lambda/i, "function"],
  [/sshkey|keypair|kms|cryptokey/i, "key"],
  [/secret|password|random|key|token/i, "secret"],
  [/deployment|statefulset|daemonset|pod|job|function|container|service$/i, "workload"],
  [/server|instance|virtualmachine|droplet|machine/i, "server"],
];

/** Grouping for pictures, by the words in a type's last part. */
export function groupOf(type: string): string {
  const last = type.startsWith("pulumi:") ? "" : kindOf(type);
  return KINDS.find(([pattern]) => pattern.test(last))?.[1] ?? (packageOf(type) === "random" ? "secret" : "other");
}

function linksOf({ uses, byUrn }: Relations): Link[] {
  return uses.flatMap(({ from, to, property }) => {
    const [user, used] = [byUrn.get(from)!, byUrn.get(to)!];
    return [
      {
        from: nameShown(from),
        to: nameShown(to),
        what: whatOf(user, used, property),
        presence: presenceOf(user, used),
      },
    ];
  });
}

function whatOf(user: Resource, used: Resource, property: string): string {
  const [own, other] = [groupOf(user.type), groupOf(used.type)];
  if (/target/i.test(user.type)) return "targets";
  if (other === "firewall" || /firewall|securityGroup/i.test(property)) return "protected by";
  if (other === "network") return "in network";
  return own === "volume" || own === "address" ? "attached to" : "uses";
}

function presenceOf(user: Resource, used: Resource): Presence {
  const actions = [actionOf(user), actionOf(used)];
  if (actions.includes("delete")) return "removed";
  if (actions.includes("create")) return "added";
  return actions.includes("replace") ? "changed" : "kept";
}

function flowsOf(
  resources: readonly Resource[],
  before: ReadonlyMap<string, Resource>,
  { before: then, after: now }: Sides,
  holdings: ReadonlyMap<string, Holding>,
): Flow[] {
  const found: Flow[] = [];
  for (const resource of resources) {
    if (found.length >= MOST_FLOWS) break;
    const old = before.get(resource.urn);
    const gone = actionOf(resource) === "delete";
    const classes = holdings.get(resource.urn)?.classes ?? [];
    const was = old ? flows(old, then, classes) : new Map<string, Flow>();
    const is = gone ? new Map<string, Flow>() : old === resource ? was : flows(resource, now, classes);
    for (const [key, flow] of is) found.push({ ...flow, presence: was.has(key) ? "kept" : "added" });
    for (const [key, flow] of was) if (!is.has(key)) found.push({ ...flow, presence: "removed" });
  }
  return found.slice(0, MOST_FLOWS);
}

function flows(resource: Resource, context: Context, classes: readonly string[]): Map<string, Flow> {
  const found = new Map<string, Flow>();
  for (const endpoint of context.endpoints(resource).endpoints) {
    const { host, port, form, kind } = endpoint;
    const key = `${host}\0${port ?? ""}`;
    if (found.has(key)) continue;
    const reached = reach(endpoint, context);
    const owned = kind === "name" ? context.catalogue.host(host) : context.catalogue.address(host);
    const [vendor] = owned.owners;
    // Private names and addresses lead nowhere outside.
    if (reached.kind === "own" && !vendor) continue;
    const facts = "facts" in reached ? reached.facts : undefined;
    const standing = facts
      ? worst([facts.standing, ...(facts.region ? [facts.region.standing] : [])])
      : vendor
        ? owned.standing
        : "unknown";
    const jurisdiction = facts?.jurisdiction ?? vendor?.seat;
    found.set(key, {
      from: nameShown(resource.urn),
      host: nameShown(host),
      ...(port !== undefined && { port }),
      form,
      ...(vendor && { vendor: vendor.name }),
      ...(jurisdiction !== undefined && { jurisdiction }),
      standing,
      leaves: standing === "unknown" ? "unknown" : standing === "eu" ? "no" : "yes",
      classes,
      presence: "kept",
    });
  }
  return found;
}
