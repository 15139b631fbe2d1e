import { type Resource, Unseen, type Value, wanted } from "../../../graph/model.ts";
import { extendPath } from "../../../graph/path.ts";
import type { Context, Report, Rule } from "../../core/types.ts";
import { resourcesByUrn } from "../graph-index.ts";
import { isFlexible, isPlaced, sovereignClasses } from "../resource.ts";
import { isAccepted, worst } from "../standing.ts";
import { isObject, open } from "../values.ts";
import { placesOf } from "./places.ts";

/** What may stand outside must not lead inside. */
export const boundary: Rule = {
  id: "sovereignty/boundary",
  title: "What stands outside shares nothing with data that have to stay",
  description: `Applies where setting \`flexibleClasses\` lets resources stand outside the EU. Such a resource must share no network, secret, key, volume, firewall or certificate with one that
holds a class of setting \`sovereignClasses\`: neither by what both depend on, nor by what attaches them, nor by the same value written into both. The finding shows the path.

A saved event stream tells no dependencies: where a value is known only after the deployment there, the result is *not established*; the policy pack and a state tell it.`,
  severity: "refuse",
  controls: ["secnumcloud-19.6-c", "c5-cos-01", "c3a-sov-3", "csf-sov-3", "gdpr-32", "gdpr-44", "waf-sov-010"],
  examples: {
    bad: `settings: {flexibleClasses: [public, static]}
resources:
  office:
    type: hcloud:Firewall
    properties: {name: office}
  orders:
    type: hcloud:Server
    properties: {serverType: ccx13, image: debian-13, location: fsn1, labels: {data-class: personal}, firewallIds: ["\${office.id}"]}
  pictures:
    type: hcloud:Server
    properties: {serverType: ccx13, image: debian-13, location: ash, labels: {data-class: static}, firewallIds: ["\${office.id}"]}
`,
    good: `settings: {flexibleClasses: [public, static]}
resources:
  office:
    type: hcloud:Firewall
    properties: {name: office}
  visitors:
    type: hcloud:Firewall
    properties: {name: visitors}
  orders:
    type: hcloud:Server
    properties: {serverType: ccx13, image: debian-13, location: fsn1, labels: {data-class: personal}, firewallIds: ["\${office.id}"]}
  pictures:
    type: hcloud:Server
    properties: {serverType: ccx13, image: debian-13, location: ash, labels: {data-class: static}, firewallIds: ["\${visitors.id}"]}
`,
  },
  applies: (resource, { settings }) => isPlaced(resource) && isFlexible(resource, settings),
  *stack(context) {
    const { graph, settings } = context;
    const outside = wanted(graph).filter(
      (resource) => isPlaced(resource) && isFlexible(resource, settings) && isOutside(resource, context),
    );
    if (outside.length === 0) return;
    const inside = wanted(graph).filter((resource) => sovereignClasses(resource, settings).length > 0);
    const groundOf = groundsIn(context);
    const owned = byFirst(inside.flatMap((store) => groundOf(store).map((way) => [way.at(-1)!.urn, way] as const)));
    const named = byFirst(
      inside.flatMap((store) => namesIn(store).map((name) => [name.key, { store, name }] as const)),
    );
    const isBlind = !graph.resources.some(({ dependencies }) => dependencies.length > 0);
    for (const resource of outside) {
      for (const way of groundOf(resource)) {
        const other = owned.get(way.at(-1)!.urn);
        if (other) yield shared(resource, way, other, context);
      }
      for (const { key, path } of namesIn(resource)) {
        const other = named.get(key);
        if (other) yield sameValue(resource, path, other.store, other.name.path, context);
      }
      if (isBlind && inside.length > 0) yield* unseen(resource);
    }
  },
};

function isOutside(resource: Resource, context: Context): boolean {
  const { catalogue, settings } = context;
  const provider = catalogue.provider(resource.type);
  if (!provider) return false;
  const regions = placesOf(resource, context).places.flatMap(({ value }) =>
    typeof value === "string" ? (catalogue.region(provider, value) ?? []) : [],
  );
  return !isAccepted(worst(regions.map((region) => catalogue.regionStanding(region))), settings);
}

/** A way through the graph: what it begins with first. */
type Way = readonly Resource[];

const kindOf = ({ type }: Resource): string => type.slice(type.lastIndexOf(":") + 1);

/** Kinds that open something for whoever has them, whichever provider's. */
const GROUND =
  /network|subnet|vpc|securitygroup|firewall|sshkey|keypair|volume|disk|password|randombytes|privatekey|secret|kms|certificate|snapshot/i;
/** Kinds that join two others. */
const JOINT = /attachment|association|^(?:server|loadbalancer)network$/i;

