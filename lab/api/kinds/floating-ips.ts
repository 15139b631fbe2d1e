import { z } from "zod";
import type { ActionRecord } from "../core/actions.ts";
import { ApiError, invalidInput, notUnique, protectedError } from "../core/errors.ts";
import { action, create, type Kind, update } from "../core/kind.ts";
import type { Lab } from "../core/lab.ts";
import { defaultDnsPtr, nextPublicIpv4, nextPublicIpv6Network, withDnsPtr } from "../core/public-ips.ts";
import { deleteProtectionSchema, idSchema, labelsSchema, nameAndLabels, nameSchema, noBody } from "../core/schemas.ts";
import { SERVERS, type ServerRecord } from "../model.ts";
import { FLOATING_IPS, type FloatingIpRecord } from "../model-traffic.ts";
import { renderLocation, requireLocation } from "./locations.ts";
import { dnsPtrBody } from "./primary-ips.ts";

const description = z.string().max(1_024).nullish();
const createBody = z.object({
  type: z.enum(["ipv4", "ipv6"]),
  name: nameSchema.optional(),
  description,
  home_location: z.union([z.string(), z.int()]).nullish(),
  server: idSchema.nullish(),
  labels: labelsSchema.optional(),
});

const refOf = (ip: Pick<FloatingIpRecord, "id">) => ({ type: "floating_ip", id: ip.id });

/** @throws ApiError `invalid_input` naming the field */
function requireServer(lab: Lab, id: number): ServerRecord {
  const server = lab.store.get(SERVERS, id);
  if (!server) throw invalidInput("server", `server with ID '${id}' not found`);
  return server;
}

/** Only the floating IP is locked: the server keeps working on whatever it does. */
function act(lab: Lab, command: string, ip: FloatingIpRecord, server: number | null, data = {}): ActionRecord {
  const resources = [refOf(ip), ...(server === null ? [] : [{ type: "server", id: server }])];
  return lab.act(command, resources, { locks: [refOf(ip)], data });
}

function createFloatingIp(lab: Lab, body: z.output<typeof createBody>): FloatingIpRecord {
  const server = body.server ? requireServer(lab, body.server) : undefined;
  if (!server && !body.home_location) throw invalidInput("home_location", "is needed without a server");
  const location = body.home_location ? requireLocation(body.home_location, "home_location").name : server!.location;
  const fresh = lab.fresh(body.labels);
  const name = body.name ?? `floating-ip-${fresh.id}`;
  if (lab.nameTaken(FLOATING_IPS, name)) throw notUnique("floating IP", "name");
  const ip = body.type === "ipv4" ? nextPublicIpv4(lab) : nextPublicIpv6Network(lab);
  return lab.store.insert(FLOATING_IPS, {
    ...fresh,
    name,
    description: body.description ?? null,
    type: body.type,
    ip,
    server: null,
    home_location: location,
    dns_ptr: body.type === "ipv4" ? [{ ip, dns_ptr: defaultDnsPtr(ip) }] : [],
    protection: { delete: false },
  });
}

/** Effect of assigning and unassigning: what is recorded holds once the action has succeeded. */
function applyAssignment(lab: Lab, { resources, data }: ActionRecord): void {
  const { id } = resources.find((resource) => resource.type === "floating_ip")!;
  const server = data.server as number | null;
  // The server may have been deleted while the action ran.
  if (server !== null && !lab.store.get(SERVERS, server)) return;
  if (lab.store.get(FLOATING_IPS, id)) lab.store.update(FLOATING_IPS, id, { server });
}

export const floatingIps: Kind<FloatingIpRecord> = {
  path: "floating_ips",
  singular: "floating_ip",
  collection: FLOATING_IPS,
  sort: { id: (ip) => ip.id, name: (ip) => ip.name, created: (ip) => ip.created },
  render: (_, ip) => ({
    id: ip.id,
    name: ip.name,
    description: ip.description,
    type: ip.type,
    ip: ip.ip,
    server: ip.server,
    home_location: renderLocation(ip.home_location),
    dns_ptr: ip.dns_ptr,
    blocked: false,
    protection: ip.protection,
    labels: ip.labels,
    created: ip.created,
  }),
  create: create(createBody, (lab, body) => {
    const ip = createFloatingIp(lab, body);
    const server = body.server ?? null;
    const started = server === null ? null : act(lab, "assign_floating_ip", ip, server, { server });
    return { floating_ip: floatingIps.render(lab, lab.store.get(FLOATING_IPS, ip.id)!), action: started };
  }),
  update: update(nameAndLabels.extend({ description }), (lab, ip: FloatingIpRecord, body) => {
    if (body.name !== undefined && lab.nameTaken(FLOATING_IPS, body.name, ip.id))
      throw notUnique("floating IP", "name");
    return lab.store.update(FLOATING_IPS, ip.id, { ...body, description: body.description ?? ip.description });
  }),
  remove: (lab, ip) => {
    lab.assertUnlocked("floating_ip", ip.id);
    if (ip.protection.delete) throw protectedError("floating IP", "deletion");
    if (ip.server !== null)
      throw new ApiError("must_be_unassigned", `the floating IP is assigned to server ${ip.server}: unassign it first`);
    lab.store.delete(FLOATING_IPS, ip.id);
    return undefined;
  },
  actions: {
    assign: action(z.object({ server: idSchema }), (lab, ip: FloatingIpRecord, { server }) => {
      lab.assertUnlocked("floating_ip", ip.id);
      requireServer(lab, server);
      // Taking it from another server in one step is what failover is made of.
      if (ip.server === server)
        throw new ApiError("floating_ip_assigned", `the floating IP is already assigned to server ${server}`);
      return { action: act(lab, "assign_floating_ip", ip, server, { server }) };
    }),
    unassign: action(noBody, (lab, ip: FloatingIpRecord) => {
      lab.assertUnlocked("floating_ip", ip.id);
      return { action: act(lab, "unassign_floating_ip", ip, ip.server, { server: null }) };
    }),
    change_dns_ptr: action(dnsPtrBody, (lab, ip: FloatingIpRecord, body) => {
      lab.assertUnlocked("floating_ip", ip.id);
      lab.store.update(FLOATING_IPS, ip.id, { dns_ptr: withDnsPtr(ip.dns_ptr, ip.ip, body.ip, body.dns_ptr) });
      return { action: act(lab, "change_dns_ptr", ip, null) };
    }),
    change_protection: action(deleteProtectionSchema, (lab, ip: FloatingIpRecord, body) => {
      lab.assertUnlocked("floating_ip", ip.id);
      lab.store.update(FLOATING_IPS, ip.id, { protection: { delete: body.delete ?? ip.protection.delete } });
      return { action: act(lab, "change_protection", ip, null) };
    }),
  },
  effects: { assign_floating_ip: applyAssignment, unassign_floating_ip: applyAssignment },
  onDelete: {
    server: (lab, id) => {
      for (const ip of lab.store.by(FLOATING_IPS, "server", id))
        lab.store.update(FLOATING_IPS, ip.id, { server: null });
    },
  },
};
