import { z } from "zod";
import { limits } from "../../../catalogue/hetzner/limits.ts";
import type { ActionRecord } from "../core/actions.ts";
import { ApiError, notUnique } from "../core/errors.ts";
import { action, create, type Kind, update } from "../core/kind.ts";
import type { Lab } from "../core/lab.ts";
import { parseLabelSelector } from "../core/label-selector.ts";
import { idSchema, labelsSchema, nameAndLabels, nameSchema } from "../core/schemas.ts";
import type { Store } from "../core/store.ts";
import {
  FIREWALLS,
  type FirewallRecord,
  type FirewallTarget,
  PRIMARY_IPS,
  SERVERS,
  type ServerRecord,
} from "../model.ts";
import { normalRule, rulesSchema } from "./firewall-rules.ts";

const targetBody = z.discriminatedUnion("type", [
  z.object({ type: z.literal("server"), server: z.object({ id: idSchema }) }),
  z.object({ type: z.literal("label_selector"), label_selector: z.object({ selector: z.string().min(1) }) }),
]);
type TargetBody = z.output<typeof targetBody>;
const targetsSchema = z.array(targetBody).max(1000);

const createBody = z.object({
  name: nameSchema,
  labels: labelsSchema.optional(),
  rules: rulesSchema.optional(),
  apply_to: targetsSchema.optional(),
});

export const firewalls: Kind<FirewallRecord> = {
  path: "firewalls",
  singular: "firewall",
  collection: FIREWALLS,
  render: (lab, { id, name, labels, created, rules, applied_to }) => ({
    id,
    name,
    labels,
    created,
    rules,
    applied_to: applied_to.map((target) => renderTarget(lab, target)),
  }),
  create: create(createBody, (lab, body) => {
    if (lab.nameTaken(FIREWALLS, body.name)) throw notUnique("firewall", "name");
    const firewall = lab.store.insert(FIREWALLS, {
      ...lab.fresh(body.labels),
      name: body.name,
      rules: (body.rules ?? []).map(normalRule),
      applied_to: [],
    });
    const actions = [lab.act("set_firewall_rules", [{ type: "firewall", id: firewall.id }])];
    for (const target of body.apply_to ?? []) actions.push(apply(lab, firewall.id, target));
    return { firewall: firewalls.render(lab, lab.store.get(FIREWALLS, firewall.id)!), actions };
  }),
  update: update(nameAndLabels, (lab, firewall: FirewallRecord, body) => {
    if (body.name !== undefined && lab.nameTaken(FIREWALLS, body.name, firewall.id))
      throw notUnique("firewall", "name");
    return lab.store.update(FIREWALLS, firewall.id, body);
  }),
  remove: (lab, firewall) => {
    lab.assertUnlocked("firewall", firewall.id, "conflict");
    if (firewall.applied_to.length > 0) {
      throw new ApiError("resource_in_use", "the firewall is still applied: remove it from its resources first");
    }
    lab.store.delete(FIREWALLS, firewall.id);
    return undefined;
  },
  actions: {
    // The vendor's Go client sends null for no rules.
    set_rules: action(z.object({ rules: rulesSchema.nullable() }), (lab, firewall: FirewallRecord, body) => {
      const rules = body.rules ?? [];
      lab.assertUnlocked("firewall", firewall.id, "conflict");
      lab.store.update(FIREWALLS, firewall.id, { rules: rules.map(normalRule) });
      const actions = [lab.act("set_firewall_rules", [{ type: "firewall", id: firewall.id }])];
      for (const target of firewall.applied_to) actions.push(actFor(lab, "apply_firewall", firewall.id, target));
      return { actions };
    }),
    apply_to_resources: action(z.object({ apply_to: targetsSchema }), (lab, firewall: FirewallRecord, { apply_to }) => {
      lab.assertUnlocked("firewall", firewall.id, "conflict");
      return { actions: apply_to.map((target) => apply(lab, firewall.id, target)) };
    }),
    remove_from_resources: action(
      z.object({ remove_from: targetsSchema }),
      (lab, firewall: FirewallRecord, { remove_from }) => {
        lab.assertUnlocked("firewall", firewall.id, "conflict");
        return { actions: remove_from.map((target) => unapply(lab, firewall.id, recordOf(target))) };
      },
    ),
  },
  onDelete: {
    server: (lab, id) => {
      for (const firewall of lab.store.by(FIREWALLS, "server", id)) {
        const applied_to = firewall.applied_to.filter((target) => target.type !== "server" || target.server !== id);
        lab.store.update(FIREWALLS, firewall.id, { applied_to });
      }
    },
  },
};

function recordOf(body: TargetBody): FirewallTarget {
  return body.type === "server"
    ? { type: "server", server: body.server.id }
    : { type: "label_selector", selector: body.label_selector.selector };
}

