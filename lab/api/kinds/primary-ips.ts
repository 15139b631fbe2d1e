import { z } from "zod";
import { ApiError, invalidInput, notUnique, protectedError } from "../core/errors.ts";
import { action, create, type Kind, update } from "../core/kind.ts";
import type { Lab } from "../core/lab.ts";
import { defaultDnsPtr, nextPublicIpv4, nextPublicIpv6Network, withDnsPtr } from "../core/public-ips.ts";
import { deleteProtectionSchema, idSchema, labelsSchema, nameAndLabels, nameSchema, noBody } from "../core/schemas.ts";
import { PRIMARY_IPS, type PrimaryIpRecord, SERVERS, type ServerRecord } from "../model.ts";
import { renderLocation, requireLocation } from "./locations.ts";

const createBody = z.object({
  name: nameSchema,
  type: z.enum(["ipv4", "ipv6"]),
  assignee_type: z.enum(["server"]).default("server"),
  assignee_id: idSchema.nullish(),
  location: z.union([z.string(), z.int()]).optional(),
  datacenter: z.undefined("was removed from the API: give a location").optional(),
  auto_delete: z.boolean().optional(),
  labels: labelsSchema.optional(),
});
const updateBody = nameAndLabels.extend({ auto_delete: z.boolean().optional() });
const assignBody = z.object({ assignee_type: z.enum(["server"]).default("server"), assignee_id: idSchema });

/** Body of `change_dns_ptr` of every kind that has it. */
export const dnsPtrBody = z.object({ ip: z.string().max(100), dns_ptr: z.string().min(1).max(253).nullable() });

export const primaryIps: Kind<PrimaryIpRecord> = {
  path: "primary_ips",
  singular: "primary_ip",
  collection: PRIMARY_IPS,
  filters: { name: (ip) => ip.name, ip: (ip) => ip.ip.replace(/\/64$/, "") },
  render: (_, ip) => ({
    id: ip.id,
    name: ip.name,
    labels: ip.labels,
    created: ip.created,
    blocked: false,
    location: renderLocation(ip.location),
    ip: ip.ip,
    dns_ptr: ip.dns_ptr,
    type: ip.type,
    protection: ip.protection,
    auto_delete: ip.auto_delete,
    assignee_type: "server",
    assignee_id: ip.server,
  }),
  create: create(createBody, (lab, body) => {
    const server = body.assignee_id ? requireAssignee(lab, body.assignee_id, body.type) : undefined;
    if (!server && body.location === undefined) throw invalidInput("location", "is needed without an assignee");
    if (lab.nameTaken(PRIMARY_IPS, body.name)) throw notUnique("primary IP", "name");
    const location = body.location === undefined ? server!.location : requireLocation(body.location).name;
    if (server && server.location !== location) throw invalidInput("location", `the assignee is in ${server.location}`);
    const ip = insertPrimaryIp(lab, { ...body, location, server: server?.id ?? null });
    const created = lab.act("create_primary_ip", resourcesOf(ip));
    return { primary_ip: primaryIps.render(lab, ip), action: created };
  }),
  update: update(updateBody, (lab, ip: PrimaryIpRecord, body) => {
    lab.assertUnlocked("primary_ip", ip.id, "conflict");
    if (body.name !== undefined && lab.nameTaken(PRIMARY_IPS, body.name, ip.id)) throw notUnique("primary IP", "name");
    return lab.store.update(PRIMARY_IPS, ip.id, body);
  }),
  remove: (lab, ip) => {
    lab.assertUnlocked("primary_ip", ip.id);
    if (ip.protection.delete) throw protectedError("primary IP", "deletion");
    if (ip.server !== null) {
      throw new ApiError(
        "must_be_unassigned",
        `the primary IP is assigned to the server ${ip.server}: unassign it first`,
      );
    }
    lab.store.delete(PRIMARY_IPS, ip.id);
    return undefined;
  },
  actions: {
    assign: action(assignBody, (lab, ip: PrimaryIpRecord, body) => {
      lab.assertUnlocked("primary_ip", ip.id);
      if (ip.server !== null) {
        throw new ApiError("primary_ip_already_assigned", `the primary IP is assigned to the server ${ip.server}`);
      }
      const server = requireAssignee(lab, body.assignee_id, ip.type);
      if (server.location !== ip.location) {
        throw invalidInput("assignee_id", `is in ${server.location}, the primary IP in ${ip.location}`);
      }
      const assigned = lab.store.update(PRIMARY_IPS, ip.id, { server: server.id });
      return { action: lab.act("assign_primary_ip", resourcesOf(assigned)) };
    }),
    unassign: action(noBody, (lab, ip: PrimaryIpRecord) => {
      lab.assertUnlocked("primary_ip", ip.id);
      if (ip.server === null) throw new ApiError("invalid_input", "the primary IP is not assigned");
      assertOff(lab, lab.store.get(SERVERS, ip.server)!);
      lab.store.update(PRIMARY_IPS, ip.id, { server: null });
      return { action: lab.act("unassign_primary_ip", resourcesOf(ip)) };
    }),
    change_dns_ptr: action(dnsPtrBody, (lab, ip: PrimaryIpRecord, body) => {
      lab.store.update(PRIMARY_IPS, ip.id, { dns_ptr: withDnsPtr(ip.dns_ptr, ip.ip, body.ip, body.dns_ptr) });
      return { action: lab.act("change_dns_ptr", [{ type: "primary_ip", id: ip.id }]) };
    }),
    change_protection: action(deleteProtectionSchema, (lab, ip: PrimaryIpRecord, body) => {
      lab.assertUnlocked("primary_ip", ip.id);
      lab.store.update(PRIMARY_IPS, ip.id, { protection: { delete: body.delete ?? ip.protection.delete } });
      return { action: lab.act("change_protection", [{ type: "primary_ip", id: ip.id }]) };
    }),
  },
};

