/** Who may talk to whom inside a deployment, and who may come in: read from load balancers, firewalls and what machines say of themselves. */
import { type Properties, type Resource, Secret, type Value } from "../graph/model.ts";
import { isAnywhere, openings } from "../policies/index.ts";
import { actionOf } from "./action.ts";
import { groupBy } from "./group.ts";
import type { Presence } from "./model.ts";
import type { Relations } from "./relations.ts";
import { nameShown } from "./shown.ts";

/** That somebody may talk to a resource. Whether it is used, nobody knows. */
export interface Passage {
  /** A resource's URN, `internet`, an address range, or `role:app` for all resources whose labels say so. */
  readonly from: string;
  readonly to: string;
  /** `443`, `8000-8010`; empty for all. */
  readonly ports: string;
  /** Name of the resource that says so. */
  readonly why: string;
  /** `kept` too where the resource that says so is itself new or gone: its own mark says that. */
  readonly presence: Presence;
}

/** Passages of one deployment that are listed: beyond, a picture shows none of them apart anyway. */
const MOST = 20_000;

export function passagesOf(resources: readonly Resource[], relations: Relations): Passage[] {
  const found: Passage[] = [];
  for (const resource of resources) {
    if (found.length >= MOST) break;
    const { change, inputs } = resource;
    const now = actionOf(resource) === "delete" ? (change?.before ?? {}) : inputs;
    const then = change?.op === "update" || change?.op === "replace" ? change.before : undefined;
    const is = said({ ...resource, inputs: now }, relations);
    const was = then ? said({ ...resource, inputs: then }, relations) : is;
    const [isKeys, wasKeys] = [new Set(is.map(keyOf)), new Set(was.map(keyOf))];
    for (const passage of is) found.push({ ...passage, presence: wasKeys.has(keyOf(passage)) ? "kept" : "added" });
    for (const passage of was) if (!isKeys.has(keyOf(passage))) found.push({ ...passage, presence: "removed" });
  }
  return found.slice(0, MOST);
}

type Said = Omit<Passage, "presence">;

const keyOf = ({ from, to, ports }: Said): string => `${from}\0${to}\0${ports}`;

const SERVICE = "hcloud:index/loadBalancerService:LoadBalancerService";
const TARGET = "hcloud:index/loadBalancerTarget:LoadBalancerTarget";
const BALANCER = "hcloud:index/loadBalancer:LoadBalancer";

/** What one resource says. */
function said(resource: Resource, relations: Relations): Said[] {
  if (resource.type === SERVICE) return ofService(resource, relations);
  if (resource.type === TARGET) return ofTarget(resource, relations);
  return resource.custom ? ofFirewall(resource, relations) : ofComponent(resource);
}

/** Hetzner's load balancers listen to everybody. */
function ofService(service: Resource, relations: Relations): Said[] {
  const ports = portOf(service.inputs.listenPort);
  return balancersOf(service, relations).map(({ urn }) => ({
    from: "internet",
    to: nameShown(urn),
    ports,
    why: nameShown(service.name),
  }));
}

function ofTarget(target: Resource, relations: Relations): Said[] {
  const { labelSelector } = target.inputs;
  return balancersOf(target, relations).flatMap((balancer) => {
    const ports = destinations(balancer, relations);
    const targets =
      typeof labelSelector === "string"
        ? selected(labelSelector, relations)
        : usedBy(target, relations).filter(({ urn }) => urn !== balancer.urn);
    return targets.map(({ urn }) => ({
      from: nameShown(balancer.urn),
      to: nameShown(urn),
      ports,
      why: nameShown(target.name),
    }));
  });
}

const usedBy = ({ urn }: Resource, relations: Relations): Resource[] =>
  (usesByUser(relations).get(urn) ?? []).flatMap(({ to }) => relations.byUrn.get(to) ?? []);

const balancersOf = (resource: Resource, relations: Relations): Resource[] =>
  usedBy(resource, relations).filter(({ type }) => type === BALANCER);

function destinations(balancer: Resource, relations: Relations): string {
  const services = (relations.users.get(balancer.urn) ?? []).flatMap(({ from }) => relations.byUrn.get(from) ?? []);
  const ports = services.filter(({ type }) => type === SERVICE).map(({ inputs }) => portOf(inputs.destinationPort));
  return [...new Set(ports)].sort().join(", ");
}

const userIndex = new WeakMap<Relations, Map<string, Relations["uses"][number][]>>();

function usesByUser(relations: Relations): Map<string, Relations["uses"][number][]> {
  const known = userIndex.get(relations) ?? groupBy(relations.uses, ({ from }) => from);
  userIndex.set(relations, known);
  return known;
}

/** Servers with the labels of a selector of equalities (`role=app,stack=shop`); anything else selects nothing that could be told here. */
function selected(selector: string, { byUrn }: Relations): Resource[] {
  const terms = selector.split(",").map((term) => term.trim().split(/==?/));
  if (terms.some((term) => term.length !== 2)) return [];
  return [...byUrn.values()].filter(({ type, inputs, change }) => {
    if (!type.endsWith(":Server")) return false;
    const { labels } = change?.op === "delete" ? (change.before ?? {}) : inputs;
    return isObject(labels) && terms.every(([name, value]) => labels[name!] === value);
  });
}

function ofFirewall(firewall: Resource, relations: Relations): Said[] {
  const rules = openings(firewall);
  if (rules.length === 0) return [];
  const guarded = (relations.users.get(firewall.urn) ?? []).flatMap(({ from }) => relations.byUrn.get(from) ?? []);
  return guarded.flatMap(({ urn }) =>
    rules.flatMap(({ ports, sources }) => {
      const from = new Set(sources.map((source) => (isAnywhere(source) ? "internet" : nameShown(source))));
      return [...from].map((source) => ({
        from: source,
        to: nameShown(urn),
        ports: rangeOf(ports),
        why: nameShown(firewall.name),
      }));
    }),
  );
}

/** A component may say which roles may reach it on which ports: `openings: [{ port, from: ["app"] }]`. */
function ofComponent({ urn, name, inputs }: Resource): Said[] {
  const list = inputs.openings;
  if (!Array.isArray(list)) return [];
  return list.flatMap((opening: Value) => {
    if (!isObject(opening) || !Array.isArray(opening.from)) return [];
    const roles = opening.from.filter((role: Value) => typeof role === "string");
    const ports = portOf(opening.port);
    return roles.map((role: string) => ({
      from: `role:${nameShown(role)}`,
      to: nameShown(urn),
      ports,
      why: nameShown(name),
    }));
  });
}

const portOf = (value: Value | undefined): string => (typeof value === "number" ? String(value) : "");

/** `22`, `8000-8010`; nothing for all ports. */
function rangeOf({ from, to }: { readonly from: number; readonly to: number }): string {
  if (from <= 1 && to >= 65_535) return "";
  return from === to ? String(from) : `${from}-${to}`;
}

function isObject(value: Value | undefined): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Secret);
}