const same = (a: FirewallTarget, b: FirewallTarget) =>
  a.type === "server"
    ? b.type === "server" && a.server === b.server
    : b.type === "label_selector" && a.selector === b.selector;

function actFor(lab: Lab, command: string, firewall: number, target: FirewallTarget) {
  const server = target.type === "server" ? [{ type: "server", id: target.server }] : [];
  const own = { type: "firewall", id: firewall };
  return lab.act(command, [own, ...server], { locks: [own] });
}

function apply(lab: Lab, id: number, body: TargetBody) {
  return actFor(lab, "apply_firewall", id, addTarget(lab, id, body));
}

function addTarget(lab: Lab, id: number, body: TargetBody): FirewallTarget {
  const target = recordOf(body);
  const firewall = lab.store.get(FIREWALLS, id)!;
  if (firewall.applied_to.some((one) => same(one, target))) {
    throw new ApiError("firewall_already_applied", "the firewall is applied to this resource already");
  }
  if (target.type === "server") assertFirewallFits(lab, target.server);
  else parseLabelSelector(target.selector, "label_selector.selector");
  lab.store.update(FIREWALLS, id, { applied_to: [...firewall.applied_to, target] });
  return target;
}

function assertFirewallFits(lab: Lab, id: number): void {
  const server = lab.store.get(SERVERS, id);
  if (!server) throw new ApiError("firewall_resource_not_found", `server with ID '${id}' not found`);
  if (lab.store.by(PRIMARY_IPS, "server", id).length === 0) {
    throw new ApiError("private_net_only_server", `the server ${server.name} has no public interface`);
  }
  if (firewallsOf(lab, server).length >= limits.firewallsPerServer) {
    throw new ApiError(
      "resource_limit_exceeded",
      `the server ${server.name} has ${limits.firewallsPerServer} firewalls already`,
    );
  }
}

function unapply(lab: Lab, id: number, target: FirewallTarget) {
  const firewall = lab.store.get(FIREWALLS, id)!;
  const applied_to = firewall.applied_to.filter((one) => !same(one, target));
  if (applied_to.length === firewall.applied_to.length) {
    const server = target.type === "server" ? lab.store.get(SERVERS, target.server) : undefined;
    if (target.type === "server" && !server) {
      throw new ApiError("firewall_resource_not_found", `server with ID '${target.server}' not found`);
    }
    if (server && firewallsOf(lab, server).some((one) => one.id === id)) {
      throw new ApiError("firewall_managed_by_label_selector", "the firewall is applied through a label selector");
    }
    throw new ApiError("firewall_already_removed", "the firewall is not applied to this resource");
  }
  lab.store.update(FIREWALLS, id, { applied_to });
  return actFor(lab, "remove_firewall", id, target);
}

/**
 * Applies firewalls to a server that is being created. The firewalls stay unlocked: many servers are created at once.
 * @throws ApiError `not_found` for an unknown firewall
 */
export function applyToNewServer(lab: Lab, server: number, ids: readonly number[], after: ActionRecord) {
  return ids.map((id) => {
    if (!lab.store.get(FIREWALLS, id)) throw new ApiError("not_found", `firewall with ID '${id}' not found`);
    addTarget(lab, id, { type: "server", server: { id: server } });
    const resources = [
      { type: "firewall", id },
      { type: "server", id: server },
    ];
    return lab.act("apply_firewall", resources, { after, locks: [] });
  });
}

/** Parsed selectors: every server in a list is matched against each of them. */
const selectors = new Map<string, ReturnType<typeof parseLabelSelector>>();

function matcher(selector: string): ReturnType<typeof parseLabelSelector> {
  const known = selectors.get(selector);
  if (known) return known;
  const parsed = parseLabelSelector(selector);
  if (selectors.size > 1000) selectors.clear();
  selectors.set(selector, parsed);
  return parsed;
}

/** The firewalls of a server: those applied to it and those whose label selector it matches. */
export function firewallsOf({ store }: { readonly store: Pick<Store, "by"> }, server: ServerRecord): FirewallRecord[] {
  const direct = store.by(FIREWALLS, "server", server.id);
  const selected = store
    .by(FIREWALLS, "selectors", "yes")
    .filter((firewall) =>
      firewall.applied_to.some((one) => one.type === "label_selector" && matcher(one.selector)(server.labels)),
    );
  if (direct.length + selected.length === 0) return [];
  return [...new Set([...direct, ...selected])].sort((a, b) => a.id - b.id);
}

function renderTarget(lab: Lab, target: FirewallTarget): object {
  if (target.type === "server") return { type: "server", server: { id: target.server } };
  const matches = matcher(target.selector);
  const servers = lab.store.all(SERVERS).filter((server) => matches(server.labels));
  return {
    type: "label_selector",
    label_selector: { selector: target.selector },
    applied_to_resources: servers.map(({ id }) => ({ type: "server", server: { id } })),
  };
}