function resourcesOf(ip: PrimaryIpRecord) {
  const server = ip.server === null ? [] : [{ type: "server", id: ip.server }];
  return [{ type: "primary_ip", id: ip.id }, ...server];
}

/** A new primary IP with a fresh address, in the current transaction. */
export function insertPrimaryIp(
  lab: Lab,
  spec: Pick<PrimaryIpRecord, "name" | "type" | "location" | "server"> & {
    auto_delete?: boolean | undefined;
    labels?: PrimaryIpRecord["labels"] | undefined;
  },
): PrimaryIpRecord {
  const ip = spec.type === "ipv4" ? nextPublicIpv4(lab) : nextPublicIpv6Network(lab);
  return lab.store.insert(PRIMARY_IPS, {
    ...lab.fresh(spec.labels),
    name: spec.name,
    type: spec.type,
    ip,
    location: spec.location,
    server: spec.server,
    auto_delete: spec.auto_delete ?? false,
    protection: { delete: false },
    dns_ptr: spec.type === "ipv4" ? [{ ip, dns_ptr: defaultDnsPtr(ip) }] : [],
  });
}

function requireAssignee(lab: Lab, id: number, type: "ipv4" | "ipv6"): ServerRecord {
  const server = lab.store.get(SERVERS, id);
  if (!server) throw invalidInput("assignee_id", `server with ID '${id}' not found`);
  assertOff(lab, server);
  if (lab.store.by(PRIMARY_IPS, "server", id).some((ip) => ip.type === type)) {
    throw new ApiError(
      type === "ipv4" ? "server_has_ipv4" : "server_has_ipv6",
      `the server already has an ${type} address`,
    );
  }
  return server;
}

/** @throws ApiError `locked`, or `server_not_stopped` */
export function assertOff(lab: Lab, server: ServerRecord): void {
  lab.assertUnlocked("server", server.id);
  if (server.status !== "off") {
    throw new ApiError("server_not_stopped", `the server is ${server.status} and must be off for this`);
  }
}
