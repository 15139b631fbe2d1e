import { gatewayOf } from "../../api/core/ipam.ts";
import { formatIpv4 } from "../../api/core/ipv4.ts";
import type { LabView } from "../../api/driver.ts";
import { firewallsOf } from "../../api/kinds/firewalls.ts";
import {
  ATTACHMENTS,
  type AttachmentRecord,
  type FirewallRule,
  NETWORKS,
  PRIMARY_IPS,
  SERVERS,
} from "../../api/model.ts";
import { FLOATING_IPS, LOAD_BALANCERS } from "../../api/model-traffic.ts";
import type { MemberType } from "./names.ts";

type Store = LabView["store"];

/** Slots of a machine's private interfaces, by the id of the attachment. */
export type Slots = ReadonlyMap<number, number>;

/** A server or load balancer with everything that its cables depend on. */
export interface Member {
  readonly id: number;
  readonly type: MemberType;
  /** Name of the location. */
  readonly location: string;
  /** Its public interface's address. */
  readonly ipv4?: string | undefined;
  /** Its public interface's network, as the API writes it: `2001:db8:0:1::/64`. */
  readonly ipv6?: string | undefined;
  /** Floating addresses and networks that are routed to it. */
  readonly floating: readonly string[];
  readonly attachments: readonly Attachment[];
  /** The rules of all its firewalls; undefined when it has none, which lets everything through. */
  readonly firewall?: readonly FirewallRule[] | undefined;
}

export interface Attachment {
  readonly slot: number;
  readonly mac: string;
  readonly ip: string;
  readonly aliases: readonly string[];
  readonly network: NetworkOf;
}

export interface NetworkOf {
  readonly id: number;
  readonly range: string;
  readonly gateway: string;
  readonly routes: readonly { readonly destination: string; readonly gateway: string }[];
}

/**
 * Slots after attaching and detaching: what stays keeps its slot, so that no interface is renamed under a running machine; what is new
 * takes the lowest free one, oldest first.
 */
export function nextSlots(before: Slots, attachments: readonly number[]): Slots {
  const slots = new Map([...before].filter(([id]) => attachments.includes(id)));
  for (const id of [...attachments].sort((a, b) => a - b)) {
    if (slots.has(id)) continue;
    let free = 0;
    while ([...slots.values()].includes(free)) free++;
    slots.set(id, free);
  }
  return slots;
}

/** Ids of an owner's attachments, oldest first. */
export function attachmentIds(store: Store, type: MemberType, id: number): number[] {
  return attachmentRecords(store, type, id).map((attachment) => attachment.id);
}

/** The member as the store has it; undefined when its record is gone. */
export function readMember(store: Store, type: MemberType, id: number, slots: Slots): Member | undefined {
  return type === "server" ? readServer(store, id, slots) : readLoadBalancer(store, id, slots);
}

function readServer(store: Store, id: number, slots: Slots): Member | undefined {
  const server = store.get(SERVERS, id);
  if (!server) return undefined;
  const primary = store.by(PRIMARY_IPS, "server", id);
  const firewalls = firewallsOf({ store }, server);
  return {
    id,
    type: "server",
    location: server.location,
    ipv4: primary.find((one) => one.type === "ipv4")?.ip,
    ipv6: primary.find((one) => one.type === "ipv6")?.ip,
    floating: store
      .by(FLOATING_IPS, "server", id)
      .map((one) => one.ip)
      .sort(),
    attachments: readAttachments(store, "server", id, slots),
    ...(firewalls.length === 0 ? {} : { firewall: firewalls.flatMap((firewall) => firewall.rules) }),
  };
}

function readLoadBalancer(store: Store, id: number, slots: Slots): Member | undefined {
  const balancer = store.get(LOAD_BALANCERS, id);
  if (!balancer) return undefined;
  const { enabled, ipv4, ipv6 } = balancer.public_net;
  return {
    id,
    type: "load_balancer",
    location: balancer.location,
    ...(enabled ? { ipv4: ipv4.ip, ipv6: ipv6.ip.replace(/1$/, "/64") } : {}),
    floating: [],
    attachments: readAttachments(store, "load_balancer", id, slots),
  };
}

function attachmentRecords(store: Store, type: MemberType, id: number): AttachmentRecord[] {
  return store.by(ATTACHMENTS, "owner", `${type} ${id}`).sort((a, b) => a.id - b.id);
}

function readAttachments(store: Store, type: MemberType, id: number, slots: Slots): Attachment[] {
  return attachmentRecords(store, type, id).flatMap((attachment) => {
    const network = store.get(NETWORKS, attachment.network);
    const slot = slots.get(attachment.id);
    if (network === undefined || slot === undefined) return [];
    const { ip_range: range, routes } = network;
    return {
      slot,
      mac: attachment.mac_address,
      ip: attachment.ip,
      aliases: attachment.alias_ips,
      network: { id: network.id, range, gateway: formatIpv4(gatewayOf(network)), routes },
    };
  });
}