/** The ways from a resource to networks, secrets and keys that it stands on: by what it depends on, and by what attaches it. */
function groundsIn({ graph }: Context): (resource: Resource) => Way[] {
  const resources = resourcesByUrn(graph);
  const joints = new Map<string, Resource[]>();
  for (const joint of wanted(graph).filter((resource) => JOINT.test(kindOf(resource))))
    for (const urn of joint.dependencies) joints.set(urn, [...(joints.get(urn) ?? []), joint]);
  return (resource) => {
    const ways = new Map<string, Way>([[resource.urn, [resource]]]);
    const found: Way[] = [];
    const queue: Way[] = [[resource]];
    for (let way = queue.shift(); way; way = queue.shift()) {
      const at = way.at(-1)!;
      // Only its own attachments: those of a network are all the others in it.
      const next = [
        ...at.dependencies.flatMap((urn) => resources.get(urn) ?? []),
        ...(at === resource ? (joints.get(at.urn) ?? []) : []),
      ];
      for (const step of next) {
        if (ways.has(step.urn)) continue;
        const longer = [...way, step];
        ways.set(step.urn, longer);
        queue.push(longer);
        if (step.custom && !JOINT.test(kindOf(step)) && GROUND.test(kindOf(step))) found.push(longer);
      }
    }
    return found;
  };
}

/** The first entry of each key. */
function byFirst<T>(entries: readonly (readonly [string, T])[]): ReadonlyMap<string, T> {
  return new Map(entries.toReversed());
}

interface Named {
  readonly path: string;
  /** What it names, the same for the same thing. */
  readonly key: string;
}

/** Properties that name networks, keys and their like. */
const NAMING =
  /^(network|subnet|subnetwork|vpc|securitygroup|vpcsecuritygroup|firewall|sshkey|keyname|keypair|volume|kmskey|secret|certificate)(?:s|ids?|arns?|names?)?$/i;

/** Walks what names something: values, and what cannot be seen. */
function* naming(resource: Resource): Generator<{ path: string; kind: string; value: Value }> {
  function* walk(
    value: Value | undefined,
    path: string,
    kind: string | undefined,
  ): Generator<{ path: string; kind: string; value: Value }> {
    const seen = open(value);
    if (seen === undefined || seen === null) return;
    if (Array.isArray(seen))
      for (const [index, item] of (seen as readonly Value[]).entries())
        yield* walk(item, extendPath(path, index), kind);
    else if (isObject(seen))
      for (const [name, item] of Object.entries(seen))
        yield* walk(item, extendPath(path, name), NAMING.exec(name)?.[1]?.toLowerCase());
    else if (kind !== undefined) yield { path, kind, value: seen };
  }
  yield* walk(resource.inputs as Value, "", undefined);
}

function namesIn(resource: Resource): Named[] {
  return [...naming(resource)].flatMap(({ path, kind, value }) =>
    (typeof value === "string" && value !== "") || typeof value === "number" ? [{ path, key: `${kind} ${value}` }] : [],
  );
}

const WHY = "What opens one side opens the other: whoever takes over a machine outside gets as far as what it shares.";
const FIX =
  "Give what stands outside a network, firewall, keys and secrets of its own, and let it ask for public content like everybody else.";

const holds = (store: Resource, { settings }: Context): string =>
  `holds ${sovereignClasses(store, settings).join(", ")} data`;

function shared(resource: Resource, way: Way, other: Way, context: Context): Report {
  const [store] = other as [Resource];
  const path = [
    ...way.map(({ name }) => name),
    ...other
      .toReversed()
      .slice(1)
      .map(({ name }) => name),
  ];
  return {
    resource,
    outcome: "violation",
    place: [way.at(-1)!.name],
    message: `${resource.name} stands outside the EU and shares ${way.at(-1)!.name} with ${store.name}, which ${holds(store, context)}: ${path.join(" - ")}.`,
    why: WHY,
    fix: FIX,
  };
}

function sameValue(resource: Resource, property: string, store: Resource, there: string, context: Context): Report {
  return {
    resource,
    outcome: "violation",
    property,
    message: `${resource.name} stands outside the EU and names the same as ${there} of ${store.name}, which ${holds(store, context)}.`,
    why: WHY,
    fix: FIX,
  };
}

function* unseen(resource: Resource): Generator<Report> {
  for (const { path, value } of naming(resource))
    if (value instanceof Unseen)
      yield {
        resource,
        outcome: "not-established",
        property: path,
        message: `Whether ${resource.name}, which stands outside the EU, shares ${path} with data that have to stay could not be seen.`,
        why: WHY,
        fix: "Use the policy pack in the preview, or check the state: both tell what depends on what.",
      };
}
