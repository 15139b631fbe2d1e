/**
 * Changes of a load balancer that hold once their action has succeeded: until then it is locked, so nothing comes
 * between, and when the action fails nothing has changed.
 */
import { ACTIONS, type ActionRecord } from "../../core/actions.ts";
import type { Lab } from "../../core/lab.ts";
import { SERVERS } from "../../model.ts";
import { LOAD_BALANCERS, type LoadBalancerRecord, type LoadBalancerTarget } from "../../model-traffic.ts";
import type { Service } from "./services.ts";
import { isSameTarget } from "./targets.ts";

export type Change =
  | { readonly put_service: Service }
  | { readonly drop_service: number }
  | { readonly add_target: LoadBalancerTarget }
  | { readonly drop_target: LoadBalancerTarget }
  | { readonly algorithm: LoadBalancerRecord["algorithm"] }
  | { readonly type: string }
  | { readonly public_interface: boolean };

/** Commands whose success brings a {@link Change}. */
export const CHANGE_COMMANDS = [
  "update_service",
  "delete_service",
  "add_target",
  "remove_target",
  "change_algorithm",
  "change_load_balancer_type",
  "enable_public_interface",
  "disable_public_interface",
] as const;

/** Starts an action that brings the change when it succeeds. */
export function change(
  lab: Lab,
  balancer: LoadBalancerRecord,
  command: (typeof CHANGE_COMMANDS)[number],
  what: Change,
): { action: ActionRecord } {
  return { action: lab.act(command, [{ type: "load_balancer", id: balancer.id }], { data: { change: what } }) };
}

/** Refuses while another action runs; clients repeat a `conflict` by themselves. */
export function assertFree(lab: Lab, balancer: LoadBalancerRecord): void {
  lab.assertUnlocked("load_balancer", balancer.id, "conflict");
}

/** The load balancer after a change. */
function changed(lab: Lab, balancer: LoadBalancerRecord, what: Change): Partial<LoadBalancerRecord> {
  const { services, targets, public_net } = balancer;
  if ("put_service" in what) {
    const service = what.put_service;
    return { services: services.map((one) => (one.listen_port === service.listen_port ? service : one)) };
  }
  if ("drop_service" in what) return { services: services.filter((one) => one.listen_port !== what.drop_service) };
  if ("add_target" in what) {
    const target = what.add_target;
    // The server may have been deleted while the action ran.
    const isGone = target.type === "server" && !lab.store.get(SERVERS, target.server);
    return isGone ? {} : { targets: [...targets, target] };
  }
  if ("drop_target" in what) return { targets: targets.filter((one) => !isSameTarget(one, what.drop_target)) };
  if ("public_interface" in what) return { public_net: { ...public_net, enabled: what.public_interface } };
  return what;
}

/** Effect of all {@link CHANGE_COMMANDS}. */
export function applyChange(lab: Lab, action: ActionRecord): void {
  const id = action.resources.find((resource) => resource.type === "load_balancer")!.id;
  const balancer = lab.store.get(LOAD_BALANCERS, id);
  if (balancer) lab.store.update(LOAD_BALANCERS, id, changed(lab, balancer, action.data.change as Change));
}

/** Whether a change that is under way will use a certificate. */
export function isCertificateAwaited(lab: Lab, certificate: number): boolean {
  return lab.store.by(ACTIONS, "running", "yes").some(({ data }) => {
    const what = data.change as Change | undefined;
    return (
      what !== undefined &&
      "put_service" in what &&
      (what.put_service.http?.certificates.includes(certificate) ?? false)
    );
  });
}
