/** Actions on services, targets, type and the like. */
import { z } from "zod";
import { ApiError, invalidInput } from "../../core/errors.ts";
import { action } from "../../core/kind.ts";
import type { Lab } from "../../core/lab.ts";
import { defaultDnsPtr } from "../../core/public-ips.ts";
import { deleteProtectionSchema } from "../../core/schemas.ts";
import { LOAD_BALANCERS, type LoadBalancerRecord } from "../../model-traffic.ts";
import { assertFree, change } from "./changes.ts";
import { assertService, assertServicesFit } from "./limits.ts";
import { changedService, newService, type Service, serviceSchema, serviceUpdateSchema } from "./services.ts";
import { assertTarget, assertTargetsFit, isSameTarget, targetKeySchema, targetOf, targetSchema } from "./targets.ts";
import { requireType } from "./types.ts";

export const algorithmSchema = z.object({ type: z.enum(["round_robin", "least_connections"]) });

function serviceOn(balancer: LoadBalancerRecord, port: number): Service {
  const service = balancer.services.find((one) => one.listen_port === port);
  if (!service) throw new ApiError("not_found", `the load balancer has no service on listen port ${port}`);
  return service;
}

export const serviceActions = {
  add_service: action(serviceSchema, (lab, balancer: LoadBalancerRecord, body) => {
    assertFree(lab, balancer);
    const service = newService(body);
    assertService(lab, service, balancer.services);
    assertServicesFit([...balancer.services, service], balancer.type);
    // There from the start, also when the action fails: the provider has noted the service by then, and its next
    // run can only change it.
    lab.store.update(LOAD_BALANCERS, balancer.id, { services: [...balancer.services, service] });
    return { action: lab.act("add_service", [{ type: "load_balancer", id: balancer.id }]) };
  }),
  update_service: action(serviceUpdateSchema, (lab, balancer: LoadBalancerRecord, body) => {
    assertFree(lab, balancer);
    const current = serviceOn(balancer, body.listen_port);
    const service = changedService(current, body);
    const others = balancer.services.filter((one) => one !== current);
    assertService(lab, service, others);
    assertServicesFit([...others, service], balancer.type);
    return change(lab, balancer, "update_service", { put_service: service });
  }),
  delete_service: action(
    z.object({ listen_port: z.int().min(1).max(65_535) }),
    (lab, balancer: LoadBalancerRecord, { listen_port }) => {
      assertFree(lab, balancer);
      serviceOn(balancer, listen_port);
      return change(lab, balancer, "delete_service", { drop_service: listen_port });
    },
  ),
};

export const targetActions = {
  add_target: action(targetSchema, (lab, balancer: LoadBalancerRecord, body) => {
    assertFree(lab, balancer);
    const target = targetOf(body);
    assertTarget(lab, balancer, target);
    return change(lab, balancer, "add_target", { add_target: target });
  }),
  remove_target: action(targetKeySchema, (lab, balancer: LoadBalancerRecord, body) => {
    assertFree(lab, balancer);
    const target = targetOf(body);
    if (!balancer.targets.some((known) => isSameTarget(known, target)))
      throw new ApiError("not_found", "the load balancer has no such target");
    return change(lab, balancer, "remove_target", { drop_target: target });
  }),
};

/** @throws ApiError `invalid_load_balancer_type` when what is configured does not fit into the type */
function assertFits(lab: Lab, balancer: LoadBalancerRecord, type: string): void {
  try {
    assertServicesFit(balancer.services, type);
    assertTargetsFit(lab, balancer, balancer.targets, type);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError("invalid_load_balancer_type", `the load balancer does not fit: ${error.message}`);
  }
}

/** Public addresses after setting (or, with null, resetting) the reverse DNS of one. */
function withReverseDns(
  net: LoadBalancerRecord["public_net"],
  ip: string,
  dns_ptr: string | null,
): LoadBalancerRecord["public_net"] {
  if (ip === net.ipv4.ip) return { ...net, ipv4: { ip, dns_ptr: dns_ptr ?? defaultDnsPtr(ip) } };
  if (ip === net.ipv6.ip) return { ...net, ipv6: { ip, dns_ptr } };
  throw invalidInput("ip", "is not a public address of the load balancer");
}

export const settingActions = {
  change_algorithm: action(algorithmSchema, (lab, balancer: LoadBalancerRecord, body) => {
    assertFree(lab, balancer);
    return change(lab, balancer, "change_algorithm", { algorithm: body.type });
  }),
  change_type: action(
    z.object({ load_balancer_type: z.union([z.string(), z.int()]) }),
    (lab, balancer: LoadBalancerRecord, body) => {
      assertFree(lab, balancer);
      const type = requireType(body.load_balancer_type).name;
      assertFits(lab, balancer, type);
      return change(lab, balancer, "change_load_balancer_type", { type });
    },
  ),
  change_protection: action(deleteProtectionSchema, (lab, balancer: LoadBalancerRecord, body) => {
    assertFree(lab, balancer);
    const protection = { delete: body.delete ?? balancer.protection.delete };
    lab.store.update(LOAD_BALANCERS, balancer.id, { protection });
    return { action: lab.act("change_protection", [{ type: "load_balancer", id: balancer.id }]) };
  }),
  change_dns_ptr: action(
    z.object({ ip: z.string().max(50), dns_ptr: z.string().min(1).max(253).nullable() }),
    (lab, balancer: LoadBalancerRecord, { ip, dns_ptr }) => {
      assertFree(lab, balancer);
      const public_net = withReverseDns(balancer.public_net, ip, dns_ptr);
      lab.store.update(LOAD_BALANCERS, balancer.id, { public_net });
      return { action: lab.act("change_dns_ptr", [{ type: "load_balancer", id: balancer.id }]) };
    },
  ),
};
