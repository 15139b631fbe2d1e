/** Actions that connect a load balancer: private network and public interface. */
import { z } from "zod";
import { ApiError, invalidInput } from "../../core/errors.ts";
import { attach, detach } from "../../core/ipam.ts";
import { action } from "../../core/kind.ts";
import type { Lab } from "../../core/lab.ts";
import { idSchema, noBody } from "../../core/schemas.ts";
import { NETWORKS, type NetworkRecord } from "../../model.ts";
import { LOAD_BALANCERS, type LoadBalancerRecord } from "../../model-traffic.ts";
import { networkZoneOf } from "../locations.ts";
import { assertFree, change } from "./changes.ts";

const refOf = (balancer: Pick<LoadBalancerRecord, "id">) => ({ type: "load_balancer" as const, id: balancer.id });

/** @throws ApiError `invalid_input` naming the field */
function requireNetwork(lab: Lab, id: number): NetworkRecord {
  const network = lab.store.get(NETWORKS, id);
  if (!network) throw invalidInput("network", `network with ID '${id}' not found`);
  return network;
}

/** Gives a load balancer an address in a network, in the current transaction. */
export function connect(
  lab: Lab,
  balancer: LoadBalancerRecord,
  wish: { network: number; ip?: string | undefined; ip_range?: string | undefined },
): LoadBalancerRecord {
  if (balancer.network !== null)
    throw new ApiError(
      "load_balancer_already_attached",
      `the load balancer is attached to network ${balancer.network}`,
    );
  const network = requireNetwork(lab, wish.network);
  attach(lab, network, refOf(balancer), {
    zone: networkZoneOf(balancer.location),
    ip: wish.ip,
    ip_range: wish.ip_range,
  });
  return lab.store.update(LOAD_BALANCERS, balancer.id, { network: network.id });
}

/** Takes a load balancer out of its network, in the current transaction. */
export function disconnect(lab: Lab, balancer: LoadBalancerRecord): void {
  detach(lab, refOf(balancer));
  lab.store.update(LOAD_BALANCERS, balancer.id, { network: null });
}

const attachBody = z.object({
  network: idSchema,
  ip: z.string().max(50).optional(),
  ip_range: z.string().max(50).optional(),
});

/** The action's resources as the API lists them; the network itself stays free for others. */
function act(lab: Lab, command: string, balancer: LoadBalancerRecord, network: number) {
  const resources = [refOf(balancer), { type: "network", id: network }];
  return { action: lab.act(command, resources, { locks: [refOf(balancer)] }) };
}

export const networkActions = {
  attach_to_network: action(attachBody, (lab, balancer: LoadBalancerRecord, body) => {
    assertFree(lab, balancer);
    connect(lab, balancer, body);
    return act(lab, "attach_to_network", balancer, body.network);
  }),
  detach_from_network: action(z.object({ network: idSchema }), (lab, balancer: LoadBalancerRecord, { network }) => {
    assertFree(lab, balancer);
    if (balancer.network !== network)
      throw new ApiError("not_found", `the load balancer is not attached to network ${network}`);
    disconnect(lab, balancer);
    return act(lab, "detach_from_network", balancer, network);
  }),
  enable_public_interface: action(noBody, (lab, balancer: LoadBalancerRecord) => {
    assertFree(lab, balancer);
    return change(lab, balancer, "enable_public_interface", { public_interface: true });
  }),
  disable_public_interface: action(noBody, (lab, balancer: LoadBalancerRecord) => {
    assertFree(lab, balancer);
    if (balancer.network === null)
      throw new ApiError(
        "load_balancer_not_attached_to_network",
        "without a network a load balancer needs its public interface",
      );
    if (balancer.targets.some((target) => target.type !== "ip" && !target.use_private_ip))
      throw new ApiError(
        "targets_without_use_private_ip",
        "the load balancer has targets that it reaches over their public address",
      );
    return change(lab, balancer, "disable_public_interface", { public_interface: false });
  }),
};
