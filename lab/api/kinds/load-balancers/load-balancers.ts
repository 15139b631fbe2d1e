import { z } from "zod";
import { limits } from "../../../../catalogue/hetzner/limits.ts";
import { locations, networkZones } from "../../../../catalogue/hetzner/locations.ts";
import { ApiError, invalidInput, limitExceeded, notFound, notUnique, protectedError } from "../../core/errors.ts";
import { attachmentsOf } from "../../core/ipam.ts";
import { create, type Kind, update } from "../../core/kind.ts";
import type { Lab } from "../../core/lab.ts";
import { defaultDnsPtr, nextPublicIpv4, nextPublicIpv6Network } from "../../core/public-ips.ts";
import { idSchema, labelsSchema, nameAndLabels, nameSchema } from "../../core/schemas.ts";
import { LOAD_BALANCERS, type LoadBalancerRecord, type LoadBalancerTarget } from "../../model-traffic.ts";
import { renderLocation, requireLocation } from "../locations.ts";
import { algorithmSchema, serviceActions, settingActions, targetActions } from "./actions.ts";
import { applyChange, assertFree, CHANGE_COMMANDS } from "./changes.ts";
import { forgetHealth, renderTarget } from "./health.ts";
import { assertService, assertServicesFit } from "./limits.ts";
import { emptyMetrics } from "./metrics.ts";
import { connect, disconnect, networkActions } from "./network.ts";
import { newService, type Service, serviceSchema } from "./services.ts";
import { assertTarget, targetOf, targetSchema } from "./targets.ts";
import { renderType, requireType } from "./types.ts";

const createBody = z.object({
  name: nameSchema,
  load_balancer_type: z.union([z.string(), z.int()]),
  algorithm: algorithmSchema.nullish(),
  labels: labelsSchema.optional(),
  location: z.union([z.string(), z.int()]).nullish(),
  network_zone: z.string().nullish(),
  network: idSchema.nullish(),
  public_interface: z.boolean().nullish(),
  services: z.array(serviceSchema).max(100).nullish(),
  targets: z.array(targetSchema).max(500).nullish(),
});
type Order = z.output<typeof createBody>;

/** Bytes of outgoing traffic per month that every type includes: 20 TB. Weak, not read for 2026. */
const INCLUDED_TRAFFIC = 20 * 1_024 ** 4;

/** The location of a new load balancer: as named, or the first of the network zone. */
function placeOf({ location, network_zone }: Order): string {
  if (location && network_zone) throw invalidInput("location", "give either a location or a network zone");
  if (location) return requireLocation(location).name;
  const place = locations.find((one) => one.networkZone === network_zone);
  if (place) return place.name;
  if (network_zone) throw invalidInput("network_zone", `must be one of ${networkZones.join(", ")}`);
  throw invalidInput("location", "a location or a network zone is required");
}

function newServices(lab: Lab, body: Order, type: string): Service[] {
  const services: Service[] = [];
  for (const [index, request] of (body.services ?? []).entries()) {
    const service = newService(request, `services.${index}.`);
    assertService(lab, service, services, `services.${index}.`);
    services.push(service);
  }
  assertServicesFit(services, type);
  return services;
}

function insert(lab: Lab, body: Order): LoadBalancerRecord {
  const type = requireType(body.load_balancer_type).name;
  const ipv4 = nextPublicIpv4(lab);
  return lab.store.insert(LOAD_BALANCERS, {
    ...lab.fresh(body.labels),
    name: body.name,
    type,
    location: placeOf(body),
    algorithm: body.algorithm?.type ?? "round_robin",
    public_net: {
      enabled: body.public_interface ?? true,
      ipv4: { ip: ipv4, dns_ptr: defaultDnsPtr(ipv4) },
      ipv6: { ip: nextPublicIpv6Network(lab).replace("/64", "1"), dns_ptr: null },
    },
    network: null,
    services: newServices(lab, body, type),
    targets: [],
    protection: { delete: false },
  });
}

