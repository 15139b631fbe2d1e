/** Targets of a load balancer: what a request may name, which servers a target stands for, what keeps one out. */
import { isIP, isIPv4 } from "node:net";
import { z } from "zod";
import { ApiError, invalidInput, limitExceeded } from "../../core/errors.ts";
import { attachmentsOf } from "../../core/ipam.ts";
import { holds, isPrivate, parseCidr, parseIpv4 } from "../../core/ipv4.ts";
import type { Lab } from "../../core/lab.ts";
import { parseLabelSelector } from "../../core/label-selector.ts";
import { idSchema } from "../../core/schemas.ts";
import type { Reading } from "../../core/store.ts";
import { NETWORKS, PRIMARY_IPS, SERVERS, type ServerRecord } from "../../model.ts";
import type { LoadBalancerRecord, LoadBalancerTarget } from "../../model-traffic.ts";
import { typeOf } from "./types.ts";

const server = z.object({ id: idSchema });
const label_selector = z.object({ selector: z.string().min(1, "must not be empty").max(8_192) });
const ip = z.object({ ip: z.string().refine((text) => isIP(text) !== 0, "must be an IP address") });
const use_private_ip = z.boolean().nullish();

/** Body of remove_target. */
export const targetKeySchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("server"), server }),
  z.object({ type: z.literal("label_selector"), label_selector }),
  z.object({ type: z.literal("ip"), ip }),
]);

/** Body of add_target, and of one target at creation. */
export const targetSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("server"), server, use_private_ip }),
  z.object({ type: z.literal("label_selector"), label_selector, use_private_ip }),
  z.object({ type: z.literal("ip"), ip }),
]);

/** A target as the store holds it. */
export function targetOf(
  request: z.output<typeof targetSchema> | z.output<typeof targetKeySchema>,
): LoadBalancerTarget {
  const usePrivate = "use_private_ip" in request && request.use_private_ip === true;
  switch (request.type) {
    case "server":
      return { type: "server", server: request.server.id, use_private_ip: usePrivate };
    case "label_selector":
      return { type: "label_selector", selector: request.label_selector.selector, use_private_ip: usePrivate };
    case "ip":
      return { type: "ip", ip: request.ip.ip };
  }
}

/** Whether two targets name the same servers or address, however they are reached. */
export function isSameTarget(a: LoadBalancerTarget, b: LoadBalancerTarget): boolean {
  if (a.type === "server" && b.type === "server") return a.server === b.server;
  if (a.type === "label_selector" && b.type === "label_selector") return a.selector === b.selector;
  return a.type === "ip" && b.type === "ip" && a.ip === b.ip;
}

/** The part of a load balancer that decides which targets it can reach. */
export type Reach = Pick<LoadBalancerRecord, "network">;

const publicIpv4 = (lab: Reading, serverId: number) =>
  lab.store.by(PRIMARY_IPS, "server", serverId).find((address) => address.type === "ipv4");

function isAttached(lab: Reading, serverId: number, network: number): boolean {
  return attachmentsOf(lab, { type: "server", id: serverId }).some((attachment) => attachment.network === network);
}

/** Whether a load balancer has a way to a server: over its network, or over the server's public IPv4. */
export function isReachable(lab: Reading, { network }: Reach, serverId: number, usePrivate: boolean): boolean {
  if (usePrivate) return network !== null && isAttached(lab, serverId, network);
  return publicIpv4(lab, serverId) !== undefined;
}

/** The servers that a label selector stands for now: those that match and can be reached, by id. */
export function selectedServers(
  lab: Reading,
  balancer: Reach,
  target: Extract<LoadBalancerTarget, { type: "label_selector" }>,
): ServerRecord[] {
  const matches = parseLabelSelector(target.selector);
  return lab.store
    .all(SERVERS)
    .filter((one) => matches(one.labels) && isReachable(lab, balancer, one.id, target.use_private_ip));
}

/** How many of a type's targets these take: a label selector takes one for each server. */
function targetCount(lab: Lab, balancer: Reach, targets: readonly LoadBalancerTarget[]): number {
  return targets
    .map((target) => (target.type === "label_selector" ? selectedServers(lab, balancer, target).length : 1))
    .reduce((sum, count) => sum + count, 0);
}

/**
 * Checks that a load balancer with a type may have these targets.
 *
 * @throws ApiError `resource_limit_exceeded`
 */
export function assertTargetsFit(
  lab: Lab,
  balancer: Reach,
  targets: readonly LoadBalancerTarget[],
  type: string,
): void {
  const limit = typeOf(type).maxTargets;
  if (targetCount(lab, balancer, targets) > limit) throw limitExceeded(`targets of ${type}`, limit);
}

/**
 * Checks that a target may be added.
 *
 * @param field where the target stands in the request, for errors: `targets.0.` or empty
 * @throws ApiError with the code that says what is missing
 */
export function assertTarget(lab: Lab, balancer: LoadBalancerRecord, target: LoadBalancerTarget, field = ""): void {
  if (balancer.targets.some((known) => isSameTarget(known, target)))
    throw new ApiError("target_already_defined", "the load balancer already has this target");
  if (target.type === "ip") assertForeignIp(lab, balancer, target.ip);
  else if (target.use_private_ip) assertPrivate(balancer);
  else if (!balancer.public_net.enabled)
    throw new ApiError(
      "load_balancer_public_interface_disabled",
      "the public interface of the load balancer is disabled: use use_private_ip",
    );
  if (target.type === "server") assertServer(lab, balancer, target, field);
  if (target.type === "label_selector") parseLabelSelector(target.selector, `${field}label_selector.selector`);
  assertTargetsFit(lab, balancer, [...balancer.targets, target], balancer.type);
}

function assertPrivate(balancer: LoadBalancerRecord): void {
  if (balancer.network !== null) return;
  throw new ApiError(
    "load_balancer_not_attached_to_network",
    "use_private_ip needs a load balancer that is attached to a network",
  );
}

function assertServer(
  lab: Lab,
  balancer: LoadBalancerRecord,
  target: Extract<LoadBalancerTarget, { type: "server" }>,
  field: string,
): void {
  const { server: id, use_private_ip: usePrivate } = target;
  if (!lab.store.get(SERVERS, id)) throw invalidInput(`${field}server.id`, `server with ID '${id}' not found`);
  if (isReachable(lab, balancer, id, usePrivate)) return;
  if (usePrivate)
    throw new ApiError(
      "server_not_attached_to_network",
      `server ${id} is not attached to the network ${balancer.network} of the load balancer`,
    );
  throw new ApiError("missing_ipv4", `server ${id} has no public IPv4 address: use use_private_ip or give it one`);
}

/** An IP target is a machine outside the cloud: public, or private behind a vSwitch subnet of the network. */
function assertForeignIp(lab: Lab, balancer: LoadBalancerRecord, address: string): void {
  if (lab.store.taken("public_ip", address))
    throw new ApiError("cloud_resource_ip_not_allowed", `the address ${address} belongs to a cloud resource`);
  if (!isIPv4(address) || !isPrivate(parseCidr(`${address}/32`)!)) return;
  const subnets = (balancer.network === null ? undefined : lab.store.get(NETWORKS, balancer.network))?.subnets ?? [];
  const behindVswitch = subnets.some(
    (subnet) => subnet.type === "vswitch" && holds(parseCidr(subnet.ip_range)!, parseIpv4(address)!),
  );
  if (!behindVswitch)
    throw new ApiError("ip_not_owned", `the private address ${address} is in no vSwitch subnet of the network`);
}
