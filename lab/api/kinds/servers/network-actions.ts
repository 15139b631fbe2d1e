import { z } from "zod";
import { ApiError, invalidInput } from "../../core/errors.ts";
import { attach, attachmentsOf, detach, pickAliases, usedAddresses } from "../../core/ipam.ts";
import { overlaps, parseCidr, parseIpv4 } from "../../core/ipv4.ts";
import { action, type KindAction } from "../../core/kind.ts";
import type { Lab } from "../../core/lab.ts";
import { isIn, withDnsPtr } from "../../core/public-ips.ts";
import { idSchema } from "../../core/schemas.ts";
import { ATTACHMENTS, NETWORKS, type NetworkRecord, PRIMARY_IPS, type ServerRecord } from "../../model.ts";
import { networkZoneOf } from "../locations.ts";
import { dnsPtrBody } from "../primary-ips.ts";
import { assertNetworkLimit } from "./create.ts";
import { self } from "./power-actions.ts";

/** The vendor's Go client sends null for an empty list. */
const ips = z
  .array(z.string().max(50))
  .nullish()
  .transform((list) => list ?? []);
const attachBody = z.object({
  network: idSchema,
  ip: z.string().max(50).optional(),
  ip_range: z.string().max(50).optional(),
  alias_ips: ips,
});

const both = (server: ServerRecord, network: number) => [...self(server), { type: "network", id: network }];

export const networkActions: Readonly<Record<string, KindAction<ServerRecord>>> = {
  attach_to_network: action(attachBody, (lab, server: ServerRecord, body) => {
    lab.assertUnlocked("server", server.id);
    const network = lab.store.get(NETWORKS, body.network);
    if (!network) throw invalidInput("network", `network with ID '${body.network}' not found`);
    assertNotAttached(lab, server, network);
    attach(lab, network, { type: "server", id: server.id }, { zone: networkZoneOf(server.location), ...body });
    return { action: lab.act("attach_to_network", both(server, network.id), { locks: self(server) }) };
  }),
  detach_from_network: action(z.object({ network: idSchema }), (lab, server: ServerRecord, body) => {
    lab.assertUnlocked("server", server.id);
    requireAttachment(lab, server, body.network);
    detach(lab, { type: "server", id: server.id }, body.network);
    return { action: lab.act("detach_from_network", both(server, body.network), { locks: self(server) }) };
  }),
  change_alias_ips: action(z.object({ network: idSchema, alias_ips: ips }), (lab, server: ServerRecord, body) => {
    lab.assertUnlocked("server", server.id);
    const attachment = requireAttachment(lab, server, body.network);
    const used = usedAddresses(lab, body.network);
    for (const ip of attachment.alias_ips) used.delete(parseIpv4(ip)!);
    const network = lab.store.get(NETWORKS, body.network)!;
    const alias_ips = pickAliases(network, used, networkZoneOf(server.location), body.alias_ips);
    lab.store.update(ATTACHMENTS, attachment.id, { alias_ips });
    return { action: lab.act("change_alias_ips", both(server, body.network), { locks: self(server) }) };
  }),
  change_dns_ptr: action(dnsPtrBody, (lab, server: ServerRecord, body) => {
    const held = lab.store.by(PRIMARY_IPS, "server", server.id).find((ip) => isIn(body.ip, ip.ip));
    if (!held) throw invalidInput("ip", `the server has no address '${body.ip.slice(0, 50)}'`);
    lab.store.update(PRIMARY_IPS, held.id, { dns_ptr: withDnsPtr(held.dns_ptr, held.ip, body.ip, body.dns_ptr) });
    return { action: lab.act("change_dns_ptr", self(server)) };
  }),
};

function requireAttachment(lab: Lab, server: ServerRecord, network: number) {
  const attachment = attachmentsOf(lab, { type: "server", id: server.id }).find((one) => one.network === network);
  if (!attachment) throw invalidInput("network", `the server is not attached to a network with ID '${network}'`);
  return attachment;
}

function assertNotAttached(lab: Lab, server: ServerRecord, network: NetworkRecord): void {
  const attached = attachmentsOf(lab, { type: "server", id: server.id }).map((one) => one.network);
  if (attached.includes(network.id)) {
    throw new ApiError("server_already_attached", `the server is attached to the network ${network.name} already`);
  }
  assertNetworkLimit(attached.length);
  const range = parseCidr(network.ip_range)!;
  for (const id of attached) {
    const other = lab.store.get(NETWORKS, id)!;
    if (overlaps(parseCidr(other.ip_range)!, range)) {
      throw new ApiError("networks_overlap", `the range of the network overlaps with that of ${other.name}`);
    }
  }
}