function createLoadBalancer(lab: Lab, body: Order): LoadBalancerRecord {
  if (lab.nameTaken(LOAD_BALANCERS, body.name)) throw notUnique("load balancer", "name");
  const limit = limits.loadBalancersPerAccount;
  if (lab.store.count(LOAD_BALANCERS) >= limit) throw limitExceeded("load balancers", limit);
  let balancer = insert(lab, body);
  if (body.network) balancer = connect(lab, balancer, { network: body.network });
  else if (body.public_interface === false)
    throw new ApiError("load_balancer_not_attached_to_network", "without a network the public interface is needed");
  for (const [index, request] of (body.targets ?? []).entries()) {
    const target = targetOf(request);
    assertTarget(lab, balancer, target, `targets.${index}.`);
    balancer = lab.store.update(LOAD_BALANCERS, balancer.id, { targets: [...balancer.targets, target] });
  }
  return balancer;
}

function render(lab: Lab, balancer: LoadBalancerRecord): object {
  const { id, name, public_net, location, type, protection, labels, created, services, targets, algorithm } = balancer;
  return {
    id,
    name,
    public_net,
    private_net: attachmentsOf(lab, { type: "load_balancer", id }).map(({ network, ip }) => ({ network, ip })),
    location: renderLocation(location),
    load_balancer_type: renderType(type),
    protection,
    labels,
    created,
    services,
    targets: targets.map((target) => renderTarget(lab, balancer, target)),
    algorithm: { type: algorithm },
    outgoing_traffic: 0,
    ingoing_traffic: 0,
    included_traffic: INCLUDED_TRAFFIC,
  };
}

/** Takes targets out of all load balancers that have them. */
function dropTargets(
  lab: Lab,
  balancers: readonly LoadBalancerRecord[],
  keep: (target: LoadBalancerTarget) => boolean,
) {
  for (const { id, targets } of balancers) lab.store.update(LOAD_BALANCERS, id, { targets: targets.filter(keep) });
}

export const loadBalancers: Kind<LoadBalancerRecord> = {
  path: "load_balancers",
  singular: "load_balancer",
  collection: LOAD_BALANCERS,
  render,
  create: create(createBody, (lab, body) => {
    const balancer = createLoadBalancer(lab, body);
    const action = lab.act("create_load_balancer", [{ type: "load_balancer", id: balancer.id }]);
    return { load_balancer: render(lab, balancer), action };
  }),
  update: update(nameAndLabels, (lab, balancer: LoadBalancerRecord, body) => {
    if (body.name !== undefined && lab.nameTaken(LOAD_BALANCERS, body.name, balancer.id))
      throw notUnique("load balancer", "name");
    return lab.store.update(LOAD_BALANCERS, balancer.id, body);
  }),
  remove: (lab, balancer) => {
    assertFree(lab, balancer);
    if (balancer.protection.delete) throw protectedError("load balancer", "deletion");
    lab.deleting("load_balancer", balancer.id);
    disconnect(lab, balancer);
    forgetHealth(lab, balancer.id);
    lab.store.delete(LOAD_BALANCERS, balancer.id);
    return undefined;
  },
  actions: { ...serviceActions, ...targetActions, ...networkActions, ...settingActions },
  effects: Object.fromEntries(CHANGE_COMMANDS.map((command) => [command, applyChange])),
  onDelete: {
    server: (lab, id) =>
      dropTargets(
        lab,
        lab.store.by(LOAD_BALANCERS, "server", id),
        (target) => target.type !== "server" || target.server !== id,
      ),
    network: (lab, id) => {
      for (const balancer of lab.store.by(LOAD_BALANCERS, "network", id)) disconnect(lab, balancer);
    },
  },
  routes: (router) => {
    router.get("/load_balancers/:id/metrics", ({ id = "" }, query) => {
      if (!router.lab.store.get(LOAD_BALANCERS, Number(id))) throw notFound("load_balancer", id);
      return { metrics: emptyMetrics(query) };
    });
  },
};
